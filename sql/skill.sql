-- A skill: identity, ownership, visibility and tags. It holds no procedure.

CREATE TABLE skills.skill (
	org_id        text COLLATE "C" NOT NULL DEFAULT skills.current_org_id(),
	skill_id      text COLLATE "C" NOT NULL DEFAULT skills.new_skill_id(),
	name          text COLLATE "C" NOT NULL,
	accessibility text COLLATE "C" NOT NULL DEFAULT 'private',
	tags          text[] COLLATE "C" NOT NULL DEFAULT '{}',
	created       timestamptz NOT NULL DEFAULT now(),
	created_by    text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	modified      timestamptz NOT NULL DEFAULT now(),
	modified_by   text COLLATE "C" DEFAULT skills.current_user_id(),
	revision      integer NOT NULL DEFAULT 1,
	CONSTRAINT skill_pkey PRIMARY KEY (org_id, skill_id),
	CONSTRAINT skill_org_id_check CHECK (org_id <> ''),
	CONSTRAINT skill_skill_id_check CHECK (skills.check_skill_id(skill_id)),
	CONSTRAINT skill_name_check CHECK (skills.check_name(name)),
	CONSTRAINT skill_accessibility_check CHECK (skills.check_accessibility(accessibility)),
	CONSTRAINT skill_tags_check CHECK (skills.check_tags(tags)),
	CONSTRAINT skill_created_by_check CHECK (created_by <> '')
);
COMMENT ON TABLE skills.skill IS 'A skill: who wrote it, who sees it, and what it is called; its text is in skills.skill_version';
COMMENT ON COLUMN skills.skill.org_id IS 'The organisation (tenant); by default the caller''s, never changed';
COMMENT ON COLUMN skills.skill.skill_id IS 'Identifier, sk_ and 26 characters of Crockford base32; made by skills.new_skill_id(), never changed';
COMMENT ON COLUMN skills.skill.name IS '1 to 120 of A-Z a-z 0-9 _ -; unique among the shared skills of the org, and among an author''s private ones';
COMMENT ON COLUMN skills.skill.accessibility IS 'private: the author alone; org: all members read; org-editable: subscribed members edit, too';
COMMENT ON COLUMN skills.skill.tags IS 'At most 64, each of 1 to 64 characters, none of them a control, bidirectional control or invisible one; kept sorted by bytes and distinct';
COMMENT ON COLUMN skills.skill.created IS 'When the skill was created; set by the database';
COMMENT ON COLUMN skills.skill.created_by IS 'The author; by default the caller, changed by skills.transfer_skill() and skills.forget_user() only';
COMMENT ON COLUMN skills.skill.modified IS 'When the row was last written; set by the database';
COMMENT ON COLUMN skills.skill.modified_by IS 'Who last wrote the row; set by the database, NULL for a DBA without an identity';
COMMENT ON COLUMN skills.skill.revision IS '1 at creation, one more with every update; set by the database, for optimistic locking';
COMMENT ON CONSTRAINT skill_pkey ON skills.skill IS 'The tenant stands first in every key';
COMMENT ON CONSTRAINT skill_org_id_check ON skills.skill IS 'An empty org is no org';
COMMENT ON CONSTRAINT skill_skill_id_check ON skills.skill IS 'A client may supply an id, of the form that skills.new_skill_id() gives';
COMMENT ON CONSTRAINT skill_name_check ON skills.skill IS '1 to 120 of A-Z a-z 0-9 _ -, and not of a skill id''s form';
COMMENT ON CONSTRAINT skill_accessibility_check ON skills.skill IS 'One of private, org, org-editable';
COMMENT ON CONSTRAINT skill_tags_check ON skills.skill IS 'At most 64 tags of 1 to 64 characters, none of them a control, bidirectional control or invisible one; sorted and distinct';
COMMENT ON CONSTRAINT skill_created_by_check ON skills.skill IS 'An empty user is no user';

-- Not in the primary key: mappers take an INCLUDE column for a part of it. Of
-- indexes that seem to cost the same, as on an empty table, the planner takes
-- the one made last: so this comes first.
CREATE INDEX skill_by_id ON skills.skill (org_id, skill_id, name);
COMMENT ON INDEX skills.skill_by_id IS 'What a skill is called: the registry reads the name here, not in the row';
-- The names of these two are what the loser of a race reads.
CREATE UNIQUE INDEX skill_name_is_taken_among_shared_skills_of_org
	ON skills.skill (org_id, name) WHERE accessibility <> 'private';
COMMENT ON INDEX skills.skill_name_is_taken_among_shared_skills_of_org IS 'Names are unique among the org and org-editable skills of an org together';
CREATE UNIQUE INDEX skill_name_is_taken_among_private_skills_of_author
	ON skills.skill (org_id, created_by, name) WHERE accessibility = 'private';
COMMENT ON INDEX skills.skill_name_is_taken_among_private_skills_of_author IS 'Names are unique among an author''s private skills of an org';
CREATE INDEX skill_by_name ON skills.skill (org_id, name, skill_id);
COMMENT ON INDEX skills.skill_by_name IS 'The order of skills.list_skills(), a page at a time';

SELECT pg_catalog.pg_extension_config_dump('skills.skill', '');

CREATE FUNCTION skills.skill_guard() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_skill_guard';
REVOKE ALL ON FUNCTION skills.skill_guard() FROM PUBLIC;
COMMENT ON FUNCTION skills.skill_guard() IS 'Trigger: who may write a skill, fixed columns, the name, the stamps';

CREATE FUNCTION skills.skill_spread_accessibility() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_skill_spread_accessibility';
REVOKE ALL ON FUNCTION skills.skill_spread_accessibility() FROM PUBLIC;
COMMENT ON FUNCTION skills.skill_spread_accessibility() IS 'Trigger: copies author and accessibility to the versions and files, subscribes a new author, and prunes the subscriptions of a private skill';

CREATE FUNCTION skills.skill_require_version() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_skill_require_version';
REVOKE ALL ON FUNCTION skills.skill_require_version() FROM PUBLIC;
COMMENT ON FUNCTION skills.skill_require_version() IS 'Trigger: at commit a new skill has a version';

CREATE TRIGGER skill_guard BEFORE INSERT OR UPDATE OR DELETE ON skills.skill
	FOR EACH ROW EXECUTE FUNCTION skills.skill_guard();
COMMENT ON TRIGGER skill_guard ON skills.skill IS 'Who may write a skill, fixed columns, the name, the stamps';
CREATE TRIGGER skill_spread_accessibility AFTER UPDATE ON skills.skill
	FOR EACH ROW WHEN (OLD.accessibility <> NEW.accessibility OR OLD.created_by <> NEW.created_by)
	EXECUTE FUNCTION skills.skill_spread_accessibility();
COMMENT ON TRIGGER skill_spread_accessibility ON skills.skill IS 'Copies author and accessibility to the versions and files, subscribes a new author, and prunes the subscriptions of a private skill';
CREATE CONSTRAINT TRIGGER skill_require_version AFTER INSERT ON skills.skill
	DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NOT skills.taken_as_given()) EXECUTE FUNCTION skills.skill_require_version();
COMMENT ON TRIGGER skill_require_version ON skills.skill IS 'At commit a new skill has a version';

ALTER TABLE skills.skill ENABLE ROW LEVEL SECURITY;
ALTER TABLE skills.skill FORCE ROW LEVEL SECURITY;
CREATE POLICY visible ON skills.skill
	USING (org_id = skills.current_org_id() AND skills.can_see(created_by, accessibility));
COMMENT ON POLICY visible ON skills.skill IS 'A skill is visible to the members of its org, a private one to its author alone; triggers decide who may write it';

-- Conveniences over the table: the rules are above.

CREATE FUNCTION skills.get_skill(skill_id text) RETURNS skills.skill
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_skill skills.skill;
BEGIN
	PERFORM skills.require_argument('skill_id', get_skill.skill_id IS NOT NULL);
	SELECT s.* INTO found_skill FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.skill_id = get_skill.skill_id
		AND skills.can_see(s.created_by, s.accessibility);
	IF NOT FOUND THEN
		PERFORM skills.no_such(get_skill.skill_id);
	END IF;
	RETURN found_skill;
END
$$;
REVOKE ALL ON FUNCTION skills.get_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.get_skill(text) IS 'The skill; P0002 if the caller sees none of that id';

CREATE FUNCTION skills.get_skill_by_name(name text) RETURNS skills.skill
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_skill skills.skill;
BEGIN
	PERFORM skills.require_argument('name', get_skill_by_name.name IS NOT NULL);
	-- Each by its own index: of other people's private ones there may be any number.
	SELECT s.* INTO found_skill FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.name = get_skill_by_name.name
		AND s.accessibility = 'private' AND s.created_by = skills.current_user_id();
	IF NOT FOUND THEN
		SELECT s.* INTO found_skill FROM skills.skill AS s
		WHERE s.org_id = skills.current_org_id() AND s.name = get_skill_by_name.name
			AND s.accessibility <> 'private';
	END IF;
	IF NOT FOUND THEN
		PERFORM skills.no_such(get_skill_by_name.name);
	END IF;
	RETURN found_skill;
END
$$;
REVOKE ALL ON FUNCTION skills.get_skill_by_name(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.get_skill_by_name(text) IS 'The skill of that name, the caller''s own private one before the shared one; P0002 if the caller sees none';

CREATE FUNCTION skills.lock_skill(skill_id text) RETURNS skills.skill
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	locked skills.skill;
BEGIN
	PERFORM skills.require_argument('skill_id', lock_skill.skill_id IS NOT NULL);
	SELECT s.* INTO locked FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.skill_id = lock_skill.skill_id
		AND skills.can_see(s.created_by, s.accessibility)
	FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM skills.no_such(lock_skill.skill_id);
	END IF;
	RETURN locked;
END
$$;
REVOKE ALL ON FUNCTION skills.lock_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.lock_skill(text) IS 'The skill, locked until the end of the transaction, for a caller that reads before it writes; P0002 if the caller sees none of that id';

CREATE FUNCTION skills.create_skill(name text, description text, body text, accessibility text DEFAULT 'private', tags text[] DEFAULT '{}', relevant_topics text[] DEFAULT '{}') RETURNS skills.skill
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	new_skill skills.skill;
BEGIN
	PERFORM skills.require_caller();
	-- In one statement, so that it works also where SET CONSTRAINTS asked for
	-- the version at once.
	WITH s AS (
		INSERT INTO skills.skill (name, accessibility, tags)
		VALUES (create_skill.name, create_skill.accessibility, create_skill.tags)
		RETURNING *
	), v AS (
		INSERT INTO skills.skill_version (skill_id, description, body, relevant_topics)
		SELECT s.skill_id, create_skill.description, create_skill.body, create_skill.relevant_topics FROM s
	)
	SELECT s.* INTO new_skill FROM s;
	RETURN new_skill;
END
$$;
REVOKE ALL ON FUNCTION skills.create_skill(text, text, text, text, text[], text[]) FROM PUBLIC;
COMMENT ON FUNCTION skills.create_skill(text, text, text, text, text[], text[]) IS 'A new skill with its version 1; the caller is its author, subscribed and pinned to that version';

CREATE FUNCTION skills.update_skill(skill_id text, name text DEFAULT NULL, accessibility text DEFAULT NULL, put_tags text[] DEFAULT NULL, remove_tags text[] DEFAULT NULL, expected_revision integer DEFAULT NULL) RETURNS skills.skill
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	old_skill skills.skill;
	new_skill skills.skill;
	new_tags text[];
BEGIN
	old_skill := skills.lock_skill(update_skill.skill_id);
	PERFORM skills.check_revision(update_skill.expected_revision, old_skill.revision);
	IF greatest(array_ndims(update_skill.put_tags), array_ndims(update_skill.remove_tags)) > 1 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = 'tags must be an array of one dimension';
	END IF;
	PERFORM skills.require_argument('remove_tags', array_position(update_skill.remove_tags, NULL) IS NULL);
	SELECT coalesce(array_agg(tag), '{}') INTO new_tags
	FROM unnest(old_skill.tags || update_skill.put_tags) AS put (tag)
	WHERE tag IS NULL OR tag <> ALL (coalesce(update_skill.remove_tags, '{}'));
	UPDATE skills.skill AS s
	SET name = coalesce(update_skill.name, s.name),
		accessibility = coalesce(update_skill.accessibility, s.accessibility),
		tags = new_tags
	WHERE s.org_id = old_skill.org_id AND s.skill_id = old_skill.skill_id
	RETURNING s.* INTO new_skill;
	RETURN new_skill;
END
$$;
REVOKE ALL ON FUNCTION skills.update_skill(text, text, text, text[], text[], integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.update_skill(text, text, text, text[], text[], integer) IS 'Changes what is not null; puts tags, then removes tags; 55000 if expected_revision is given and the skill has another';

CREATE FUNCTION skills.delete_skill(skill_id text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM skills.require_argument('skill_id', delete_skill.skill_id IS NOT NULL);
	DELETE FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.skill_id = delete_skill.skill_id
		AND skills.can_see(s.created_by, s.accessibility);
	IF NOT FOUND THEN
		PERFORM skills.no_such(delete_skill.skill_id);
	END IF;
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.delete_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.delete_skill(text) IS 'Deletes the skill with its versions, files and subscriptions: true, or P0002 if the caller sees none of that id, or 42501 for another than its author';

CREATE FUNCTION skills.list_known_tags() RETURNS SETOF text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM skills.require_caller();
	RETURN QUERY
		SELECT DISTINCT tag COLLATE "C"
		FROM skills.skill AS s, unnest(s.tags) AS known (tag)
		WHERE s.org_id = skills.current_org_id() AND skills.can_see(s.created_by, s.accessibility)
		ORDER BY 1;
END
$$;
REVOKE ALL ON FUNCTION skills.list_known_tags() FROM PUBLIC;
COMMENT ON FUNCTION skills.list_known_tags() IS 'The distinct tags of all visible skills, in byte order';
