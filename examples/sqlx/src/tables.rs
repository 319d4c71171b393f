//! The story through the tables. The tool and its answer are functions in any case.

use crate::models::{Skill, SkillSubscription, SkillSummary, SkillVersion};
use crate::skills::as_user;
use crate::{DESCRIPTION, Person, TEXT1, TEXT2, code, names, offered};
use serde_json::Value;
use sqlx::{Error, PgConnection, PgPool, query, query_as};

const INSERT_VERSION: &str = "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3) RETURNING *";
const PINNED: &str = "SELECT skill_version.* FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
	WHERE skill_id = $1 AND version = ai_version";
const PIN: &str = "UPDATE skills.skill_subscription SET ai_version = $2 WHERE skill_id = $1 RETURNING *";
const EDIT: &str = "UPDATE skills.skill_version SET body = $3 WHERE skill_id = $1 AND version = $2 AND revision = $4 RETURNING *";
const LIST: &str = "SELECT * FROM skills.skill_summary WHERE (name, skill_id) > ($1, $2) ORDER BY name, skill_id LIMIT 2";

/// A skill and its first version come in one transaction.
async fn insert_skill(tx: &mut PgConnection, name: &str, accessibility: &str, description: &str, body: &str) -> Result<Skill, Error> {
	let insert = query_as("INSERT INTO skills.skill (name, accessibility) VALUES ($1, $2) RETURNING *");
	let skill: Skill = insert.bind(name).bind(accessibility).fetch_one(&mut *tx).await?;
	query(INSERT_VERSION).bind(&skill.skill_id).bind(description).bind(body).execute(tx).await?;
	Ok(skill)
}

pub async fn tell(pool: &PgPool, alice: Person<'_>, bob: Person<'_>, dave: Person<'_>) -> Result<(), Error> {
	let Skill { skill_id: id, name, .. } =
		as_user(pool, "alice", "acme", async |tx| insert_skill(tx, "refund", "private", DESCRIPTION, TEXT1).await).await?;
	let created: SkillSummary = alice.one(query_as("SELECT * FROM skills.skill_summary WHERE skill_id = $1").bind(&id)).await?;
	println!("created {name}: version {}, pinned by its author", created.ai_version.unwrap());

	if bob.all::<Skill>(query_as("SELECT * FROM skills.skill")).await?.is_empty() {
		println!("hidden from bob while it is private");
	}
	let share = query_as("UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = $1 RETURNING *").bind(&id);
	alice.one::<Skill>(share).await?;

	let subscribe = query_as("INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($1, 1) RETURNING *").bind(&id);
	println!("shared: bob subscribes and pins version {}", bob.one::<SkillSubscription>(subscribe).await?.ai_version.unwrap());
	let (tool,): (Value,) = bob.one(query_as("SELECT tool FROM skills.load_skill_tool()")).await?;
	println!("the tool offers bob: {}", offered(&tool));
	let pinned = async || bob.one::<SkillVersion>(query_as(PINNED).bind(&id)).await;
	let loaded = pinned().await?;
	println!("loaded by bob: version {}, {}", loaded.version, loaded.body);

	let second: SkillVersion = alice.one(query_as(INSERT_VERSION).bind(&id).bind(DESCRIPTION).bind(TEXT2)).await?;
	println!("edited: version {}, bob still loads version {}", second.version, pinned().await?.version);
	let pin = async |version: i32| bob.one::<SkillSubscription>(query_as(PIN).bind(&id).bind(version)).await;
	pin(second.version).await?;
	let loaded = pinned().await?;
	println!("bob pins version {}: {}", loaded.version, loaded.body);

	as_user(pool, "alice", "acme", async |tx| {
		for name in ["archive", "billing", "travel"] {
			insert_skill(tx, name, "org", &format!("Use for {name}."), "Ask first.").await?;
		}
		Ok(())
	})
	.await?;

	// Pages go on from the last row that was seen.
	let page = async |name: &str, id: &str| bob.all::<SkillSummary>(query_as(LIST).bind(name).bind(id)).await;
	let page1 = page("", "").await?;
	println!("page 1: {}", names(&page1));
	println!("page 2: {}", names(&page(&page1[1].name, &page1[1].skill_id).await?));

	println!("not found: {}", code(pin(9).await));
	let rename = query_as("UPDATE skills.skill SET name = 'repay' WHERE skill_id = $1 RETURNING *").bind(&id);
	println!("not allowed: {}", code(bob.one::<Skill>(rename).await));
	let again = query_as("INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org') RETURNING *");
	println!("name taken: {}", code(bob.one::<Skill>(again).await));

	// Read, changed by another session, written from the old copy.
	let edit = async |body: &str| {
		alice.all::<SkillVersion>(query_as(EDIT).bind(&id).bind(second.version).bind(body).bind(second.revision)).await
	};
	edit(&format!("{} Once.", second.body)).await?;
	if edit(TEXT1).await?.is_empty() {
		println!("changed meanwhile: read it again");
	}

	println!("no identity: {}", code(query("INSERT INTO skills.skill (name) VALUES ('refund')").execute(pool).await));
	println!("dave of globex sees {} skills", dave.all::<Skill>(query_as("SELECT * FROM skills.skill")).await?.len());
	Ok(())
}
