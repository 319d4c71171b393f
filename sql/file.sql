-- A file: what a version has beside its text.

CREATE TABLE skills.skill_file (
	org_id        text COLLATE "C" NOT NULL DEFAULT skills.current_org_id(),
	skill_id      text COLLATE "C" NOT NULL,
	version       integer NOT NULL,
	path          text COLLATE "C" NOT NULL,
	content       bytea NOT NULL,
	size          integer NOT NULL DEFAULT 0,
	sha256        text COLLATE "C" NOT NULL DEFAULT '',
	executable    boolean NOT NULL DEFAULT false,
	author        text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	accessibility text COLLATE "C" NOT NULL DEFAULT 'private',
	created       timestamptz NOT NULL DEFAULT now(),
	created_by    text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	CONSTRAINT skill_file_pkey PRIMARY KEY (org_id, skill_id, version, path),
	CONSTRAINT skill_file_version_fkey FOREIGN KEY (org_id, skill_id, version)
		REFERENCES skills.skill_version (org_id, skill_id, version) ON DELETE CASCADE,
	CONSTRAINT skill_file_path_check CHECK (skills.check_path(path)),
	-- The digest itself is not compared: a flip would read every content.
	CONSTRAINT skill_file_size_check CHECK (size = octet_length(content)),
	CONSTRAINT skill_file_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	CONSTRAINT skill_file_accessibility_check CHECK (skills.check_accessibility(accessibility))
);
COMMENT ON TABLE skills.skill_file IS 'The files of versions: references, scripts, assets, and SKILL.md as it came';
COMMENT ON COLUMN skills.skill_file.org_id IS 'The organisation (tenant); by default the caller''s, never changed';
COMMENT ON COLUMN skills.skill_file.skill_id IS 'The skill; never changed';
COMMENT ON COLUMN skills.skill_file.version IS 'The version; never changed';
COMMENT ON COLUMN skills.skill_file.path IS 'Relative to the skill''s folder, 1 to 512 bytes, with / between its segments; never changed';
COMMENT ON COLUMN skills.skill_file.content IS 'The bytes of the file';
COMMENT ON COLUMN skills.skill_file.size IS 'The number of bytes; set by the database';
COMMENT ON COLUMN skills.skill_file.sha256 IS 'The SHA-256 of the content, in lower-case hex; set by the database';
COMMENT ON COLUMN skills.skill_file.executable IS 'Whether the file is a program';
COMMENT ON COLUMN skills.skill_file.author IS 'The skill''s author, kept here by the database because a policy reads its own row only';
COMMENT ON COLUMN skills.skill_file.accessibility IS 'The skill''s accessibility, kept here by the database because a policy reads its own row only';
COMMENT ON COLUMN skills.skill_file.created IS 'When the file was added; set by the database';
COMMENT ON COLUMN skills.skill_file.created_by IS 'Who added the file; by default the caller, changed by skills.forget_user() only';
COMMENT ON CONSTRAINT skill_file_pkey ON skills.skill_file IS 'The tenant stands first in every key';
COMMENT ON CONSTRAINT skill_file_version_fkey ON skills.skill_file IS 'Files go with their version';
COMMENT ON CONSTRAINT skill_file_path_check ON skills.skill_file IS 'Relative, 1 to 512 bytes, no segment empty, . or .., no backslash, drive letter or refused character';
COMMENT ON CONSTRAINT skill_file_size_check ON skills.skill_file IS 'The size is that of the content';
COMMENT ON CONSTRAINT skill_file_sha256_check ON skills.skill_file IS '64 lower-case hex digits';
COMMENT ON CONSTRAINT skill_file_accessibility_check ON skills.skill_file IS 'One of private, org, org-editable';

-- What the loser of a race, or a DBA, reads: the trigger can say more. The
-- key's case folding is the extension's own; of the server's normalization,
-- only what is no character yet may change with a later version.
CREATE UNIQUE INDEX skill_file_path_is_taken_but_for_case_or_normal_form
	ON skills.skill_file (org_id, skill_id, version, skills.path_key(path));
COMMENT ON INDEX skills.skill_file_path_is_taken_but_for_case_or_normal_form IS 'A file system may know neither case nor normal form: two files of a version differ in more than that';

-- Listings, limits and flips read or write rows, never contents: all that can
-- be is moved out of line, from 2 kB a row. Contents are compressed as the
-- server's default_toast_compression says: text shrinks to a third, and what
-- is compressed already is given up after its first kilobyte.
ALTER TABLE skills.skill_file SET (toast_tuple_target = 128);

SELECT pg_catalog.pg_extension_config_dump('skills.skill_file', '');

CREATE FUNCTION skills.file_guard() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_file_guard';
REVOKE ALL ON FUNCTION skills.file_guard() FROM PUBLIC;
COMMENT ON FUNCTION skills.file_guard() IS 'Trigger: who may write a file, fixed columns, the path, the stamps, and that a SKILL.md says what its version says';

CREATE FUNCTION skills.file_limits() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_file_limits';
REVOKE ALL ON FUNCTION skills.file_limits() FROM PUBLIC;
COMMENT ON FUNCTION skills.file_limits() IS 'Trigger: the files of a version together are within skills.max_package_files and skills.max_package_size';

CREATE FUNCTION skills.version_outdates_skill_md() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_version_outdates_skill_md';
REVOKE ALL ON FUNCTION skills.version_outdates_skill_md() FROM PUBLIC;
COMMENT ON FUNCTION skills.version_outdates_skill_md() IS 'Trigger: the SKILL.md of a version goes when its text is edited';

CREATE FUNCTION skills.skill_outdates_skill_md() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_skill_outdates_skill_md';
REVOKE ALL ON FUNCTION skills.skill_outdates_skill_md() FROM PUBLIC;
COMMENT ON FUNCTION skills.skill_outdates_skill_md() IS 'Trigger: the SKILL.md of every version of a skill goes when it is renamed';

CREATE TRIGGER file_guard BEFORE INSERT OR UPDATE OR DELETE ON skills.skill_file
	FOR EACH ROW EXECUTE FUNCTION skills.file_guard();
COMMENT ON TRIGGER file_guard ON skills.skill_file IS 'Who may write a file, fixed columns, the path, the stamps, and that a SKILL.md says what its version says';
CREATE TRIGGER file_limits_of_added AFTER INSERT ON skills.skill_file
	FOR EACH ROW WHEN (NOT skills.taken_as_given()) EXECUTE FUNCTION skills.file_limits();
COMMENT ON TRIGGER file_limits_of_added ON skills.skill_file IS 'The files of a version together are within the limits';
CREATE TRIGGER file_limits_of_grown AFTER UPDATE ON skills.skill_file
	FOR EACH ROW WHEN (OLD.size < NEW.size AND NOT skills.taken_as_given()) EXECUTE FUNCTION skills.file_limits();
COMMENT ON TRIGGER file_limits_of_grown ON skills.skill_file IS 'The files of a version together are within the limits';
CREATE TRIGGER version_outdates_skill_md AFTER UPDATE ON skills.skill_version
	-- A flip leaves the revision alone: then no body needs to be read.
	FOR EACH ROW WHEN (OLD.revision <> NEW.revision
		AND (OLD.description, OLD.body, OLD.frontmatter) IS DISTINCT FROM (NEW.description, NEW.body, NEW.frontmatter))
	EXECUTE FUNCTION skills.version_outdates_skill_md();
COMMENT ON TRIGGER version_outdates_skill_md ON skills.skill_version IS 'SKILL.md goes when the text that it came with is edited';
CREATE TRIGGER skill_outdates_skill_md AFTER UPDATE ON skills.skill
	FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION skills.skill_outdates_skill_md();
COMMENT ON TRIGGER skill_outdates_skill_md ON skills.skill IS 'SKILL.md goes when the name that it came with is changed';

ALTER TABLE skills.skill_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE skills.skill_file FORCE ROW LEVEL SECURITY;
CREATE POLICY visible ON skills.skill_file
	USING (org_id = skills.current_org_id() AND skills.can_see(author, accessibility));
COMMENT ON POLICY visible ON skills.skill_file IS 'A file is visible with its skill; triggers decide who may write it';

-- Conveniences over the table: the rules are above.

CREATE FUNCTION skills.no_such_file(skill_id text, version integer, path text) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_no_such_file';
REVOKE ALL ON FUNCTION skills.no_such_file(text, integer, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.no_such_file(text, integer, text) IS 'Raises P0002: that version of the skill has no such file';

CREATE FUNCTION skills.list_files(skill_id text, version integer DEFAULT NULL) RETURNS TABLE (path text, size integer, sha256 text, executable boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	found_version integer := (skills.get_version(list_files.skill_id, list_files.version)).version;
BEGIN
	RETURN QUERY
		SELECT f.path, f.size, f.sha256, f.executable FROM skills.skill_file AS f
		WHERE f.org_id = skills.current_org_id() AND f.skill_id = list_files.skill_id
			AND f.version = found_version
		ORDER BY f.path;
END
$$;
REVOKE ALL ON FUNCTION skills.list_files(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.list_files(text, integer) IS 'The files of that version, of the latest for NULL, in byte order of path; SKILL.md among them as long as it is kept as it came';

CREATE FUNCTION skills.put_file(skill_id text, version integer, path text, content bytea, executable boolean DEFAULT false) RETURNS skills.skill_file
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	new_file skills.skill_file;
BEGIN
	PERFORM skills.require_argument('skill_id', put_file.skill_id IS NOT NULL);
	PERFORM skills.require_argument('version', put_file.version IS NOT NULL);
	PERFORM skills.require_argument('path', put_file.path IS NOT NULL);
	PERFORM skills.require_argument('content', put_file.content IS NOT NULL);
	PERFORM skills.require_argument('executable', put_file.executable IS NOT NULL);
	PERFORM skills.lock_skill(put_file.skill_id);
	INSERT INTO skills.skill_file AS f (skill_id, version, path, content, executable)
	VALUES (put_file.skill_id, put_file.version, put_file.path, put_file.content, put_file.executable)
	ON CONFLICT (org_id, skill_id, version, path)
	DO UPDATE SET content = EXCLUDED.content, executable = EXCLUDED.executable
	RETURNING f.* INTO new_file;
	RETURN new_file;
END
$$;
REVOKE ALL ON FUNCTION skills.put_file(text, integer, text, bytea, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.put_file(text, integer, text, bytea, boolean) IS 'Adds the file to that version, or replaces its content';

CREATE FUNCTION skills.delete_file(skill_id text, version integer, path text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM skills.require_argument('skill_id', delete_file.skill_id IS NOT NULL);
	PERFORM skills.require_argument('version', delete_file.version IS NOT NULL);
	PERFORM skills.require_argument('path', delete_file.path IS NOT NULL);
	PERFORM skills.lock_skill(delete_file.skill_id);
	DELETE FROM skills.skill_file AS f
	WHERE f.org_id = skills.current_org_id() AND f.skill_id = delete_file.skill_id
		AND f.version = delete_file.version AND f.path = delete_file.path;
	IF NOT FOUND THEN
		PERFORM skills.get_version(delete_file.skill_id, delete_file.version);
		PERFORM skills.no_such_file(delete_file.skill_id, delete_file.version, delete_file.path);
	END IF;
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.delete_file(text, integer, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.delete_file(text, integer, text) IS 'Deletes the file of that version: true, or P0002';
