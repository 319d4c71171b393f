--
-- The registry is read without a plan where no rules but the extension's own
-- hold for its tables, and else by one. Both give what plain SQL gives.
--
\set VERBOSITY terse
CREATE FUNCTION regress.way_id(n integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'sk_0' || lpad(n::text, 25, '0');
-- 400 shared skills of one to five versions, one of 300 versions, and two private ones.
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by)
SELECT 'ways', regress.way_id(n), 'skill-' || n, CASE n % 2 WHEN 0 THEN 'org' ELSE 'org-editable' END, 'ann' FROM generate_series(1, 401) AS n
UNION ALL VALUES ('ways', regress.way_id(500), 'skill-5', 'private', 'few'), ('ways', regress.way_id(501), 'skill-6', 'private', 'ann');
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, relevant_topics, author, accessibility, created_by)
SELECT 'ways', s.skill_id, v, s.name || ' at ' || v, repeat(s.name, 500), ARRAY[s.name], s.created_by, s.accessibility, s.created_by
FROM skills.skill AS s, generate_series(1, CASE s.name WHEN 'skill-401' THEN 300 ELSE 1 + length(s.name) % 5 END) AS v WHERE s.org_id = 'ways';
-- Who pins all, few that lie far apart, none; and "few" pins both skills of one name.
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
SELECT 'ways', u, s.skill_id, CASE WHEN u <> 'none' THEN max(v.version) - (u = 'few' AND s.name = 'skill-401')::integer END
FROM skills.skill AS s JOIN skills.skill_version AS v USING (org_id, skill_id),
	unnest('{all,few,none}'::text[]) AS u
WHERE s.org_id = 'ways' AND (s.accessibility <> 'private' OR s.created_by = u)
	AND (u <> 'few' OR s.name IN ('skill-2', 'skill-5', 'skill-77', 'skill-199', 'skill-300', 'skill-400', 'skill-401'))
GROUP BY u, s.skill_id, s.name;
-- What no rule of ours lets happen: who may not see a skill is subscribed to it.
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) VALUES ('ways', 'few', regress.way_id(501), 1);

-- By plain SQL, as a superuser; and the difference to what the functions say.
CREATE VIEW regress.offered AS
SELECT DISTINCT ON (t.user_id, s.name) t.user_id, s.name, s.skill_id, v.version, v.description, v.relevant_topics, s.accessibility, s.created_by, v.body
FROM skills.skill_subscription AS t JOIN skills.skill AS s USING (org_id, skill_id)
JOIN skills.skill_version AS v ON (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version)
WHERE t.org_id = 'ways' AND (s.accessibility <> 'private' OR s.created_by = t.user_id)
ORDER BY t.user_id, s.name, s.accessibility = 'private' DESC;
CREATE FUNCTION regress.offered_to(who text, OUT offered bigint, OUT in_order boolean, OUT otherwise bigint, OUT loaded_otherwise bigint) LANGUAGE plpgsql AS $$
DECLARE
	expected regress.offered[] := ARRAY(SELECT o FROM regress.offered AS o WHERE o.user_id = who ORDER BY o.name);
BEGIN
	SET LOCAL ROLE regress_skills_app;
	PERFORM skills.set_identity(who, 'ways');
	SELECT count(*), array_agg(r.name ORDER BY r.ordinality) = array_agg(r.name ORDER BY r.name COLLATE "C") INTO offered, in_order
	FROM skills.ai_registry() WITH ORDINALITY AS r;
	SELECT count(*) INTO otherwise FROM (
		(SELECT e.name, e.skill_id, e.version, e.description, e.relevant_topics, e.accessibility, e.created_by FROM unnest(expected) AS e
			EXCEPT ALL SELECT r.* FROM skills.ai_registry() AS r)
		UNION ALL
		(SELECT r.* FROM skills.ai_registry() AS r
			EXCEPT ALL SELECT e.name, e.skill_id, e.version, e.description, e.relevant_topics, e.accessibility, e.created_by FROM unnest(expected) AS e)) AS d;
	SELECT count(*) INTO loaded_otherwise FROM unnest(expected) AS e, LATERAL skills.load_skill(e.name) AS l
	WHERE (l.name, l.skill_id, l.version, l.description, l.body, l.relevant_topics) IS DISTINCT FROM (e.name, e.skill_id, e.version, e.description, e.body, e.relevant_topics);
	RESET ROLE;
END
$$;
CREATE FUNCTION regress.offered_to_all() RETURNS TABLE (who text, offered bigint, in_order boolean, otherwise bigint, loaded_otherwise bigint) LANGUAGE sql AS $$
	SELECT u, o.* FROM unnest('{all,few,none,stranger}'::text[]) AS u, LATERAL regress.offered_to(u) AS o
$$;

-- Without a plan: nothing vacuumed yet, then vacuumed, then with dead rows and entries.
SELECT * FROM regress.offered_to_all();
VACUUM ANALYZE skills.skill, skills.skill_version, skills.skill_subscription, skills.skill_file;
SELECT * FROM regress.offered_to_all();
-- Without a plan only by indexes that are as the extension made them. A plan that may use none reads a whole table.
CREATE FUNCTION regress.way(change text, OUT way text, OUT offered bigint, OUT otherwise bigint, OUT loaded_otherwise bigint) LANGUAGE plpgsql
	SET enable_indexscan = off SET enable_indexonlyscan = off SET enable_bitmapscan = off SET client_min_messages = warning
	SET allow_system_table_mods = on AS $$
DECLARE
	pins text := 'DROP INDEX skills.skill_subscription_by_user; CREATE INDEX skill_subscription_by_user ON skills.skill_subscription ';
	seen bigint;
BEGIN
	EXECUTE replace(change, 'CREATE PINS ', pins);
	SELECT seq_scan INTO seen FROM pg_stat_xact_user_tables WHERE relid = 'skills.skill_version'::regclass;
	SELECT o.offered, o.otherwise, o.loaded_otherwise INTO way.offered, way.otherwise, way.loaded_otherwise FROM regress.offered_to('few') AS o;
	-- The view that says what is expected reads it once.
	SELECT CASE seq_scan - seen WHEN 1 THEN 'without a plan' ELSE 'by a plan' END INTO way
	FROM pg_stat_xact_user_tables WHERE relid = 'skills.skill_version'::regclass;
	RAISE EXCEPTION 'undone';
EXCEPTION WHEN raise_exception THEN
END
$$;
SELECT c.change, w.* FROM unnest(ARRAY[
	'SELECT',
	'CREATE PINS (org_id, user_id, skill_id, ai_version) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id, ai_version) INCLUDE (subscribed) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id, ai_version)',
	'CREATE PINS (org_id, user_id, skill_id, ai_version) WHERE ai_version > 1',
	'CREATE PINS (org_id, user_id, skill_id, ai_version) WHERE ai_version IS NOT NULL AND skill_id < ''sk_02''',
	'CREATE PINS (org_id, user_id, skill_id, ai_version, subscribed) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id) INCLUDE (ai_version) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, ai_version, skill_id) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id DESC, ai_version) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id text_pattern_ops, ai_version) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, skill_id COLLATE "default", ai_version) WHERE ai_version IS NOT NULL',
	'CREATE PINS (org_id, user_id, lower(skill_id), ai_version) WHERE ai_version IS NOT NULL',
	'UPDATE pg_index SET indisvalid = false WHERE indexrelid = ''skills.skill_subscription_by_user''::regclass',
	'DROP INDEX skills.skill_subscription_by_user',
	'DROP INDEX skills.skill_subscription_by_user; CREATE TABLE skills.skill_subscription_by_user ()',
	'DROP INDEX skills.skill_subscription_by_user; CREATE INDEX skill_subscription_by_user ON skills.skill_file (org_id)',
	'DROP INDEX skills.skill_by_id',
	'DROP INDEX skills.skill_by_id; CREATE INDEX skill_by_id ON skills.skill (org_id, skill_id, name) WHERE accessibility <> ''private''',
	'DROP INDEX skills.skill_name_is_taken_among_shared_skills_of_org; CREATE INDEX skill_name_is_taken_among_shared_skills_of_org ON skills.skill (org_id, name)',
	'DROP INDEX skills.skill_name_is_taken_among_private_skills_of_author; CREATE INDEX skill_name_is_taken_among_private_skills_of_author ON skills.skill (org_id, name)',
	'ALTER TABLE skills.skill_version DROP CONSTRAINT skill_version_pkey CASCADE',
	'ALTER TABLE skills.skill_version DROP CONSTRAINT skill_version_pkey CASCADE; ALTER TABLE skills.skill_version ADD PRIMARY KEY (skill_id, org_id, version)',
	'ALTER TABLE skills.skill_file DROP CONSTRAINT skill_file_pkey CASCADE; ALTER TABLE skills.skill_file ADD PRIMARY KEY (path, version, skill_id, org_id)'
	]) WITH ORDINALITY AS c (change, place), LATERAL regress.way(c.change) AS w ORDER BY c.place;
UPDATE skills.skill_version SET description = description || repeat(', again', 60) WHERE org_id = 'ways';
UPDATE skills.skill SET name = 're-' || name WHERE org_id = 'ways' AND name LIKE '%7';
UPDATE skills.skill_subscription SET ai_version = 1 WHERE org_id = 'ways' AND user_id = 'all' AND skill_id > regress.way_id(200);
DELETE FROM skills.skill WHERE org_id = 'ways' AND name LIKE '%3';
SELECT * FROM regress.offered_to_all();

-- With a policy of the DBA's, by a plan. It holds there.
BEGIN;
CREATE POLICY all_rows ON skills.skill AS RESTRICTIVE USING (true);
SELECT * FROM regress.offered_to_all();
ROLLBACK;
BEGIN;
CREATE POLICY no_sixes ON skills.skill_version AS RESTRICTIVE USING (description NOT LIKE '%6 at%');
SELECT count(*) FROM regress.offered WHERE user_id = 'all' AND name LIKE '%6';
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('all', 'ways');
SELECT count(*) AS sixes FROM skills.ai_registry() WHERE name LIKE '%6';
SELECT offered FROM skills.load_skill_tool();
SELECT version FROM skills.load_skill('skill-8');
SELECT version FROM skills.load_skill('skill-6');
ROLLBACK;
-- An author whose name is long enough to be compressed, by either way.
BEGIN;
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by) VALUES ('ways', regress.way_id(700), 'long', 'org', repeat('a', 5000));
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by) VALUES ('ways', regress.way_id(700), 1, 'Long', 'B', repeat('a', 5000), 'org', 'ann');
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) VALUES ('ways', 'none', regress.way_id(700), 1);
SELECT * FROM regress.offered_to('none');
CREATE POLICY all_rows ON skills.skill AS RESTRICTIVE USING (true);
SELECT * FROM regress.offered_to('none');
ROLLBACK;
-- Ours holds, too, if it was altered.
BEGIN;
DROP POLICY visible ON skills.skill_version;
CREATE POLICY visible ON skills.skill_version AS RESTRICTIVE USING (org_id = skills.current_org_id() AND skills.can_see(author, accessibility));
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('all', 'ways');
SELECT count(*) FROM skills.skill_version;
SELECT count(*) FROM skills.ai_registry();
ROLLBACK;
BEGIN;
ALTER POLICY visible ON skills.skill USING (org_id = skills.current_org_id() AND name = 'skill-8');
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('all', 'ways');
SELECT name FROM skills.ai_registry();
ROLLBACK;
BEGIN;
ALTER POLICY visible ON skills.skill_subscription TO regress_skills_person;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('all', 'ways');
SELECT count(*) FROM skills.ai_registry();
ROLLBACK;
-- And so do privileges: who may read the columns may read the registry, who may not may not.
BEGIN;
REVOKE SELECT ON skills.skill_version FROM regress_skills_app;
GRANT SELECT (org_id, skill_id, version, description, relevant_topics, author, accessibility) ON skills.skill_version TO regress_skills_app;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('few', 'ways');
SELECT count(*) FROM skills.ai_registry();
SELECT body FROM skills.load_skill('skill-2');
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('few', 'ways');
SET LOCAL row_security = off;
SELECT count(*) FROM skills.ai_registry();
ROLLBACK;
-- Where the tables could be somebody else's shards, by a plan, too.
BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition ();
SELECT * FROM regress.offered_to_all();
ROLLBACK;
-- By a plan where an index is missing or was made anew.
BEGIN;
ALTER INDEX skills.skill_name_is_taken_among_shared_skills_of_org RENAME TO taken;
SELECT * FROM regress.offered_to_all();
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = warning;
ALTER TABLE skills.skill DROP CONSTRAINT skill_pkey CASCADE;
SELECT * FROM regress.offered_to_all();
ALTER TABLE skills.skill ADD PRIMARY KEY (org_id, skill_id);
SELECT * FROM regress.offered_to_all();
ROLLBACK;
-- A null where a DBA has let it be.
BEGIN;
SET LOCAL session_replication_role = replica;
ALTER TABLE skills.skill_version ALTER relevant_topics DROP NOT NULL;
UPDATE skills.skill_version SET relevant_topics = NULL WHERE org_id = 'ways';
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('few', 'ways');
SELECT skills.ai_registry();
ROLLBACK;
BEGIN;
ALTER TABLE skills.skill ALTER name DROP NOT NULL;
UPDATE skills.skill SET name = NULL WHERE org_id = 'ways';
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('few', 'ways');
SELECT skills.ai_registry();
ROLLBACK;
-- Rows that the transaction itself has written count.
BEGIN;
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by) VALUES ('ways', regress.way_id(600), 'new', 'org', 'ann');
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by) VALUES ('ways', regress.way_id(600), 1, 'New', 'B', 'ann', 'org', 'ann');
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) VALUES ('ways', 'none', regress.way_id(600), 1);
SELECT * FROM regress.offered_to('none');
ROLLBACK;

DELETE FROM skills.skill WHERE org_id = 'ways';
SELECT * FROM regress.offered_to_all();
DROP FUNCTION regress.way, regress.way_id, regress.offered_to, regress.offered_to_all;
DROP VIEW regress.offered;
