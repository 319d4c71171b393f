-- Who is asking. The parameters skills.user_id and skills.org_id are PGC_SUSET:
-- the server decides who may set them, by GRANT SET ON PARAMETER.

CREATE FUNCTION skills.current_user_id() RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_current_user_id';
REVOKE ALL ON FUNCTION skills.current_user_id() FROM PUBLIC;
COMMENT ON FUNCTION skills.current_user_id() IS 'The caller: the value of skills.user_id, NULL without an identity';

CREATE FUNCTION skills.current_org_id() RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_current_org_id';
REVOKE ALL ON FUNCTION skills.current_org_id() FROM PUBLIC;
COMMENT ON FUNCTION skills.current_org_id() IS 'The caller''s org: the value of skills.org_id, NULL without an identity';

CREATE FUNCTION skills.require_caller() RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_require_caller';
REVOKE ALL ON FUNCTION skills.require_caller() FROM PUBLIC;
COMMENT ON FUNCTION skills.require_caller() IS 'True, or error 28000 without an identity';

CREATE FUNCTION skills.require_argument(argument text, given boolean) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_require_argument';
REVOKE ALL ON FUNCTION skills.require_argument(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.require_argument(text, boolean) IS 'True, or error 28000 without an identity, or 22004 if the named argument was not given';

-- SET LOCAL itself and not set_config(), because that is what a sharded
-- deployment forwards to its workers.
CREATE FUNCTION skills.set_identity(user_id text, org_id text, is_local boolean DEFAULT true) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	scope text := CASE WHEN is_local THEN 'LOCAL' ELSE 'SESSION' END;
BEGIN
	IF user_id IS NULL OR org_id IS NULL OR is_local IS NULL THEN
		RAISE null_value_not_allowed USING
			MESSAGE = 'user_id, org_id and is_local must not be null',
			HINT = 'Give two empty strings to have no identity.';
	ELSIF (user_id = '') <> (org_id = '') THEN
		RAISE invalid_parameter_value USING
			MESSAGE = 'a user without an org, or an org without a user, is no identity',
			HINT = 'Give both, or two empty strings to have no identity.';
	END IF;
	-- The library decides who may set them; until it is loaded, anybody could,
	-- and the value would be dropped later.
	PERFORM skills.current_user_id();
	EXECUTE format('SET %s skills.user_id = %L', scope, user_id);
	EXECUTE format('SET %s skills.org_id = %L', scope, org_id);
	RETURN user_id;
END
$$;
REVOKE ALL ON FUNCTION skills.set_identity(text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION skills.set_identity(text, text, boolean) IS 'Sets skills.user_id and skills.org_id, until the end of the transaction or (is_local false) of the session; the caller needs SET on both parameters';
