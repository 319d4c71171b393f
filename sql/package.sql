-- Packages of the Agent Skills format: in as an archive or a SKILL.md, out the
-- same, byte for byte. The writes are ordinary INSERTs of the caller's: triggers
-- and policies rule.

-- What reads and writes the formats. on_problem is raise, ignore (the warnings)
-- or list, which gives problems as rows.

CREATE FUNCTION skills.read_package(archive bytea, on_problem text) RETURNS TABLE (path text, content bytea, executable boolean, folder text, severity text, message text)
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_read_package';
REVOKE ALL ON FUNCTION skills.read_package(bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.read_package(bytea, text) IS 'The files of a zip, tar or tar.gz, SKILL.md first; on_problem: raise raises errors and warnings, ignore errors alone, list gives both as rows';

CREATE FUNCTION skills.write_archive(folder text, format text, files text[], contents bytea) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_write_archive';
REVOKE ALL ON FUNCTION skills.write_archive(text, text, text[], bytea) FROM PUBLIC;
COMMENT ON FUNCTION skills.write_archive(text, text, text[], bytea) IS 'A zip, tar or tar.gz of files, in that folder, or in none if its name is empty; each of files is a size, t or f for executable, and a path, and contents is what they hold, one after the other; the same bytes for the same arguments';

CREATE FUNCTION skills.read_skill_md(content bytea, on_problem text) RETURNS TABLE (name text, description text, frontmatter jsonb, body text, lines jsonb, line integer, message text)
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_read_skill_md';
REVOKE ALL ON FUNCTION skills.read_skill_md(bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.read_skill_md(bytea, text) IS 'What a SKILL.md says, and the line of each key of its front matter; its first problem is raised, or for list is in the row';

CREATE FUNCTION skills.write_skill_md(name text, description text, frontmatter jsonb, body text) RETURNS text
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_write_skill_md';
REVOKE ALL ON FUNCTION skills.write_skill_md(text, text, jsonb, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.write_skill_md(text, text, jsonb, text) IS 'A SKILL.md that says this, with all other values of the front matter, which may be null';

-- The rules of the format. What the store refuses is an error; what real
-- packages break without harm is a warning. To catch an error is not allowed
-- in a parallel query: what does is not parallel safe.

CREATE FUNCTION skills.name_problems(name text, folder text) RETURNS TABLE (severity text, message text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	BEGIN
		PERFORM skills.check_name(name_problems.name);
	EXCEPTION WHEN invalid_parameter_value THEN
		RETURN QUERY SELECT 'error', SQLERRM || '; it can be imported under another name';
	END;
	RETURN QUERY
		SELECT 'warning', rule.message
		FROM (VALUES
			(length(name_problems.name) > 64,
				format('the name is too long for the format: %s characters, limit 64', length(name_problems.name))),
			(lower(name_problems.name COLLATE "C") <> name_problems.name, 'the name is not in lower case'),
			(name_problems.name ~ '^-|-$', 'the name begins or ends with a hyphen'),
			(name_problems.name ~ '--', 'the name has two hyphens in a row'),
			(name_problems.name ~ '_', 'the name has an underscore; the format has letters, digits and hyphens'),
			(normalize(folder, NFKC) <> normalize(name_problems.name, NFKC),
				format('the name is not that of the folder, "%s"', left(folder, 200)))
		) AS rule (is_broken, message)
		WHERE rule.is_broken;
END
$$;
REVOKE ALL ON FUNCTION skills.name_problems(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.name_problems(text, text) IS 'What is wrong with the name of a package, in a folder of that name (NULL for none)';

CREATE FUNCTION skills.description_problems(description text, whole text) RETURNS TABLE (severity text, message text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	BEGIN
		PERFORM skills.check_description(description_problems.description, true);
	EXCEPTION WHEN invalid_parameter_value THEN
		RETURN QUERY SELECT 'error', SQLERRM;
	END;
	IF length(whole) > 1024 THEN
		RETURN QUERY SELECT 'warning', format('the description is too long and will be cut: %s characters, limit 1024', length(whole));
	END IF;
END
$$;
REVOKE ALL ON FUNCTION skills.description_problems(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.description_problems(text, text) IS 'What is wrong with the description of a package, cut as a version would have it and in whole';

CREATE FUNCTION skills.key_problems(frontmatter jsonb) RETURNS TABLE (key text, message text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT f.key, rule.message
	FROM pg_catalog.jsonb_each(frontmatter) AS f, LATERAL (VALUES
		(f.key NOT IN ('name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'),
			-- In messages, what a terminal takes for a command, or shows elsewhere, is a question mark. (The expression has the
			-- escapes, not the string: those would be read, in a database of another encoding, before that is refused.)
			pg_catalog.format('the format has no key "%s"', pg_catalog.regexp_replace(pg_catalog.left(f.key, 200),
				E'[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]', '?', 'g'))),
		(f.key IN ('license', 'compatibility', 'allowed-tools') AND pg_catalog.jsonb_typeof(f.value) <> 'string',
			pg_catalog.format('"%s" is not a text', f.key)),
		(f.key = 'compatibility' AND pg_catalog.length(f.value #>> '{}') > 500 AND pg_catalog.jsonb_typeof(f.value) = 'string',
			pg_catalog.format('"compatibility" is too long for the format: %s characters, limit 500', pg_catalog.length(f.value #>> '{}'))),
		(f.key = 'metadata' AND pg_catalog.jsonb_typeof(f.value) <> 'object', '"metadata" is not a mapping'),
		(f.key = 'metadata' AND pg_catalog.jsonb_path_exists(f.value, 'strict $.* ? (@.type() != "string")', '{}', true),
			'"metadata" has a value that is not a text')
	) AS rule (is_broken, message)
	WHERE rule.is_broken;
END;
REVOKE ALL ON FUNCTION skills.key_problems(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.key_problems(jsonb) IS 'Keys of a front matter that the format does not know, or knows otherwise';

CREATE FUNCTION skills.skill_md_problems(content bytea, folder text) RETURNS TABLE (line integer, severity text, message text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	said record;
	body_lines bigint;
BEGIN
	SELECT r.* INTO said FROM skills.read_skill_md(content, 'list') AS r;
	IF said.message IS NOT NULL THEN
		RETURN QUERY SELECT said.line, 'error', said.message;
		RETURN;
	END IF;
	IF said.name IS NULL THEN
		RETURN QUERY SELECT coalesce((said.lines ->> 'name')::integer, 1), 'error', 'the front matter has no name';
	ELSE
		RETURN QUERY SELECT (said.lines ->> 'name')::integer, p.severity, p.message
			FROM skills.name_problems(said.name, folder) AS p;
	END IF;
	IF said.description IS NULL THEN
		RETURN QUERY SELECT coalesce((said.lines ->> 'description')::integer, 1), 'error', 'the front matter has no description';
	ELSE
		RETURN QUERY SELECT (said.lines ->> 'description')::integer, p.severity, p.message
			FROM skills.description_problems(said.description, said.frontmatter ->> 'description') AS p;
	END IF;
	RETURN QUERY SELECT (said.lines ->> p.key)::integer, 'warning', p.message
		FROM skills.key_problems(said.frontmatter) AS p ORDER BY 1, 3;
	body_lines := length(said.body) - length(replace(said.body, E'\n', '')) + (said.body ~ E'[^\n]$')::integer;
	IF body_lines > 500 THEN
		RETURN QUERY SELECT NULL::integer, 'warning', format('the body is longer than the format recommends: %s lines, limit 500', body_lines);
	END IF;
END
$$;
REVOKE ALL ON FUNCTION skills.skill_md_problems(bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.skill_md_problems(bytea, text) IS 'What is wrong with a SKILL.md, in a folder of that name (NULL for none)';

CREATE FUNCTION skills.validate_package(archive bytea) RETURNS TABLE (path text, line integer, severity text, message text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	item record;
BEGIN
	FOR item IN SELECT p.* FROM skills.read_package(archive, 'list') AS p LOOP
		IF item.message IS NOT NULL THEN
			RETURN QUERY SELECT item.path, NULL::integer, item.severity, item.message;
		ELSIF item.path = 'SKILL.md' THEN
			RETURN QUERY SELECT item.path, p.line, p.severity, p.message
				FROM skills.skill_md_problems(item.content, item.folder) AS p;
		END IF;
	END LOOP;
END
$$;
REVOKE ALL ON FUNCTION skills.validate_package(bytea) FROM PUBLIC;
COMMENT ON FUNCTION skills.validate_package(bytea) IS 'What is wrong with the archive of a package: an error keeps it from being imported, a warning does not; no row for a faultless one';

-- In.

-- The digest of a package has a line for each file beside SKILL.md.
CREATE FUNCTION skills.is_version(skill_id text, version integer, name text, skill_md bytea, is_executable boolean, digest text) RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	latest skills.skill_version := skills.get_version(is_version.skill_id, is_version.version);
	stored record;
	said record;
BEGIN
	SELECT string_agg(f.sha256 || ' ' || f.executable || ' ' || f.path, E'\n' ORDER BY f.path COLLATE "C") FILTER (WHERE f.path <> 'SKILL.md') AS digest,
		bool_or(f.path = 'SKILL.md') AS has_skill_md,
		bool_or(f.path = 'SKILL.md' AND f.sha256 = encode(sha256(is_version.skill_md), 'hex') AND f.executable = is_version.is_executable) AS is_skill_md
	INTO stored FROM skills.skill_file AS f
	WHERE f.org_id = latest.org_id AND f.skill_id = latest.skill_id AND f.version = latest.version;
	IF stored.digest IS DISTINCT FROM is_version.digest THEN
		RETURN false;
	ELSIF stored.has_skill_md THEN
		RETURN stored.is_skill_md;
	END IF;
	-- What export would make; under another name than its own, what it says.
	SELECT s.* INTO said FROM skills.read_skill_md(is_version.skill_md, 'ignore') AS s;
	IF said.name = is_version.name THEN
		RETURN is_version.skill_md = convert_to(skills.export_skill_md(latest.skill_id, latest.version), 'UTF8')
			AND NOT is_version.is_executable;
	END IF;
	RETURN (latest.description, latest.body, latest.frontmatter) IS NOT DISTINCT FROM (said.description, said.body, said.frontmatter);
END
$$;
REVOKE ALL ON FUNCTION skills.is_version(text, integer, text, bytea, boolean, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.is_version(text, integer, text, bytea, boolean, text) IS 'Whether a package, imported under that name, is that version of the skill already: then importing it adds nothing';

CREATE FUNCTION skills.require_importable_name(name text, is_chosen boolean) RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	taken skills.skill;
BEGIN
	BEGIN
		PERFORM skills.check_name(require_importable_name.name);
	EXCEPTION WHEN invalid_parameter_value THEN
		IF is_chosen THEN
			RAISE;
		END IF;
		RAISE invalid_parameter_value USING MESSAGE = SQLERRM,
			HINT = 'Import it under another name, with the argument "name".';
	END;
	SELECT s.* INTO taken FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.name = require_importable_name.name
		AND s.accessibility <> 'private' AND s.created_by <> skills.current_user_id();
	IF FOUND THEN
		RAISE unique_violation USING
			MESSAGE = format('name "%s" is that of a shared skill of another author', require_importable_name.name),
			HINT = 'Import it under another name, with the argument "name".'
				|| CASE taken.accessibility WHEN 'org-editable'
					THEN format(' Or subscribe to skill "%s", which subscribers may edit.', taken.skill_id) ELSE '' END;
	END IF;
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.require_importable_name(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.require_importable_name(text, boolean) IS 'True, or 22023 for what cannot be the name of a skill, or 23505 for that of another author''s shared skill';

CREATE FUNCTION skills.import_package(archive bytea, accessibility text DEFAULT NULL, tags text[] DEFAULT '{}', name text DEFAULT NULL) RETURNS TABLE (skill_id text, version integer, added boolean)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	package record;
	said record;
	wanted text;
	own skills.skill;
	latest skills.skill_version;
	new_version skills.skill_version;
BEGIN
	PERFORM skills.require_argument('archive', archive IS NOT NULL);
	PERFORM skills.require_argument('tags', import_package.tags IS NOT NULL);
	-- The archive is read twice, rather than kept in memory.
	SELECT (array_agg(p.content ORDER BY p.path = 'SKILL.md' DESC))[1] AS skill_md,
		bool_or(p.executable AND p.path = 'SKILL.md') AS is_executable,
		string_agg(encode(sha256(p.content), 'hex') || ' ' || p.executable || ' ' || p.path, E'\n' ORDER BY p.path COLLATE "C") FILTER (WHERE p.path <> 'SKILL.md') AS digest
	INTO package FROM skills.read_package(archive, 'raise') AS p;
	SELECT s.* INTO said FROM skills.read_skill_md(package.skill_md, 'raise') AS s;
	wanted := coalesce(import_package.name, said.name);
	SELECT s.* INTO own FROM skills.skill AS s
	WHERE s.org_id = skills.current_org_id() AND s.name = wanted AND s.created_by = skills.current_user_id()
	ORDER BY (s.accessibility = 'private') DESC LIMIT 1 FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM skills.require_importable_name(wanted, import_package.name IS NOT NULL);
		WITH s AS (
			INSERT INTO skills.skill AS s (name, accessibility, tags)
			VALUES (wanted, coalesce(import_package.accessibility, 'private'), import_package.tags)
			RETURNING s.skill_id
		), v AS (
			INSERT INTO skills.skill_version AS v (skill_id, description, body, frontmatter)
			SELECT s.skill_id, said.description, said.body, said.frontmatter FROM s
			RETURNING v.*
		)
		SELECT v.* INTO new_version FROM v;
	ELSE
		IF own.accessibility <> coalesce(import_package.accessibility, own.accessibility) OR NOT import_package.tags <@ own.tags THEN
			PERFORM skills.update_skill(own.skill_id, accessibility => import_package.accessibility, put_tags => import_package.tags);
		END IF;
		SELECT v.* INTO latest FROM skills.skill_version AS v
		WHERE v.org_id = own.org_id AND v.skill_id = own.skill_id ORDER BY v.version DESC LIMIT 1;
		-- A skill of this transaction may have none yet.
		IF (CASE WHEN latest.version IS NOT NULL THEN
				skills.is_version(own.skill_id, latest.version, wanted, package.skill_md, package.is_executable, package.digest) END) THEN
			RETURN QUERY SELECT own.skill_id, latest.version, false;
			RETURN;
		END IF;
		INSERT INTO skills.skill_version AS v (skill_id, description, body, frontmatter)
		VALUES (own.skill_id, said.description, said.body, said.frontmatter)
		RETURNING v.* INTO new_version;
		IF new_version.version <> coalesce(latest.version, 0) + 1 THEN
			-- What it was compared with is older than what is now the latest.
			RAISE serialization_failure USING
				MESSAGE = 'could not serialize access due to concurrent update',
				HINT = 'The transaction might succeed if retried.';
		END IF;
	END IF;
	-- SKILL.md stays as it came where it says what the version does.
	INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
	SELECT new_version.skill_id, new_version.version, p.path, p.content, p.executable
	FROM skills.read_package(archive, 'ignore') AS p
	WHERE p.path <> 'SKILL.md' OR said.name = wanted;
	RETURN QUERY SELECT new_version.skill_id, new_version.version, true;
END
$$;
REVOKE ALL ON FUNCTION skills.import_package(bytea, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION skills.import_package(bytea, text, text[], text) IS 'The package of a zip, tar or tar.gz: a new skill of the caller''s, private unless said otherwise, or a new version of the one of that name; added is false where the latest version is that package already';

CREATE FUNCTION skills.import_skill_md(markdown text, accessibility text DEFAULT NULL, tags text[] DEFAULT '{}', name text DEFAULT NULL) RETURNS TABLE (skill_id text, version integer, added boolean)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM skills.require_argument('markdown', markdown IS NOT NULL);
	RETURN QUERY
		SELECT i.* FROM skills.import_package(
			skills.write_archive('', 'tar', ARRAY[octet_length(convert_to(markdown, 'UTF8')) || ' f SKILL.md'], convert_to(markdown, 'UTF8')),
			import_skill_md.accessibility, import_skill_md.tags, import_skill_md.name) AS i;
END
$$;
REVOKE ALL ON FUNCTION skills.import_skill_md(text, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION skills.import_skill_md(text, text, text[], text) IS 'What import_package() does, for a package that is nothing but that SKILL.md';

-- Out.

CREATE FUNCTION skills.export_skill_md(skill_id text, version integer DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	exported skills.skill_version := skills.get_version(export_skill_md.skill_id, export_skill_md.version);
	stored bytea;
BEGIN
	SELECT f.content INTO stored FROM skills.skill_file AS f
	WHERE f.org_id = exported.org_id AND f.skill_id = exported.skill_id AND f.version = exported.version
		AND f.path = 'SKILL.md';
	IF FOUND THEN
		RETURN convert_from(stored, 'UTF8');
	END IF;
	RETURN skills.write_skill_md((skills.get_skill(exported.skill_id)).name,
		exported.description, exported.frontmatter, exported.body);
END
$$;
REVOKE ALL ON FUNCTION skills.export_skill_md(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.export_skill_md(text, integer) IS 'The SKILL.md of that version, the latest for NULL: as it came, or made anew where the skill has been edited since or was written in place';

CREATE FUNCTION skills.export_package(skill_id text, version integer DEFAULT NULL, format text DEFAULT 'zip') RETURNS bytea
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	exported skills.skill_version := skills.get_version(export_package.skill_id, export_package.version);
	archive bytea;
BEGIN
	PERFORM skills.require_argument('format', format IS NOT NULL);
	SELECT skills.write_archive((skills.get_skill(exported.skill_id)).name, export_package.format,
		array_agg(octet_length(f.content) || CASE WHEN f.executable THEN ' t ' ELSE ' f ' END || f.path ORDER BY f.path COLLATE "C"),
		string_agg(f.content, '' ORDER BY f.path COLLATE "C"))
	INTO archive
	FROM (
		SELECT f.path, f.content, f.executable FROM skills.skill_file AS f
		WHERE f.org_id = exported.org_id AND f.skill_id = exported.skill_id AND f.version = exported.version
			AND f.path <> 'SKILL.md'
		UNION ALL
		SELECT 'SKILL.md', convert_to(skills.export_skill_md(exported.skill_id, exported.version), 'UTF8'), coalesce((
			SELECT m.executable FROM skills.skill_file AS m
			WHERE m.org_id = exported.org_id AND m.skill_id = exported.skill_id AND m.version = exported.version
				AND m.path = 'SKILL.md'), false)
	) AS f;
	RETURN archive;
END
$$;
REVOKE ALL ON FUNCTION skills.export_package(text, integer, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.export_package(text, integer, text) IS 'The package of that version, the latest for NULL, as a zip, tar or tar.gz: a folder of the skill''s name; the same bytes for the same content';
