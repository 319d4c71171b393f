//! The story through the functions.

use crate::models::{Skill, SkillSubscription, SkillSummary};
use crate::{DESCRIPTION, Person, TEXT1, TEXT2, code, names, offered};
use serde_json::Value;
use sqlx::{Error, PgPool, query, query_as};

const CREATE: &str = "SELECT * FROM skills.create_skill($1, $2, $3, $4)";
const PIN: &str = "SELECT * FROM skills.set_ai_version($1, $2)";
const LOAD: &str = "SELECT version, body FROM skills.load_skill('refund')";
const LIST: &str = "SELECT * FROM skills.list_skills(max_rows => 2, after => $1)";
const EDIT: &str = "SELECT revision FROM skills.update_version($1, $2, body => $3, expected_revision => $4)";

pub async fn tell(pool: &PgPool, alice: Person<'_>, bob: Person<'_>, dave: Person<'_>) -> Result<(), Error> {
	let Skill { skill_id: id, name, .. } =
		alice.one(query_as(CREATE).bind("refund").bind(DESCRIPTION).bind(TEXT1).bind("private")).await?;
	let (version,): (i32,) = alice.one(query_as("SELECT version FROM skills.ai_registry()")).await?;
	println!("created {name}: version {version}, pinned by its author");

	let page = async |after: Option<&str>| bob.all::<SkillSummary>(query_as(LIST).bind(after)).await;
	if page(None).await?.is_empty() {
		println!("hidden from bob while it is private");
	}
	alice.one::<Skill>(query_as("SELECT * FROM skills.update_skill($1, accessibility => 'org')").bind(&id)).await?;

	let pin = async |version: i32| bob.one::<SkillSubscription>(query_as(PIN).bind(&id).bind(version)).await;
	println!("shared: bob subscribes and pins version {}", pin(1).await?.ai_version.unwrap());
	let (tool,): (Value,) = bob.one(query_as("SELECT tool FROM skills.load_skill_tool()")).await?;
	println!("the tool offers bob: {}", offered(&tool));
	let (version, body): (i32, String) = bob.one(query_as(LOAD)).await?;
	println!("loaded by bob: version {version}, {body}");

	let (second,): (i32,) = alice
		.one(query_as("SELECT version FROM skills.create_version($1, $2, $3)").bind(&id).bind(DESCRIPTION).bind(TEXT2))
		.await?;
	let (version, _): (i32, String) = bob.one(query_as(LOAD)).await?;
	println!("edited: version {second}, bob still loads version {version}");
	pin(second).await?;
	let (version, body): (i32, String) = bob.one(query_as(LOAD)).await?;
	println!("bob pins version {version}: {body}");

	for name in ["archive", "billing", "travel"] {
		let create = query_as(CREATE).bind(name).bind(format!("Use for {name}.")).bind("Ask first.").bind("org");
		alice.one::<Skill>(create).await?;
	}
	// Pages go on from the last row that was seen.
	let page1 = page(None).await?;
	println!("page 1: {}", names(&page1));
	println!("page 2: {}", names(&page(Some(&page1[1].page_token)).await?));

	println!("not found: {}", code(pin(9).await));
	let rename = query_as("SELECT * FROM skills.update_skill($1, name => 'repay')").bind(&id);
	println!("not allowed: {}", code(bob.one::<Skill>(rename).await));
	let again = query_as(CREATE).bind("refund").bind("Mine.").bind("Never.").bind("org");
	println!("name taken: {}", code(bob.one::<Skill>(again).await));

	// Read, changed by another session, written from the old copy.
	let edit = async |body: &str, revision: i32| {
		alice.one::<(i32,)>(query_as(EDIT).bind(&id).bind(second).bind(body).bind(revision)).await
	};
	let (body, revision): (String, i32) =
		alice.one(query_as("SELECT body, revision FROM skills.get_version($1, $2)").bind(&id).bind(second)).await?;
	edit(&format!("{body} Once."), revision).await?;
	if code(edit(TEXT1, revision).await) == "55000" {
		println!("changed meanwhile: read it again");
	}

	println!("no identity: {}", code(query("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')").execute(pool).await));
	let seen = dave.all::<SkillSummary>(query_as(LIST).bind(None::<&str>)).await?;
	println!("dave of globex sees {} skills", seen.len());
	Ok(())
}
