-- Manual invocation: a person names a skill, and needs no subscription.

CREATE FUNCTION skills.resolve_skill(reference text) RETURNS skills.skill_version
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parts text[];
	skill_id text;
	version numeric;
BEGIN
	PERFORM skills.require_argument('reference', reference IS NOT NULL);
	parts := regexp_match(reference, '^/?([A-Za-z0-9_-]{1,120})(?:@v([0-9]{1,12}))?$');
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
	version := parts[2];
	IF version > 2147483647 THEN
		PERFORM skills.get_skill(skill_id);
		RAISE no_data_found USING
			MESSAGE = format('version %s of skill "%s" does not exist', version, skill_id);
	END IF;
	RETURN skills.get_version(skill_id, version::integer);
END
$$;
REVOKE ALL ON FUNCTION skills.resolve_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.resolve_skill(text) IS 'The version that name, /name, /name@v2 or an id in place of the name means: the caller''s own private skill before a shared one, the latest version without @v';
