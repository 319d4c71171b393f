//! What an app copies: who is asking, and which error it was.

use sqlx::{Error, PgConnection, PgPool};

/// Runs work in a transaction that speaks for the user. All its statements go
/// over its connection: those of the pool take any. An error rolls back.
pub async fn as_user<T>(
	pool: &PgPool,
	user: &str,
	org: &str,
	work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<T, Error> {
	let mut tx = pool.begin().await?;
	sqlx::query("SELECT skills.set_identity($1, $2)").bind(user).bind(org).execute(&mut *tx).await?;
	let result = work(&mut tx).await?;
	tx.commit().await?;
	Ok(result)
}

/// The SQLSTATE that the database answered with, none for any other error.
pub fn sqlstate(error: &Error) -> Option<String> {
	Some(error.as_database_error()?.code()?.into_owned())
}
