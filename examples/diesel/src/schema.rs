// @generated automatically by Diesel CLI.

diesel::table! {
    conversation (conversation_id) {
        conversation_id -> Text,
        org_id -> Text,
        about -> Text,
    }
}
