//! The rows of the extension's tables and of the view.
#![allow(dead_code)]

use serde_json::Value;
use sqlx::{FromRow, types::time::OffsetDateTime};

#[derive(Debug, FromRow)]
pub struct Skill {
	pub org_id: String,
	pub skill_id: String,
	pub name: String,
	pub accessibility: String,
	pub tags: Vec<String>,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
}

#[derive(Debug, FromRow)]
pub struct SkillVersion {
	pub org_id: String,
	pub skill_id: String,
	pub version: i32,
	pub description: String,
	pub body: String,
	pub relevant_topics: Vec<String>,
	pub frontmatter: Option<Value>,
	pub author: String,
	pub accessibility: String,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
}

#[derive(Debug, FromRow)]
pub struct SkillSubscription {
	pub org_id: String,
	pub user_id: String,
	pub skill_id: String,
	pub ai_version: Option<i32>,
	pub subscribed: OffsetDateTime,
}

#[derive(Debug, FromRow)]
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

#[derive(Debug, FromRow)]
pub struct SkillSummary {
	pub org_id: String,
	pub skill_id: String,
	pub name: String,
	pub accessibility: String,
	pub tags: Vec<String>,
	pub created: OffsetDateTime,
	pub created_by: String,
	pub modified: OffsetDateTime,
	pub modified_by: Option<String>,
	pub revision: i32,
	pub latest_version: i32,
	pub latest_description: String,
	pub latest_body: String,
	pub latest_relevant_topics: Vec<String>,
	pub latest_created: OffsetDateTime,
	pub latest_modified: OffsetDateTime,
	pub is_subscribed: bool,
	pub ai_version: Option<i32>,
	pub subscribed: Option<OffsetDateTime>,
	pub is_author: bool,
	pub can_edit: bool,
	/// Of `list_skills()` alone.
	#[sqlx(default)]
	pub page_token: String,
}
