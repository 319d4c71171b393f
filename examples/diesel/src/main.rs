//! The story, told by Diesel: story tables | functions. And what check runs: story migrate FOLDER, story code STATEMENTS
mod functions;
mod models;
mod skills;
mod skills_schema;
mod tables;

use diesel::connection::SimpleConnection;
use diesel::query_dsl::methods::LoadQuery;
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use models::SkillSummary;
use skills::{as_user, sqlstate};
use std::cell::RefCell;
use std::error::Error;

const DESCRIPTION: &str = "Use when a customer wants money back.";
const TEXT1: &str = "Up to 30 days after the order: pay it back.";
const TEXT2: &str = "Up to 60 days after the order: pay it back.";

/// One of the people of the story. They share a connection, as they would one of a pool.
struct Person<'a> {
	connection: &'a RefCell<PgConnection>,
	user: &'a str,
	org: &'a str,
}

impl Person<'_> {
	fn run<T>(&self, work: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
		as_user(&mut self.connection.borrow_mut(), self.user, self.org, work)
	}

	/// A transaction of one statement.
	fn all<'q, T>(&self, query: impl LoadQuery<'q, PgConnection, T>) -> QueryResult<Vec<T>> {
		self.run(|tx| query.load(tx))
	}

	fn one<'q, T>(&self, query: impl LoadQuery<'q, PgConnection, T>) -> QueryResult<T> {
		self.run(|tx| query.get_result(tx))
	}
}

/// What an error is told by.
fn code<T>(result: QueryResult<T>) -> &'static str {
	result.err().map_or("no error", |error| sqlstate(&error).unwrap_or("another error"))
}

fn names<'a>(page: impl IntoIterator<Item = &'a SkillSummary>) -> String {
	page.into_iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The names that the tool's definition offers, as the model may give them.
fn offered(tool: &serde_json::Value) -> String {
	let list = tool["input_schema"]["properties"]["name"]["enum"].as_array().expect("a list of names");
	list.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
	let arguments: Vec<String> = std::env::args().collect();
	let open = |name: &str| -> Result<_, Box<dyn Error + Send + Sync>> { Ok(PgConnection::establish(&std::env::var(name)?)?) };
	match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
		["migrate", folder] => {
			open("ADMIN_URL")?.run_pending_migrations(FileBasedMigrations::from_path(folder)?)?;
		}
		["code", statements] => {
			let answer = as_user(&mut open("DATABASE_URL")?, "bob", "acme", |tx| tx.batch_execute(statements));
			println!("{}", code(answer));
		}
		[way] => {
			let connection = RefCell::new(open("DATABASE_URL")?);
			let alice = Person { connection: &connection, user: "alice", org: "acme" };
			let bob = Person { connection: &connection, user: "bob", org: "acme" };
			let dave = Person { connection: &connection, user: "dave", org: "globex" };
			match way {
				"tables" => tables::tell(&connection, alice, bob, dave)?,
				_ => functions::tell(&connection, alice, bob, dave)?,
			}
		}
		_ => return Err("story tables | functions".into()),
	}
	Ok(())
}
