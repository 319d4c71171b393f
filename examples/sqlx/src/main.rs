//! The story, told by sqlx: story tables | functions. And what check runs: story migrate FOLDER
mod functions;
mod models;
mod skills;
mod tables;

use models::SkillSummary;
use skills::{as_user, sqlstate};
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::query::QueryAs;
use sqlx::{Error, FromRow, Postgres};

const DESCRIPTION: &str = "Use when a customer wants money back.";
const TEXT1: &str = "Up to 30 days after the order: pay it back.";
const TEXT2: &str = "Up to 60 days after the order: pay it back.";

type Query<'q, T> = QueryAs<'q, Postgres, T, PgArguments>;

/// One of the people of the story.
struct Person<'a> {
	pool: &'a PgPool,
	user: &'a str,
	org: &'a str,
}

impl Person<'_> {
	/// A transaction of one statement.
	async fn all<T: for<'r> FromRow<'r, PgRow> + Send + Unpin>(&self, query: Query<'_, T>) -> Result<Vec<T>, Error> {
		as_user(self.pool, self.user, self.org, async |tx| query.fetch_all(tx).await).await
	}

	async fn one<T: for<'r> FromRow<'r, PgRow> + Send + Unpin>(&self, query: Query<'_, T>) -> Result<T, Error> {
		as_user(self.pool, self.user, self.org, async |tx| query.fetch_one(tx).await).await
	}
}

/// Errors are told apart by SQLSTATE.
fn code<T>(result: Result<T, Error>) -> String {
	result.err().and_then(|error| sqlstate(&error)).unwrap_or("no error".into())
}

fn names(page: &[SkillSummary]) -> String {
	page.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The names that the tool's definition offers, as the model may give them.
fn offered(tool: &serde_json::Value) -> String {
	let list = tool["input_schema"]["properties"]["name"]["enum"].as_array().expect("a list of names");
	list.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
	let arguments: Vec<String> = std::env::args().collect();
	if let [_, _, folder] = &arguments[..] {
		let pool = PgPool::connect(&std::env::var("ADMIN_URL")?).await?;
		return Ok(sqlx::migrate::Migrator::new(std::path::Path::new(folder)).await?.run(&pool).await?);
	}
	let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
	let alice = Person { pool: &pool, user: "alice", org: "acme" };
	let bob = Person { pool: &pool, user: "bob", org: "acme" };
	let dave = Person { pool: &pool, user: "dave", org: "globex" };
	match arguments[1].as_str() {
		"tables" => tables::tell(&pool, alice, bob, dave).await?,
		_ => functions::tell(&pool, alice, bob, dave).await?,
	}
	Ok(())
}
