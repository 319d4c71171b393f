-- What a user's AI may load by itself, and the tool that a model is given.

CREATE FUNCTION skills.ai_registry(user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id())
RETURNS TABLE (name text, skill_id text, version integer, description text, relevant_topics text[], accessibility text, created_by text)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_ai_registry';
REVOKE ALL ON FUNCTION skills.ai_registry(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.ai_registry(text, text) IS 'Every skill that the user has pinned, in byte order of name; of two with one name, the private one; to ask for another user than the caller, the role needs SET on both identity parameters';

CREATE FUNCTION skills.explain_registry(user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id())
RETURNS TABLE (name text, skill_id text, ai_version integer, latest_version integer, offered boolean, reason text)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_explain_registry';
REVOKE ALL ON FUNCTION skills.explain_registry(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.explain_registry(text, text) IS 'Every subscription of the user, and why the registry offers it or not';

CREATE FUNCTION skills.load_skill_tool(format text DEFAULT 'anthropic', budget integer DEFAULT NULL, user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id(), frozen jsonb DEFAULT NULL)
RETURNS TABLE (tool json, digest text, offered integer, trimmed integer)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_load_skill_tool';
REVOKE ALL ON FUNCTION skills.load_skill_tool(text, integer, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.load_skill_tool(text, integer, text, text, jsonb) IS 'The registry as the definition of the tool load_skill, for anthropic, openai, openai-chat or mcp; of a frozen registry, if one is given; no row if nothing is offered; select tool::text for the very bytes, of which digest is the sha256';

CREATE FUNCTION skills.load_skill(name text, frozen jsonb DEFAULT NULL)
RETURNS TABLE (name text, skill_id text, version integer, description text, body text, relevant_topics text[], files text[])
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_load_skill';
REVOKE ALL ON FUNCTION skills.load_skill(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.load_skill(text, jsonb) IS 'What the tool call gives: the pinned version of the skill of that name, and the paths of its files; P0002 if it is not in the caller''s registry, or in the frozen one that is given';

CREATE FUNCTION skills.load_skill_file(name text, path text, frozen jsonb DEFAULT NULL)
RETURNS TABLE (path text, size integer, sha256 text, executable boolean, content bytea)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_load_skill_file';
REVOKE ALL ON FUNCTION skills.load_skill_file(text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.load_skill_file(text, text, jsonb) IS 'A file of what load_skill() gives for that name; P0002 if it is not in the caller''s registry, or in the frozen one that is given, or has no such file';

CREATE FUNCTION skills.read_available(available jsonb) RETURNS TABLE (skill_id text, version integer)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item jsonb;
	place bigint;
	wanted numeric;
	seen text[] := '{}';
BEGIN
	IF jsonb_typeof(available) <> 'array' THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('the available skills must be an array, not of type %s', jsonb_typeof(available));
	ELSIF jsonb_array_length(available) > 100 THEN
		RAISE invalid_parameter_value USING
			MESSAGE = format('too many available skills: %s, limit 100', jsonb_array_length(available));
	END IF;
	FOR item, place IN SELECT e.value, e.ordinality - 1 FROM jsonb_array_elements(available) WITH ORDINALITY AS e LOOP
		IF jsonb_typeof(item) <> 'object' OR jsonb_typeof(item -> 'skill_id') IS DISTINCT FROM 'string'
			OR coalesce(jsonb_typeof(item -> 'version'), 'null') NOT IN ('null', 'number')
			OR (item - 'skill_id' - 'version') <> '{}' THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('invalid available skill "[%s]"', place),
				DETAIL = 'Each is an object of "skill_id", a string, and optionally "version", an integer.';
		END IF;
		skill_id := item ->> 'skill_id';
		wanted := item ->> 'version';
		IF wanted <> trunc(wanted) THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('invalid available skill "[%s]": version %s is not an integer', place, left(wanted::text, 64));
		END IF;
		version := (skills.find_version(skill_id, wanted::text)).version;
		IF skill_id = ANY (seen) THEN
			RAISE invalid_parameter_value USING
				MESSAGE = format('invalid available skill "[%s]": skill "%s" is there twice', place, skill_id),
				DETAIL = 'A conversation knows one version of a skill.';
		END IF;
		seen := seen || skill_id;
		RETURN NEXT;
	END LOOP;
END
$$;
REVOKE ALL ON FUNCTION skills.read_available(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.read_available(jsonb) IS 'The skills and versions that the list names, checked as freeze_registry() does';

-- A registry fixed for one conversation, bodies and files included: what is edited
-- later does not reach it. src/frozen.c reads what comes back.
CREATE FUNCTION skills.freeze_registry(available jsonb DEFAULT NULL) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	skill_ids text[];
	versions integer[];
	frozen jsonb;
BEGIN
	PERFORM skills.require_caller();
	-- Mappers send the JSON null for their own.
	IF available IS NULL OR jsonb_typeof(available) = 'null' THEN
		SELECT array_agg(r.skill_id), array_agg(r.version) INTO skill_ids, versions FROM skills.ai_registry() AS r;
	ELSE
		SELECT array_agg(l.skill_id), array_agg(l.version) INTO skill_ids, versions FROM skills.read_available(available) AS l;
	END IF;
	SELECT coalesce(jsonb_agg(jsonb_build_object(
			'name', e.name, 'skill_id', e.skill_id, 'version', e.version, 'description', e.description,
			'body', e.body, 'relevant_topics', to_jsonb(e.relevant_topics), 'files', (
				SELECT coalesce(jsonb_agg(jsonb_build_object(
					'path', f.path, 'size', f.size, 'sha256', f.sha256, 'executable', f.executable,
					'content', translate(encode(f.content, 'base64'), E'\n', '')) ORDER BY f.path), '[]')
				FROM skills.skill_file AS f
				WHERE f.org_id = skills.current_org_id() AND f.skill_id = e.skill_id
					AND f.version = e.version AND f.path <> 'SKILL.md')) ORDER BY e.name), '[]')
	INTO frozen
	FROM (
		SELECT DISTINCT ON (s.name) s.name, s.skill_id, v.version, v.description, v.body, v.relevant_topics
		FROM unnest(skill_ids, versions) AS a (skill_id, version)
		JOIN skills.skill AS s ON s.org_id = skills.current_org_id() AND s.skill_id = a.skill_id
		JOIN skills.skill_version AS v ON v.org_id = s.org_id AND v.skill_id = s.skill_id AND v.version = a.version
		ORDER BY s.name, (s.accessibility = 'private') DESC) AS e;
	RETURN jsonb_build_object('format', 1, 'skills', frozen);
END
$$;
REVOKE ALL ON FUNCTION skills.freeze_registry(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION skills.freeze_registry(jsonb) IS 'A registry fixed for one conversation, to give back to load_skill_tool(), load_skill() and load_skill_file(): NULL from the caller''s subscriptions, [] none, or a list of at most 100 {"skill_id", "version"} of visible skills, the latest version without one';
