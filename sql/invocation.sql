-- Manual invocation: a person names a skill, and needs no subscription.

CREATE FUNCTION skills.resolve_skill(reference text) RETURNS skills.skill_version
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parts text[];
	skill_id text;
BEGIN
	PERFORM skills.require_argument('reference', reference IS NOT NULL);
	parts := regexp_match(reference, '^/?([A-Za-z0-9_-]{1,120})(?:@v([0-9]{1,100}))?$');
	IF parts IS NULL THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('malformed skill reference "%s"', left(reference, 200)),
			DETAIL = 'A reference is a name or a skill id, optionally with "/" before it and "@v" and a number after it.';
	END IF;
	IF parts[1] ~ '^sk_[0-7][0-9A-HJKMNP-TV-Z]{25}$' THEN
		skill_id := parts[1];
	ELSE
		skill_id := (skills.get_skill_by_name(parts[1])).skill_id;
	END IF;
	RETURN skills.find_version(skill_id, parts[2]);
END
$$;
REVOKE ALL ON FUNCTION skills.resolve_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.resolve_skill(text) IS 'The version that name, /name, /name@v2 or an id in place of the name means: the caller''s own private skill before a shared one, the latest version without @v';

CREATE FUNCTION skills.parse_references(message text) RETURNS TABLE (reference text, name text, version integer, start_position integer, length integer)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_parse_references';
REVOKE ALL ON FUNCTION skills.parse_references(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.parse_references(text) IS 'The references /name and /name@v2 in a chat message, whether there are such skills or not';

CREATE FUNCTION skills.find_references(message text) RETURNS TABLE (reference text, name text, version integer, skill_id text, start_position integer, length integer)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM skills.require_argument('message', message IS NOT NULL);
	RETURN QUERY
		WITH parsed AS MATERIALIZED (
			SELECT * FROM skills.parse_references(message)
		), resolved AS MATERIALIZED (
			-- However often a message names a skill, it is looked up once.
			SELECT d.name, d.version, (
				SELECT s.skill_id FROM (
					SELECT n.skill_id, n.accessibility FROM skills.skill AS n
					WHERE n.org_id = skills.current_org_id() AND n.name = d.name
						AND n.accessibility = 'private' AND n.created_by = skills.current_user_id()
					UNION ALL
					SELECT n.skill_id, n.accessibility FROM skills.skill AS n
					WHERE n.org_id = skills.current_org_id() AND n.name = d.name
						AND n.accessibility <> 'private'
					UNION ALL
					SELECT i.skill_id, i.accessibility FROM skills.skill AS i
					WHERE i.org_id = skills.current_org_id() AND i.skill_id = d.name
						AND skills.can_see(i.created_by, i.accessibility)
					ORDER BY 2 DESC LIMIT 1) AS s
				WHERE d.version IS NULL OR EXISTS (
					SELECT FROM skills.skill_version AS v
					WHERE v.org_id = skills.current_org_id() AND v.skill_id = s.skill_id
						AND v.version = d.version)) AS skill_id
			FROM (SELECT DISTINCT p.name, p.version FROM parsed AS p) AS d
		)
		SELECT p.reference, p.name, p.version, r.skill_id, p.start_position, p.length
		FROM parsed AS p
		JOIN resolved AS r ON r.name = p.name AND coalesce(r.version, -1) = coalesce(p.version, -1)
		ORDER BY p.start_position;
END
$$;
REVOKE ALL ON FUNCTION skills.find_references(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.find_references(text) IS 'The references in a chat message, at its start or after white space and not in code; skill_id is null for one that resolve_skill() would not find; positions count characters, from 1';

CREATE FUNCTION skills.invocation_messages(refs text[], format text DEFAULT 'anthropic', seed text DEFAULT '') RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_invocation_messages';
REVOKE ALL ON FUNCTION skills.invocation_messages(text[], text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.invocation_messages(text[], text, text) IS 'For each reference, the assistant''s call of load_skill and its result as that provider''s messages; the ids are a function of the seed, the place and the reference: give each turn of a conversation a seed of its own';
