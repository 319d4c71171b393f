//! The story through the functions.

use crate::models::{Listed, Skill, SkillSubscription, SkillVersion};
use crate::{DESCRIPTION, Person, TEXT1, TEXT2, code, names, offered};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Json, Nullable, Text};
use serde_json::Value;
use std::cell::RefCell;

const CREATE: &str = "SELECT * FROM skills.create_skill($1, $2, $3, $4)";
const PIN: &str = "SELECT * FROM skills.set_ai_version($1, $2)";
const LOAD: &str = "SELECT version, body FROM skills.load_skill('refund')";
const LIST: &str = "SELECT * FROM skills.list_skills(max_rows => 2, after => $1)";
const EDIT: &str = "SELECT * FROM skills.update_version($1, $2, body => $3, expected_revision => $4)";

pub fn tell(nobody: &RefCell<PgConnection>, alice: Person, bob: Person, dave: Person) -> QueryResult<()> {
	let create = |who: &Person, name: &str, description: &str, body: &str, accessibility: &str| {
		let call = sql_query(CREATE).bind::<Text, _>(name).bind::<Text, _>(description);
		who.one::<Skill>(call.bind::<Text, _>(body).bind::<Text, _>(accessibility))
	};
	let Skill { skill_id: id, name, .. } = create(&alice, "refund", DESCRIPTION, TEXT1, "private")?;
	let version: i32 = alice.one(sql::<Integer>("SELECT version FROM skills.ai_registry()"))?;
	println!("created {name}: version {version}, pinned by its author");

	let page = |who: &Person, after: Option<&str>| who.all::<Listed>(sql_query(LIST).bind::<Nullable<Text>, _>(after));
	if page(&bob, None)?.is_empty() {
		println!("hidden from bob while it is private");
	}
	let share = sql_query("SELECT * FROM skills.update_skill($1, accessibility => 'org')").bind::<Text, _>(&id);
	alice.one::<Skill>(share)?;

	let pin = |version: i32| bob.one::<SkillSubscription>(sql_query(PIN).bind::<Text, _>(&id).bind::<Integer, _>(version));
	println!("shared: bob subscribes and pins version {}", pin(1)?.ai_version.unwrap());
	let tool: Value = bob.one(sql::<Json>("SELECT tool FROM skills.load_skill_tool()"))?;
	println!("the tool offers bob: {}", offered(&tool));
	let load = || bob.one::<(i32, String)>(sql::<(Integer, Text)>(LOAD));
	let (version, body) = load()?;
	println!("loaded by bob: version {version}, {body}");

	let add = sql_query("SELECT * FROM skills.create_version($1, $2, $3)");
	let add = add.bind::<Text, _>(&id).bind::<Text, _>(DESCRIPTION).bind::<Text, _>(TEXT2);
	let second = alice.one::<SkillVersion>(add)?.version;
	println!("edited: version {second}, bob still loads version {}", load()?.0);
	pin(second)?;
	let (version, body) = load()?;
	println!("bob pins version {version}: {body}");

	for name in ["archive", "billing", "travel"] {
		create(&alice, name, &format!("Use for {name}."), "Ask first.", "org")?;
	}
	// Pages go on from the last row that was seen.
	let page1 = page(&bob, None)?;
	println!("page 1: {}", names(page1.iter().map(|row| &row.skill)));
	println!("page 2: {}", names(page(&bob, Some(&page1[1].page_token))?.iter().map(|row| &row.skill)));

	println!("not found: {}", code(pin(9)));
	let rename = sql_query("SELECT * FROM skills.update_skill($1, name => 'repay')").bind::<Text, _>(&id);
	println!("not allowed: {}", code(bob.one::<Skill>(rename)));
	println!("name taken: {}", code(create(&bob, "refund", "Mine.", "Never.", "org")));

	// Read, changed by another session, written from the old copy.
	let edit = |body: &str, revision: i32| {
		let call = sql_query(EDIT).bind::<Text, _>(&id).bind::<Integer, _>(second);
		alice.one::<SkillVersion>(call.bind::<Text, _>(body).bind::<Integer, _>(revision))
	};
	let read = sql_query("SELECT * FROM skills.get_version($1, $2)").bind::<Text, _>(&id).bind::<Integer, _>(second);
	let old: SkillVersion = alice.one(read)?;
	edit(&format!("{} Once.", old.body), old.revision)?;
	if code(edit(TEXT1, old.revision)) == "55000" {
		println!("changed meanwhile: read it again");
	}

	let unowned = sql_query("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')").execute(&mut *nobody.borrow_mut());
	println!("no identity: {}", code(unowned));
	println!("dave of globex sees {} skills", page(&dave, None)?.len());
	Ok(())
}
