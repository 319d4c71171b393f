-- A version: one numbered, mutable text of a skill.

CREATE TABLE skills.skill_version (
	org_id          text COLLATE "C" NOT NULL DEFAULT skills.current_org_id(),
	skill_id        text COLLATE "C" NOT NULL,
	version         integer NOT NULL DEFAULT 0,
	description     text NOT NULL,
	body            text NOT NULL,
	relevant_topics text[] NOT NULL DEFAULT '{}',
	frontmatter     jsonb,
	author          text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	accessibility   text COLLATE "C" NOT NULL DEFAULT 'private',
	created         timestamptz NOT NULL DEFAULT now(),
	created_by      text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	modified        timestamptz NOT NULL DEFAULT now(),
	modified_by     text COLLATE "C" DEFAULT skills.current_user_id(),
	revision        integer NOT NULL DEFAULT 1,
	CONSTRAINT skill_version_pkey PRIMARY KEY (org_id, skill_id, version),
	CONSTRAINT skill_version_skill_fkey FOREIGN KEY (org_id, skill_id)
		REFERENCES skills.skill (org_id, skill_id) ON DELETE CASCADE,
	CONSTRAINT skill_version_version_check CHECK (version >= 1),
	CONSTRAINT skill_version_description_check
		CHECK (skills.check_description(description, frontmatter IS NOT NULL)),
	CONSTRAINT skill_version_frontmatter_check CHECK (skills.check_frontmatter(frontmatter)),
	CONSTRAINT skill_version_relevant_topics_check CHECK (coalesce(array_ndims(relevant_topics), 1) = 1),
	CONSTRAINT skill_version_accessibility_check CHECK (skills.check_accessibility(accessibility))
);
COMMENT ON TABLE skills.skill_version IS 'The versions of skills: when to use them, and what to do';
COMMENT ON COLUMN skills.skill_version.org_id IS 'The organisation (tenant); by default the caller''s, never changed';
COMMENT ON COLUMN skills.skill_version.skill_id IS 'The skill; never changed';
COMMENT ON COLUMN skills.skill_version.version IS 'Numbered by the database, one more than the highest; the default, 0, asks for that number';
COMMENT ON COLUMN skills.skill_version.description IS 'When to use the skill: 1 to 500 characters, 1 to 1024 where frontmatter is not null; no control character but newline and tab, no bidirectional control, no invisible character';
COMMENT ON COLUMN skills.skill_version.body IS 'What to do: the procedure that the model is given';
COMMENT ON COLUMN skills.skill_version.relevant_topics IS 'Topics that the version bears on, as given';
COMMENT ON COLUMN skills.skill_version.frontmatter IS 'What the SKILL.md of an imported version said, every scalar as a text; null for one that was written in place';
COMMENT ON COLUMN skills.skill_version.author IS 'The skill''s author, kept here by the database because a policy reads its own row only';
COMMENT ON COLUMN skills.skill_version.accessibility IS 'The skill''s accessibility, kept here by the database because a policy reads its own row only';
COMMENT ON COLUMN skills.skill_version.created IS 'When the version was created; set by the database';
COMMENT ON COLUMN skills.skill_version.created_by IS 'Who wrote the version; by default the caller, changed by skills.forget_user() only';
COMMENT ON COLUMN skills.skill_version.modified IS 'When the row was last written; set by the database';
COMMENT ON COLUMN skills.skill_version.modified_by IS 'Who last wrote the row; set by the database, NULL for a DBA without an identity';
COMMENT ON COLUMN skills.skill_version.revision IS '1 at creation, one more with every update; set by the database, for optimistic locking';
COMMENT ON CONSTRAINT skill_version_pkey ON skills.skill_version IS 'The tenant stands first in every key';
COMMENT ON CONSTRAINT skill_version_skill_fkey ON skills.skill_version IS 'Versions go with their skill';
COMMENT ON CONSTRAINT skill_version_version_check ON skills.skill_version IS 'Versions count from 1';
COMMENT ON CONSTRAINT skill_version_description_check ON skills.skill_version IS '1 to 500 characters, 1 to 1024 for an imported version; no control character but newline and tab, no bidirectional control, no invisible character';
COMMENT ON CONSTRAINT skill_version_frontmatter_check ON skills.skill_version IS 'An object of texts, arrays and objects, to 16 levels: what reading a SKILL.md can give';
COMMENT ON CONSTRAINT skill_version_relevant_topics_check ON skills.skill_version IS 'A list, not a list of lists';
COMMENT ON CONSTRAINT skill_version_accessibility_check ON skills.skill_version IS 'One of private, org, org-editable';

-- The registry reads descriptions, never bodies: bodies and front matter are
-- moved out of line whenever a row is longer than 128 bytes. What the registry
-- and the policy read stays: descriptions as they are, the rest as long as it
-- fits into a page. (The target alone would also move ids of 24 bytes.)
ALTER TABLE skills.skill_version ALTER COLUMN description SET STORAGE PLAIN,
	ALTER COLUMN org_id SET STORAGE MAIN,
	ALTER COLUMN skill_id SET STORAGE MAIN,
	ALTER COLUMN relevant_topics SET STORAGE MAIN,
	ALTER COLUMN author SET STORAGE MAIN,
	ALTER COLUMN accessibility SET STORAGE MAIN,
	ALTER COLUMN created_by SET STORAGE MAIN,
	ALTER COLUMN modified_by SET STORAGE MAIN;
ALTER TABLE skills.skill_version SET (toast_tuple_target = 128);

CREATE STATISTICS skills.skill_version_belongs_to_org (dependencies)
	ON org_id, skill_id FROM skills.skill_version;
COMMENT ON STATISTICS skills.skill_version_belongs_to_org IS 'A skill determines its org: how many versions the planner expects of it';

SELECT pg_catalog.pg_extension_config_dump('skills.skill_version', '');

CREATE FUNCTION skills.version_guard() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_version_guard';
REVOKE ALL ON FUNCTION skills.version_guard() FROM PUBLIC;
COMMENT ON FUNCTION skills.version_guard() IS 'Trigger: who may write a version, its number, fixed columns, the stamps, and pins to a version that goes';

CREATE FUNCTION skills.version_subscribe_author() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_version_subscribe_author';
REVOKE ALL ON FUNCTION skills.version_subscribe_author() FROM PUBLIC;
COMMENT ON FUNCTION skills.version_subscribe_author() IS 'Trigger: the author of a new skill is subscribed and pinned to version 1';

CREATE FUNCTION skills.version_delete_emptied_skill() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_version_delete_emptied_skill';
REVOKE ALL ON FUNCTION skills.version_delete_emptied_skill() FROM PUBLIC;
COMMENT ON FUNCTION skills.version_delete_emptied_skill() IS 'Trigger: a skill goes with its last version, which its author alone may delete';

CREATE TRIGGER version_guard BEFORE INSERT OR UPDATE OR DELETE ON skills.skill_version
	FOR EACH ROW EXECUTE FUNCTION skills.version_guard();
COMMENT ON TRIGGER version_guard ON skills.skill_version IS 'Who may write a version, its number, fixed columns, the stamps, and pins to a version that goes';
CREATE TRIGGER version_subscribe_author AFTER INSERT ON skills.skill_version
	FOR EACH ROW WHEN (NEW.version = 1 AND NOT skills.taken_as_given()) EXECUTE FUNCTION skills.version_subscribe_author();
COMMENT ON TRIGGER version_subscribe_author ON skills.skill_version IS 'The author of a new skill is subscribed and pinned to version 1';
CREATE TRIGGER version_delete_emptied_skill AFTER DELETE ON skills.skill_version
	FOR EACH ROW EXECUTE FUNCTION skills.version_delete_emptied_skill();
COMMENT ON TRIGGER version_delete_emptied_skill ON skills.skill_version IS 'A skill goes with its last version';

ALTER TABLE skills.skill_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE skills.skill_version FORCE ROW LEVEL SECURITY;
CREATE POLICY visible ON skills.skill_version
	USING (org_id = skills.current_org_id() AND skills.can_see(author, accessibility));
COMMENT ON POLICY visible ON skills.skill_version IS 'A version is visible with its skill; triggers decide who may write it';

-- Conveniences over the table: the rules are above.

CREATE FUNCTION skills.get_version(skill_id text, version integer DEFAULT NULL) RETURNS skills.skill_version
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_version skills.skill_version;
BEGIN
	PERFORM skills.require_argument('skill_id', get_version.skill_id IS NOT NULL);
	SELECT v.* INTO found_version FROM skills.skill_version AS v
	WHERE v.org_id = skills.current_org_id() AND v.skill_id = get_version.skill_id
		AND (get_version.version IS NULL OR v.version = get_version.version)
		AND skills.can_see(v.author, v.accessibility)
	ORDER BY v.version DESC LIMIT 1;
	IF NOT FOUND THEN
		PERFORM skills.get_skill(get_version.skill_id);
		PERFORM skills.no_such(get_version.skill_id, get_version.version);
	END IF;
	RETURN found_version;
END
$$;
REVOKE ALL ON FUNCTION skills.get_version(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.get_version(text, integer) IS 'That version of the skill, the latest for NULL; P0002 if the caller sees none';

-- People and JSON write numbers that no integer holds; no version has them.
CREATE FUNCTION skills.find_version(skill_id text, number text) RETURNS skills.skill_version
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	version numeric := number;
BEGIN
	IF abs(version) > 2147483647 OR version <> trunc(version) THEN
		PERFORM skills.get_skill(skill_id);
		RAISE no_data_found USING
			MESSAGE = format('version %s of skill "%s" does not exist', left(version::text, 64), skill_id);
	END IF;
	RETURN skills.get_version(skill_id, version::integer);
END
$$;
REVOKE ALL ON FUNCTION skills.find_version(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.find_version(text, text) IS 'What get_version() gives for a number of any length: that version, the latest for NULL, or P0002';

CREATE FUNCTION skills.list_versions(skill_id text) RETURNS SETOF skills.skill_version
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM skills.get_skill(list_versions.skill_id);
	RETURN QUERY
		SELECT v.* FROM skills.skill_version AS v
		WHERE v.org_id = skills.current_org_id() AND v.skill_id = list_versions.skill_id
		ORDER BY v.version DESC;
END
$$;
REVOKE ALL ON FUNCTION skills.list_versions(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.list_versions(text) IS 'All versions of the skill, newest first; P0002 if the caller sees none of that id';

CREATE FUNCTION skills.create_version(skill_id text, description text, body text, relevant_topics text[] DEFAULT '{}', copy_files boolean DEFAULT true) RETURNS skills.skill_version
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	latest_version integer;
	latest_frontmatter jsonb;
	has_files boolean;
	new_version skills.skill_version;
BEGIN
	PERFORM skills.lock_skill(create_version.skill_id);
	SELECT v.version, v.frontmatter, create_version.copy_files AND EXISTS (
		SELECT FROM skills.skill_file AS f
		WHERE f.org_id = v.org_id AND f.skill_id = v.skill_id AND f.version = v.version)
	INTO latest_version, latest_frontmatter, has_files
	FROM skills.skill_version AS v
	WHERE v.org_id = skills.current_org_id() AND v.skill_id = create_version.skill_id
	ORDER BY v.version DESC LIMIT 1;
	INSERT INTO skills.skill_version AS v (skill_id, description, body, relevant_topics, frontmatter)
	VALUES (create_version.skill_id, create_version.description, create_version.body,
		create_version.relevant_topics, CASE WHEN create_version.copy_files THEN latest_frontmatter END)
	RETURNING v.* INTO new_version;
	IF new_version.version <> coalesce(latest_version, 0) + 1 THEN
		-- What was copied is older than what is now the latest.
		RAISE serialization_failure USING
			MESSAGE = 'could not serialize access due to concurrent update',
			HINT = 'The transaction might succeed if retried.';
	END IF;
	IF has_files THEN
		-- But for SKILL.md, which says what the latest version says.
		INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
		SELECT f.skill_id, new_version.version, f.path, f.content, f.executable FROM skills.skill_file AS f
		WHERE f.org_id = skills.current_org_id() AND f.skill_id = create_version.skill_id
			AND f.version = latest_version AND f.path <> 'SKILL.md';
	END IF;
	RETURN new_version;
END
$$;
REVOKE ALL ON FUNCTION skills.create_version(text, text, text, text[], boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.create_version(text, text, text, text[], boolean) IS 'A new version, numbered by the database; with copy_files it keeps the files and the front matter of the latest one; it moves nobody''s pin';

CREATE FUNCTION skills.update_version(skill_id text, version integer, description text DEFAULT NULL, body text DEFAULT NULL, relevant_topics text[] DEFAULT NULL, expected_revision integer DEFAULT NULL) RETURNS skills.skill_version
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	old_version skills.skill_version;
	new_version skills.skill_version;
BEGIN
	PERFORM skills.require_argument('skill_id', update_version.skill_id IS NOT NULL);
	PERFORM skills.require_argument('version', update_version.version IS NOT NULL);
	SELECT v.* INTO old_version FROM skills.skill_version AS v
	WHERE v.org_id = skills.current_org_id() AND v.skill_id = update_version.skill_id
		AND v.version = update_version.version AND skills.can_see(v.author, v.accessibility)
	FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM skills.get_skill(update_version.skill_id);
		PERFORM skills.no_such(update_version.skill_id, update_version.version);
	END IF;
	PERFORM skills.check_revision(update_version.expected_revision, old_version.revision);
	UPDATE skills.skill_version AS v
	SET description = coalesce(update_version.description, v.description),
		body = coalesce(update_version.body, v.body),
		relevant_topics = coalesce(update_version.relevant_topics, v.relevant_topics)
	WHERE v.org_id = old_version.org_id AND v.skill_id = old_version.skill_id
		AND v.version = old_version.version
	RETURNING v.* INTO new_version;
	RETURN new_version;
END
$$;
REVOKE ALL ON FUNCTION skills.update_version(text, integer, text, text, text[], integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.update_version(text, integer, text, text, text[], integer) IS 'Changes what is not null; 55000 if expected_revision is given and the version has another';

CREATE FUNCTION skills.delete_version(skill_id text, version integer) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM skills.require_argument('version', delete_version.version IS NOT NULL);
	PERFORM skills.lock_skill(delete_version.skill_id);
	DELETE FROM skills.skill_version AS v
	WHERE v.org_id = skills.current_org_id() AND v.skill_id = delete_version.skill_id
		AND v.version = delete_version.version;
	IF NOT FOUND THEN
		PERFORM skills.no_such(delete_version.skill_id, delete_version.version);
	END IF;
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.delete_version(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.delete_version(text, integer) IS 'Deletes that version and clears every pin to it; the skill goes with its last version: true, or P0002';
