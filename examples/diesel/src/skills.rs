//! What an app copies: who is asking, and which error it was.

use diesel::result::DatabaseErrorKind::*;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, result::DatabaseErrorKind, result::Error, sql_query};

/// Runs work in a transaction that speaks for the user. An error rolls back.
pub fn as_user<T>(
	connection: &mut PgConnection,
	user: &str,
	org: &str,
	work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
) -> QueryResult<T> {
	connection.transaction(|tx| {
		sql_query("SELECT skills.set_identity($1, $2)").bind::<Text, _>(user).bind::<Text, _>(org).execute(tx)?;
		work(tx)
	})
}

/// The SQLSTATE of what the database answered, of those that an app acts on.
///
/// Diesel reads the code, keeps a kind for some, and hands on no other. What is
/// left is the message: the extension's are in English in every database.
pub fn sqlstate(error: &Error) -> Option<&'static str> {
	match error {
		Error::DatabaseError(kind, answer) => of_kind(*kind).or_else(|| of_message(answer.message())),
		Error::RollbackErrorOnCommit { commit_error, .. } => sqlstate(commit_error),
		_ => None,
	}
}

fn of_kind(kind: DatabaseErrorKind) -> Option<&'static str> {
	match kind {
		RestrictViolation => Some("23001"),
		NotNullViolation => Some("23502"),
		ForeignKeyViolation => Some("23503"),
		UniqueViolation => Some("23505"),
		CheckViolation => Some("23514"),
		ExclusionViolation => Some("23P01"),
		ReadOnlyTransaction => Some("25006"),
		SerializationFailure => Some("40001"),
		_ => None,
	}
}

/// How a message begins and ends; what stands between is what callers have
/// named. The last three are PostgreSQL's own, which `lc_messages` translates.
const MESSAGES: [(&str, &str, &str); 10] = [
	("no caller identity is set", "", "28000"),
	("skill \"", "\" does not exist", "P0002"),
	("skill \"", "\" is not in the registry", "P0002"),
	("version ", "\" does not exist", "P0002"),
	("file \"", "\" does not exist", "P0002"),
	("column \"", "\" cannot be changed", "42501"),
	("expected revision ", "", "55000"),
	("permission denied ", "", "42501"), // and the extension's
	("new row violates row-level security policy ", "", "42501"),
	("deadlock detected", "", "40P01"),
];

fn of_message(message: &str) -> Option<&'static str> {
	let mut known = MESSAGES.iter();
	known.find(|(begin, end, _)| message.starts_with(begin) && message.ends_with(end)).map(|(_, _, code)| *code)
}
