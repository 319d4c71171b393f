-- The rules of seeing and editing, each in one place: what policies, triggers
-- and views ask.

-- One expression, so that the planner puts it in the place of the call: a
-- policy costs no call a row, and its rows can be estimated.
CREATE FUNCTION skills.can_see(author text, accessibility text) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN accessibility <> 'private' OR author = skills.current_user_id();
REVOKE ALL ON FUNCTION skills.can_see(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.can_see(text, text) IS 'Whether the caller may see a skill of its own org with that author and accessibility';

CREATE FUNCTION skills.can_edit(author text, accessibility text, is_subscribed boolean) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_can_edit';
REVOKE ALL ON FUNCTION skills.can_edit(text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.can_edit(text, text, boolean) IS 'Whether the caller may edit a skill of its own org with that author and accessibility';

CREATE FUNCTION skills.taken_as_given() RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_taken_as_given';
REVOKE ALL ON FUNCTION skills.taken_as_given() FROM PUBLIC;
COMMENT ON FUNCTION skills.taken_as_given() IS 'Whether a row that the session writes now is taken as given: its role bypasses row security and has no identity set';

CREATE FUNCTION skills.no_such(skill_id text, version integer DEFAULT NULL) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_no_such';
REVOKE ALL ON FUNCTION skills.no_such(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.no_such(text, integer) IS 'Raises P0002: the skill, or that version of it, does not exist';

CREATE FUNCTION skills.check_revision(expected integer, actual integer) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_revision';
REVOKE ALL ON FUNCTION skills.check_revision(integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_revision(integer, integer) IS 'True, or error 55000 if a revision is expected and the row has another';

-- What the CHECK constraints ask. They raise 22023 with both numbers.

CREATE FUNCTION skills.new_skill_id() RETURNS text
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_new_skill_id';
REVOKE ALL ON FUNCTION skills.new_skill_id() FROM PUBLIC;
COMMENT ON FUNCTION skills.new_skill_id() IS 'A new skill id: sk_ and 26 characters of Crockford base32, 48 bits of milliseconds and 80 random ones';

CREATE FUNCTION skills.check_skill_id(value text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_skill_id';
REVOKE ALL ON FUNCTION skills.check_skill_id(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_skill_id(text) IS 'True, or error 22023 unless the value has the form of a skill id';

CREATE FUNCTION skills.check_name(value text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_name';
REVOKE ALL ON FUNCTION skills.check_name(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_name(text) IS 'True, or error 22023 unless the value can be the name of a skill';

CREATE FUNCTION skills.check_accessibility(value text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_accessibility';
REVOKE ALL ON FUNCTION skills.check_accessibility(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_accessibility(text) IS 'True, or error 22023 unless the value is private, org or org-editable';

CREATE FUNCTION skills.check_tags(value text[]) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_tags';
REVOKE ALL ON FUNCTION skills.check_tags(text[]) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_tags(text[]) IS 'True, or error 22023 unless the value can be the tags of a skill, 22004 for a NULL in it';

CREATE FUNCTION skills.check_description(value text, imported boolean) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_description';
REVOKE ALL ON FUNCTION skills.check_description(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_description(text, boolean) IS 'True, or error 22023 unless the value can be the description of a version';

CREATE FUNCTION skills.check_frontmatter(value jsonb) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_frontmatter';
REVOKE ALL ON FUNCTION skills.check_frontmatter(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_frontmatter(jsonb) IS 'True, or error 22023 or 54000 unless the value can be the front matter of a SKILL.md';

CREATE FUNCTION skills.check_path(value text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_check_path';
REVOKE ALL ON FUNCTION skills.check_path(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.check_path(text) IS 'True, or error 22023 unless the value can be the path of a skill''s file';

-- Dear, so that a look-up by key uses the index of keys.
CREATE FUNCTION skills.path_key(path text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'skills_path_key_of';
REVOKE ALL ON FUNCTION skills.path_key(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.path_key(text) IS 'A key that is the same for all paths that are equal but for case or Unicode normal form';
