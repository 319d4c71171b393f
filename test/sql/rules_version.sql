--
-- Rules 1 to 5, 8, 11 and 12 for skills.skill_version: the number of rows or
-- the SQLSTATE, for each caller.
--
-- See: with the skill.
SELECT * FROM regress.outcomes(
	'SELECT FROM skills.skill_version',
	'SELECT FROM skills.skill_version WHERE skill_id = $P',
	'SELECT FROM skills.skill_version WHERE skill_id = $E FOR UPDATE',
	'SELECT skills.get_version($P)',
	'SELECT skills.get_version($G, 1)',
	'SELECT skills.get_version($G, 9)',
	'SELECT skills.get_version($X)',
	'SELECT FROM skills.list_versions($P)',
	'SELECT FROM skills.list_versions($E)',
	$$SELECT skills.resolve_skill('/payroll')$$,
	$$SELECT skills.resolve_skill('/onboard@v2')$$,
	$$SELECT skills.resolve_skill($P)$$
);

-- Add: who may edit. The number is the next one.
SELECT * FROM regress.outcomes(
	$$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($P, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($G, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($E, 'When', 'What') RETURNING version$$,
	$$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($X, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 3, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 2, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 2, 'When', 'What') ON CONFLICT DO NOTHING$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 4, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, -1, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, NULL, 'When', 'What')$$,
	$$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($E, 'When', '3'), ($E, 'When', '4')$$,
	$$INSERT INTO skills.skill_version (skill_id, description, body, created_by) VALUES ($E, 'When', 'What', 'zoe')$$,
	$$INSERT INTO skills.skill_version (org_id, skill_id, description, body) VALUES ('initech', $E, 'When', 'What')$$,
	$$MERGE INTO skills.skill_version AS v USING (SELECT $E AS id, 9 AS n) AS g ON (v.skill_id, v.version) = (g.id, g.n)
		WHEN NOT MATCHED THEN INSERT (skill_id, description, body) VALUES (g.id, 'When', 'What')$$,
	$$SELECT skills.create_version($P, 'When', 'What')$$,
	$$SELECT skills.create_version($G, 'When', 'What')$$,
	$$SELECT skills.create_version($E, 'When', 'What')$$,
	$$SELECT skills.create_version($X, 'When', 'What')$$
);

-- Change.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill_version SET body = 'New' WHERE skill_id = $P$$,
	$$UPDATE skills.skill_version SET body = 'New' WHERE skill_id = $G$$,
	$$UPDATE skills.skill_version SET body = 'New' WHERE skill_id = $E RETURNING body$$,
	$$UPDATE skills.skill_version SET body = 'New' WHERE skill_id = $X$$,
	$$MERGE INTO skills.skill_version AS v USING (SELECT $E AS id, 2 AS n) AS g ON (v.skill_id, v.version) = (g.id, g.n)
		WHEN MATCHED THEN UPDATE SET body = 'New'$$,
	$$SELECT skills.update_version($P, 1, body => 'New')$$,
	$$SELECT skills.update_version($G, 1, body => 'New')$$,
	$$SELECT skills.update_version($E, 1, body => 'New')$$,
	$$SELECT skills.update_version($E, 9, body => 'New')$$,
	$$SELECT skills.update_version($X, 1, body => 'New')$$,
	$$SELECT skills.update_version($E, 1, body => 'New', expected_revision => 1)$$,
	$$SELECT skills.update_version($E, 1, body => 'New', expected_revision => 2)$$
);

-- Delete: who may edit; the last remaining one the author alone.
SELECT * FROM regress.outcomes(
	'DELETE FROM skills.skill_version WHERE skill_id = $P AND version = 1',
	'DELETE FROM skills.skill_version WHERE skill_id = $G AND version = 1',
	'DELETE FROM skills.skill_version WHERE skill_id = $E AND version = 1 RETURNING body',
	'DELETE FROM skills.skill_version WHERE skill_id = $E',
	'MERGE INTO skills.skill_version AS v USING (SELECT $E AS id) AS g ON v.skill_id = g.id AND v.version = 1 WHEN MATCHED THEN DELETE',
	'SELECT skills.delete_version($P, 1)',
	'SELECT skills.delete_version($G, 1)',
	'SELECT skills.delete_version($E, 1)',
	'SELECT skills.delete_version($E, 9)',
	'SELECT skills.delete_version($X, 1)',
	'SELECT skills.delete_version($E, 1), skills.delete_version($E, 2)'
);

-- Fixed columns, and stamps that a client may send.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill_version SET org_id = 'globex' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_version SET skill_id = $G WHERE skill_id = $E$$,
	$$UPDATE skills.skill_version SET version = version + 2 WHERE skill_id = $E$$,
	$$UPDATE skills.skill_version SET created_by = 'zoe' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_version SET created = '2001-01-01' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_version SET version = version, created_by = 'alice', created = created WHERE skill_id = $E$$
);
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme');
INSERT INTO skills.skill_version (skill_id, description, body, author, accessibility, created, modified, modified_by, revision)
VALUES (regress.id('E'), 'When', 'What', 'zoe', 'private', '2001-01-01', '2001-01-01', 'zoe', 99)
RETURNING version, author, accessibility, created = now() AS created, created_by, modified = now() AS modified, modified_by, revision;
UPDATE skills.skill_version SET author = 'zoe', accessibility = 'private', modified = '2001-01-01', modified_by = 'zoe', revision = 99
WHERE skill_id = regress.id('E') AND version = 1
RETURNING author, accessibility, created_by, modified = now() AS modified, modified_by, revision;
-- A new version moves nobody's pin; every column can be left to its default.
SELECT user_id, ai_version FROM skills.skill_subscription WHERE skill_id = regress.id('E');
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, relevant_topics, frontmatter, author,
	accessibility, created, created_by, modified, modified_by, revision)
VALUES (DEFAULT, regress.id('E'), DEFAULT, 'When', 'What', DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT)
RETURNING version;
ROLLBACK;

-- A deleted version takes every pin to it, whoever holds it; the subscriptions
-- stay. The highest number is free again, a lower one is not.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme');
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E') AND version = 1;
RESET ROLE;
SELECT user_id, ai_version FROM skills.skill_subscription WHERE skill_id = regress.id('E') ORDER BY user_id;
SET LOCAL ROLE regress_skills_app;
SELECT version FROM skills.create_version(regress.id('E'), 'When', 'What');
SELECT skills.delete_version(regress.id('E'), 3);
SELECT version FROM skills.create_version(regress.id('E'), 'When', 'What');
-- The last one: the author alone, and the skill goes with it.
SELECT skills.delete_version(regress.id('E'), 3);
SAVEPOINT s;
SELECT skills.delete_version(regress.id('E'), 2);
ROLLBACK TO s;
SELECT skills.set_identity('alice', 'acme');
SELECT skills.delete_version(regress.id('E'), 2);
RESET ROLE;
SELECT count(*) FROM skills.skill WHERE skill_id = regress.id('E');
SELECT count(*) FROM skills.skill_subscription WHERE skill_id = regress.id('E');
ROLLBACK;

-- A sole version is not replaced in passing: not by an editor; by the author
-- without moving a pin or a subscription.
SELECT * FROM regress.outcomes(
	$$WITH d AS (DELETE FROM skills.skill_version WHERE skill_id = $E RETURNING skill_id)
		INSERT INTO skills.skill_version (skill_id, description, body) SELECT DISTINCT skill_id, 'When', 'Other' FROM d$$);
-- A pin of the same transaction, and then all versions at once.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
SELECT ai_version FROM skills.set_ai_version(regress.id('E'), 2);
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E');
SELECT count(*) FROM skills.skill_subscription WHERE skill_id = regress.id('E');
ROLLBACK;
-- An imported version keeps its front matter through edits, and its limit.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter)
VALUES (regress.id('E'), repeat('d', 1024), 'What', '{"license": "MIT"}');
SELECT revision, frontmatter FROM skills.update_version(regress.id('E'), 3, body => 'Else');
SELECT version, frontmatter FROM skills.create_version(regress.id('E'), repeat('e', 600), 'What');
SELECT version, frontmatter FROM skills.create_version(regress.id('E'), 'When', 'What', copy_files => false);
ROLLBACK;
-- It is what reading a SKILL.md could have given, whoever writes it.
CREATE FUNCTION pg_temp.set_frontmatter(value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	UPDATE skills.skill_version SET frontmatter = value WHERE skill_id = regress.id('E');
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' / ', SQLSTATE || ': ' || SQLERRM, nullif(detail, ''));
END
$$;
CREATE TABLE regress.frontmatter (n integer, value jsonb);
INSERT INTO regress.frontmatter VALUES
	(1, '[]'), (2, '"a"'), (3, 'null'), (4, '{"a": 1.50}'), (5, '{"a": ["b", true]}'), (6, '{"a": {"b": null}}'),
	(7, (repeat('{"a":', 16) || '"b"' || repeat('}', 16))::jsonb), (8, (repeat('{"a":', 17) || '"b"' || repeat('}', 17))::jsonb),
	(9, ('{"a":' || repeat('[', 16) || repeat(']', 16) || '}')::jsonb), (10, '{}'),
	(11, jsonb_build_object('a', repeat('b', 65532))), (12, jsonb_build_object('a', repeat('b', 65533))),
	(13, jsonb_build_object('a', (SELECT jsonb_agg('{}'::jsonb) FROM generate_series(1, 65533)))), (14, NULL);
GRANT SELECT ON regress.frontmatter TO regress_skills_app;
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
SELECT n, pg_temp.set_frontmatter(value) FROM regress.frontmatter ORDER BY n;
-- The JSON null, which mappers send, is none, and what it leaves has the shorter limit.
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter) VALUES (regress.id('E'), 'When', 'What', 'null')
RETURNING frontmatter IS NULL AS is_null;
UPDATE skills.skill_version SET frontmatter = 'null' WHERE skill_id = regress.id('E') RETURNING frontmatter IS NULL AS is_null;
SAVEPOINT long;
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter) VALUES (regress.id('E'), repeat('d', 501), 'What', 'null');
ROLLBACK TO long;
-- A limit that is lowered is asked of what is written, not of what is there.
SELECT pg_temp.set_frontmatter('{"a": "b"}');
RESET ROLE;
SET LOCAL skills.max_frontmatter_size = 4;
SET LOCAL ROLE regress_skills_app;
SELECT frontmatter FROM skills.update_version(regress.id('E'), 1, body => 'Else');
\set SHOW_CONTEXT never
SELECT skills.create_version(regress.id('E'), 'When', 'What');
\unset SHOW_CONTEXT
ROLLBACK;
-- A DBA's rows are asked for their form, not for their size.
BEGIN;
SELECT n, pg_temp.set_frontmatter(value) FROM regress.frontmatter WHERE n IN (3, 4, 8, 12) ORDER BY n;
-- What is made of the deepest: 16 levels indent each of its lines by 30.
SELECT length(skills.write_skill_md('a', 'b', value, '')) AS length
FROM (SELECT (repeat('{"a":', 15) || jsonb_agg('b'::text) || repeat('}', 15))::jsonb AS value FROM generate_series(1, 30000)) AS deep;
ROLLBACK;
DROP TABLE regress.frontmatter;

-- What the errors say.
SELECT regress.outcome(caller, statement, true) FROM (VALUES
	('nobody', $$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($P, 'When', 'What')$$),
	('bob', $$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($P, 'When', 'What')$$),
	('bob', $$INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($X, 'When', 'What')$$),
	('carol', $$UPDATE skills.skill_version SET body = 'New' WHERE skill_id = $E$$),
	('bob', $$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 9, 'When', 'What')$$),
	('bob', $$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, NULL, 'When', 'What')$$),
	('bob', 'SELECT skills.get_version($P, 1)'),
	('bob', 'SELECT skills.get_version($G, 9)'),
	('bob', 'DELETE FROM skills.skill_version WHERE skill_id = $E'),
	('bob', $$SELECT skills.update_version($E, 1, body => 'New', expected_revision => 2)$$),
	('bob', $$UPDATE skills.skill_version SET version = 3 WHERE skill_id = $E AND version = 2$$)
) AS v (caller, statement);
