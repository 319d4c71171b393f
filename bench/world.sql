-- What a database of the bench holds before its rows.

CREATE EXTENSION skills;
DO $$
BEGIN
	IF to_regrole('app') IS NULL THEN
		CREATE ROLE app LOGIN;
		ALTER ROLE app SET session_preload_libraries = 'skills';
		CREATE ROLE usual_app LOGIN;
	END IF;
END
$$;
SELECT skills.grant_usage('app', may_set_identity => true);
