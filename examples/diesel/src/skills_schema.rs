// @generated automatically by Diesel CLI.

pub mod skills {
    diesel::table! {
        skills.skill (org_id, skill_id) {
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
        }
    }

    diesel::table! {
        skills.skill_file (org_id, skill_id, version, path) {
            org_id -> Text,
            skill_id -> Text,
            version -> Int4,
            path -> Text,
            content -> Bytea,
            size -> Int4,
            sha256 -> Text,
            executable -> Bool,
            author -> Text,
            accessibility -> Text,
            created -> Timestamptz,
            created_by -> Text,
        }
    }

    diesel::table! {
        skills.skill_subscription (org_id, user_id, skill_id) {
            org_id -> Text,
            user_id -> Text,
            skill_id -> Text,
            ai_version -> Nullable<Int4>,
            subscribed -> Timestamptz,
        }
    }

    diesel::table! {
        skills.skill_version (org_id, skill_id, version) {
            org_id -> Text,
            skill_id -> Text,
            version -> Int4,
            description -> Text,
            body -> Text,
            relevant_topics -> Array<Nullable<Text>>,
            frontmatter -> Nullable<Jsonb>,
            author -> Text,
            accessibility -> Text,
            created -> Timestamptz,
            created_by -> Text,
            modified -> Timestamptz,
            modified_by -> Nullable<Text>,
            revision -> Int4,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(
        skill,
        skill_file,
        skill_subscription,
        skill_version,
    );
}
