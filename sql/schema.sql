\echo Use "CREATE EXTENSION skills" to load this file. \quit

-- What this script names without a schema is the server's, also if a later
-- control file has another schema than pg_catalog.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Only a schema that this script makes is the extension's: one that somebody
-- else prepared is refused, and one that a schema tool drops does not exist.
DO $$
BEGIN
	IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
		RAISE feature_not_supported USING
			MESSAGE = pg_catalog.format('extension "skills" needs a UTF8 database, not %s', pg_catalog.getdatabaseencoding()),
			HINT = 'Create the database with ENCODING ''UTF8''.';
	ELSIF pg_catalog.to_regnamespace('skills') IS NOT NULL THEN
		RAISE duplicate_schema USING
			MESSAGE = 'schema "skills" already exists',
			DETAIL = 'Extension "skills" makes its schema itself, so that nothing in it is anybody else''s.',
			HINT = 'Drop that schema, or rename it.';
	END IF;
END
$$;

CREATE SCHEMA skills;
COMMENT ON SCHEMA skills IS 'Versioned AI skills of organisations, shared under row-level security';
