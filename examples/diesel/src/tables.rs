//! The story through the tables. The tool and its answer are functions in any case.

use crate::models::{Skill, SkillSubscription, SkillSummary, SkillVersion, skill_summary};
use crate::skills_schema::skills::{skill, skill_subscription, skill_version};
use crate::{DESCRIPTION, Person, TEXT1, TEXT2, code, names, offered};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Json, Record, Text};
use diesel::{insert_into, update};
use serde_json::Value;
use std::cell::RefCell;

/// A skill and its first version come in one transaction.
fn insert_skill(tx: &mut PgConnection, name: &str, accessibility: &str, description: &str, body: &str) -> QueryResult<Skill> {
	let values = (skill::name.eq(name), skill::accessibility.eq(accessibility));
	let skill: Skill = insert_into(skill::table).values(values).returning(Skill::as_returning()).get_result(tx)?;
	insert_version(tx, &skill.skill_id, description, body)?;
	Ok(skill)
}

fn insert_version(tx: &mut PgConnection, skill_id: &str, description: &str, body: &str) -> QueryResult<SkillVersion> {
	use skill_version as columns;
	let values = (columns::skill_id.eq(skill_id), columns::description.eq(description), columns::body.eq(body));
	insert_into(skill_version::table).values(values).returning(SkillVersion::as_returning()).get_result(tx)
}

pub fn tell(nobody: &RefCell<PgConnection>, alice: Person, bob: Person, dave: Person) -> QueryResult<()> {
	let Skill { skill_id: id, name, .. } = alice.run(|tx| insert_skill(tx, "refund", "private", DESCRIPTION, TEXT1))?;
	let created = skill_summary::table.filter(skill_summary::skill_id.eq(&id)).select(SkillSummary::as_select());
	println!("created {name}: version {}, pinned by its author", alice.one(created)?.ai_version.unwrap());

	let refund = skill::table.filter(skill::skill_id.eq(&id));
	if bob.one(refund.select(Skill::as_select())).optional()?.is_none() {
		println!("hidden from bob while it is private");
	}
	alice.one(update(refund).set(skill::accessibility.eq("org")).returning(Skill::as_returning()))?;

	let subscribe = (skill_subscription::skill_id.eq(&id), skill_subscription::ai_version.eq(1));
	let subscribe = insert_into(skill_subscription::table).values(subscribe).returning(SkillSubscription::as_returning());
	println!("shared: bob subscribes and pins version {}", bob.one(subscribe)?.ai_version.unwrap());
	let tool: Value = bob.one(sql::<Json>("SELECT tool FROM skills.load_skill_tool()"))?;
	println!("the tool offers bob: {}", offered(&tool));
	// Diesel joins by itself on keys of one column only.
	let version_of_pin = skill_version::org_id
		.eq(skill_subscription::org_id)
		.and(skill_version::skill_id.eq(skill_subscription::skill_id))
		.and(skill_version::version.nullable().eq(skill_subscription::ai_version));
	let pinned = || {
		let pins = skill_subscription::table.filter(skill_subscription::skill_id.eq(&id));
		bob.one(pins.inner_join(skill_version::table.on(version_of_pin)).select(SkillVersion::as_select()))
	};
	let loaded = pinned()?;
	println!("loaded by bob: version {}, {}", loaded.version, loaded.body);

	let second = alice.run(|tx| insert_version(tx, &id, DESCRIPTION, TEXT2))?;
	println!("edited: version {}, bob still loads version {}", second.version, pinned()?.version);
	let pin = |version: i32| {
		let pins = skill_subscription::table.filter(skill_subscription::skill_id.eq(&id));
		bob.one(update(pins).set(skill_subscription::ai_version.eq(version)).returning(SkillSubscription::as_returning()))
	};
	pin(second.version)?;
	let loaded = pinned()?;
	println!("bob pins version {}: {}", loaded.version, loaded.body);

	alice.run(|tx| {
		for name in ["archive", "billing", "travel"] {
			insert_skill(tx, name, "org", &format!("Use for {name}."), "Ask first.")?;
		}
		Ok(())
	})?;

	// Pages go on from the last row that was seen.
	let page = |name: &str, id: &str| {
		let row = (skill_summary::name, skill_summary::skill_id).into_sql::<Record<(Text, Text)>>();
		let rows = skill_summary::table.filter(row.gt((name, id))).order((skill_summary::name, skill_summary::skill_id));
		bob.all(rows.limit(2).select(SkillSummary::as_select()))
	};
	let page1 = page("", "")?;
	println!("page 1: {}", names(&page1));
	println!("page 2: {}", names(&page(&page1[1].name, &page1[1].skill_id)?));

	println!("not found: {}", code(pin(9)));
	println!("not allowed: {}", code(bob.run(|tx| update(refund).set(skill::name.eq("repay")).execute(tx))));
	let again = (skill::name.eq("refund"), skill::accessibility.eq("org"));
	println!("name taken: {}", code(bob.run(|tx| insert_into(skill::table).values(again).execute(tx))));

	// Read, changed by another session, written from the old copy.
	let edit = |body: &str| {
		let old = update(&second).filter(skill_version::revision.eq(second.revision));
		alice.run(|tx| old.set(skill_version::body.eq(body)).execute(tx))
	};
	edit(&format!("{} Once.", second.body))?;
	if edit(TEXT1)? == 0 {
		println!("changed meanwhile: read it again");
	}

	let unowned = insert_into(skill::table).values(skill::name.eq("refund")).execute(&mut *nobody.borrow_mut());
	println!("no identity: {}", code(unowned));
	println!("dave of globex sees {} skills", dave.one::<i64>(skill::table.count())?);
	Ok(())
}
