--
-- Who is asking, within a session. test/t/001_identity.pl tries to forge an
-- identity, each attempt in a session of its own.
--
SELECT skills.current_user_id() IS NULL AS nobody, skills.current_org_id() IS NULL AS nowhere;
SELECT name, setting, context, vartype, boot_val FROM pg_settings WHERE name LIKE 'skills.%' ORDER BY name;
-- Half an identity is none.
BEGIN;
SET LOCAL skills.user_id = 'alice';
SELECT skills.current_user_id() IS NULL AS nobody, skills.current_org_id() IS NULL AS nowhere;
SET LOCAL skills.org_id = 'acme';
SELECT skills.current_user_id(), skills.current_org_id();
SET LOCAL skills.user_id = '';
SELECT skills.current_user_id() IS NULL AS nobody, skills.current_org_id() IS NULL AS nowhere;
ROLLBACK;
-- A misspelt parameter is an error.
SET skills.userid = 'alice';
-- set_identity: until the end of the transaction, or of the session; the caller's privilege decides.
BEGIN;
SELECT skills.set_identity('alice', 'acme');
COMMIT;
SELECT skills.current_user_id() IS NULL AS nobody;
SELECT skills.set_identity('alice', 'acme', is_local => false);
SELECT skills.current_user_id(), skills.current_org_id();
RESET ALL;
SELECT skills.current_user_id() IS NULL AS nobody;
BEGIN;
SELECT skills.set_identity('alice', 'acme');
SAVEPOINT s;
SELECT skills.set_identity('bob', 'acme');
SELECT count(*) FROM skills.ai_registry();
ROLLBACK TO s;
SELECT skills.current_user_id();
SELECT count(*) FROM skills.ai_registry();
RELEASE s;
ROLLBACK;
SET ROLE regress_skills_person;
SELECT skills.set_identity('alice', 'acme');
SET skills.user_id = 'alice';
SELECT set_config('skills.user_id', 'alice', false);
RESET skills.user_id;
SET LOCAL skills.org_id TO DEFAULT;
UPDATE pg_settings SET setting = 'alice' WHERE name = 'skills.user_id';
RESET ROLE;

-- A prepared plan serves the identity of each execution, custom or generic.
PREPARE visible AS SELECT string_agg(name, ', ' ORDER BY name) FROM skills.skill;
PREPARE visible_of (text) AS SELECT count(*) FROM skills.skill_version WHERE skill_id = $1;
SET ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme', false);
SET plan_cache_mode = force_generic_plan;
EXECUTE visible;
EXECUTE visible_of(regress.id('P'));
SELECT skills.set_identity('bob', 'acme', false);
EXECUTE visible;
EXECUTE visible_of(regress.id('P'));
SET plan_cache_mode = force_custom_plan;
EXECUTE visible;
EXECUTE visible_of(regress.id('P'));
SELECT skills.set_identity('mallory', 'globex', false);
EXECUTE visible;
SELECT skills.set_identity('', '', false);
EXECUTE visible;
RESET plan_cache_mode;
-- A leaky function of the caller's sees no row that the policy hides.
RESET ROLE;
CREATE FUNCTION regress.leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
	RAISE NOTICE 'saw %', value;
	RETURN true;
END
$$;
SET ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme', false);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM skills.skill WHERE regress.leak(name);
SELECT count(*) FROM skills.skill_version WHERE regress.leak(body) AND version = 1;
SELECT count(*) FROM skills.skill_subscription WHERE regress.leak(user_id) AND ai_version = 1;
SELECT count(*) FROM skills.skill_summary WHERE regress.leak(latest_body);
RESET ROLE;
RESET enable_seqscan;
RESET enable_bitmapscan;
DROP FUNCTION regress.leak;

-- Parallel workers see what the leader sees.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('pia', 'parallel');
INSERT INTO skills.skill (name, accessibility) SELECT 'p' || i, CASE WHEN i % 3 = 0 THEN 'private' ELSE 'org' END FROM generate_series(1, 1000) AS i;
INSERT INTO skills.skill_version (skill_id, description, body) SELECT skill_id, 'When', repeat('What', 100) FROM skills.skill;
COMMIT;
ANALYZE skills.skill;
ANALYZE skills.skill_version;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET ROLE regress_skills_app;
CREATE FUNCTION pg_temp.uses_workers(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		IF line ~ 'Workers Launched: [1-9]' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END
$$;
SELECT skills.set_identity('pia', 'parallel', false);
SELECT pg_temp.uses_workers('SELECT count(*) FROM skills.skill');
SELECT count(*) FROM skills.skill;
SELECT count(*) FROM skills.skill_version;
SELECT skills.set_identity('quinn', 'parallel', false);
SELECT pg_temp.uses_workers('SELECT count(*) FROM skills.skill_version');
SELECT count(*) FROM skills.skill;
SELECT count(*) FROM skills.skill_version;
SELECT skills.set_identity('', '', false);
SELECT count(*) FROM skills.skill;
RESET ROLE;
RESET ALL;
DROP FUNCTION pg_temp.uses_workers;
DELETE FROM skills.skill WHERE org_id = 'parallel';
DEALLOCATE ALL;
