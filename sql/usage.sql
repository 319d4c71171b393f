-- What a role needs to use the extension. For the DBA.

-- All functions of the extension but triggers and the DBA's own, by names that
-- do not depend on the caller's search_path.
CREATE FUNCTION skills.usable_functions() RETURNS SETOF text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.oid::pg_catalog.regprocedure::text COLLATE "C"
	FROM pg_catalog.pg_proc AS p
	JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
		AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'skills'
	WHERE p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
		AND p.proname NOT IN ('grant_usage', 'revoke_usage', 'usable_functions', 'transfer_skill', 'forget_user', 'forget_org')
	ORDER BY 1;
END;
REVOKE ALL ON FUNCTION skills.usable_functions() FROM PUBLIC;
COMMENT ON FUNCTION skills.usable_functions() IS 'The functions that skills.grant_usage() grants: all but triggers and the DBA''s own';

CREATE FUNCTION skills.grant_usage(role regrole, may_set_identity boolean DEFAULT false) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	granted text;
BEGIN
	IF role IS NULL OR may_set_identity IS NULL THEN
		RAISE null_value_not_allowed USING MESSAGE = 'role and may_set_identity must not be null';
	END IF;
	EXECUTE format('GRANT USAGE ON SCHEMA skills TO %s', role);
	EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON skills.skill, skills.skill_version, skills.skill_file, skills.skill_subscription TO %s', role);
	EXECUTE format('GRANT SELECT ON skills.skill_summary TO %s', role);
	FOR granted IN SELECT usable FROM skills.usable_functions() AS usable LOOP
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', granted, role);
	END LOOP;
	IF may_set_identity THEN
		EXECUTE format('GRANT SET ON PARAMETER skills.user_id, skills.org_id TO %s', role);
	END IF;
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.grant_usage(regrole, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.grant_usage(regrole, boolean) IS 'Gives a role what an app needs: the schema, the tables, the view, the functions, and with may_set_identity the right to say who the caller is';

CREATE FUNCTION skills.revoke_usage(role regrole) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	granted text;
BEGIN
	IF role IS NULL THEN
		RAISE null_value_not_allowed USING MESSAGE = 'role must not be null';
	END IF;
	EXECUTE format('REVOKE SET ON PARAMETER skills.user_id, skills.org_id FROM %s', role);
	FOR granted IN SELECT usable FROM skills.usable_functions() AS usable LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM %s', granted, role);
	END LOOP;
	EXECUTE format('REVOKE ALL ON skills.skill, skills.skill_version, skills.skill_file, skills.skill_subscription, skills.skill_summary FROM %s', role);
	EXECUTE format('REVOKE ALL ON SCHEMA skills FROM %s', role);
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION skills.revoke_usage(regrole) FROM PUBLIC;
COMMENT ON FUNCTION skills.revoke_usage(regrole) IS 'Takes back what skills.grant_usage() gave';
