//! The rows of the extension's tables and of the view.
#![allow(dead_code)]

use crate::skills_schema::skills::*;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;
use time::OffsetDateTime;

// print-schema passes over views.
diesel::table! {
	skills.skill_summary (org_id, skill_id) {
		org_id -> Text,
		skill_id -> Text,
		name -> Text,
		accessibility -> Text,
		tags -> Array<Nullable<Text>>,
		created -> Timestamptz,
		created_by -> Text,
		modified -> Timestamptz,
		modified_by -> Nullable<Text>,
		revision -> Int4,
		latest_version -> Int4,
		latest_description -> Text,
		latest_body -> Text,
		latest_relevant_topics -> Array<Nullable<Text>>,
		latest_created -> Timestamptz,
		latest_modified -> Timestamptz,
		is_subscribed -> Bool,
		ai_version -> Nullable<Int4>,
		subscribed -> Nullable<Timestamptz>,
		is_author -> Bool,
		can_edit -> Bool,
	}
}

#[derive(Debug, Queryable, QueryableByName, Selectable, Identifiable)]
#[diesel(table_name = skill, primary_key(org_id, skill_id), check_for_backend(Pg))]
pub struct Skill {
	pub org_id: String,
	pub skill_id: String,
	pub name: String,
	pub accessibility: String,
	pub tags: Vec<Option<String>>,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
}

#[derive(Debug, Queryable, QueryableByName, Selectable, Identifiable)]
#[diesel(table_name = skill_version, primary_key(org_id, skill_id, version), check_for_backend(Pg))]
pub struct SkillVersion {
	pub org_id: String,
	pub skill_id: String,
	pub version: i32,
	pub description: String,
	pub body: String,
	pub relevant_topics: Vec<Option<String>>,
	pub frontmatter: Option<Value>,
	pub author: String,
	pub accessibility: String,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
}

#[derive(Debug, Queryable, QueryableByName, Selectable, Identifiable)]
#[diesel(table_name = skill_subscription, primary_key(org_id, user_id, skill_id), check_for_backend(Pg))]
pub struct SkillSubscription {
	pub org_id: String,
	pub user_id: String,
	pub skill_id: String,
	pub ai_version: Option<i32>,
	pub subscribed: OffsetDateTime,
}

#[derive(Debug, Queryable, QueryableByName, Selectable, Identifiable)]
#[diesel(table_name = skill_file, primary_key(org_id, skill_id, version, path), check_for_backend(Pg))]
pub struct SkillFile {
	pub org_id: String,
	pub skill_id: String,
	pub version: i32,
	pub path: String,
	pub content: Vec<u8>,
	pub size: i32,
	pub sha256: String,
	pub executable: bool,
	pub author: String,
	pub accessibility: String,
	pub created: OffsetDateTime,
	pub created_by: String,
}

#[derive(Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = skill_summary, check_for_backend(Pg))]
pub struct SkillSummary {
	pub org_id: String,
	pub skill_id: String,
	pub name: String,
	pub accessibility: String,
	pub tags: Vec<Option<String>>,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
	pub latest_version: i32,
	pub latest_description: String,
	pub latest_body: String,
	pub latest_relevant_topics: Vec<Option<String>>,
	pub latest_created: OffsetDateTime,
	pub latest_modified: OffsetDateTime,
	pub is_subscribed: bool,
	pub ai_version: Option<i32>,
	pub subscribed: Option<OffsetDateTime>,
	pub is_author: bool,
	pub can_edit: bool,
}

/// A row of `list_skills()`.
#[derive(Debug, QueryableByName)]
pub struct Listed {
	#[diesel(embed)]
	pub skill: SkillSummary,
	#[diesel(sql_type = Text)]
	pub page_token: String,
}
