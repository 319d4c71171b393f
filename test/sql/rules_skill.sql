--
-- Rules 1 to 4, 6, 9 to 12 for skills.skill: the number of rows or the
-- SQLSTATE, for each caller.
--
-- See: a private skill its author alone, the others the org.
SELECT * FROM regress.outcomes(
	'SELECT FROM skills.skill',
	'SELECT FROM skills.skill WHERE skill_id = $P',
	'SELECT FROM skills.skill WHERE skill_id = $G',
	'SELECT FROM skills.skill WHERE skill_id = $E FOR UPDATE',
	'SELECT FROM skills.skill WHERE skill_id = $X',
	'SELECT FROM skills.skill_summary',
	'SELECT skills.get_skill($P)',
	'SELECT skills.get_skill($G)',
	'SELECT skills.get_skill($X)',
	$$SELECT skills.get_skill_by_name('payroll')$$,
	$$SELECT skills.get_skill_by_name('escalate')$$,
	'SELECT skills.get_skill_summary($P)',
	'SELECT skills.get_skill_summary($E)',
	'SELECT FROM skills.list_skills()',
	$$SELECT FROM skills.list_skills('personal')$$,
	$$SELECT FROM skills.list_skills('org')$$,
	'SELECT FROM skills.list_known_tags()'
);

-- Edit name and tags: the author, on an org-editable skill a subscriber, too.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill SET name = 'wages' WHERE skill_id = $P$$,
	$$UPDATE skills.skill SET name = 'welcome' WHERE skill_id = $G$$,
	$$UPDATE skills.skill SET name = 'calm' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET tags = '{new}' WHERE skill_id = $G RETURNING tags$$,
	$$UPDATE skills.skill SET tags = '{new}' WHERE skill_id = $E RETURNING tags$$,
	$$UPDATE skills.skill SET tags = '{new}' WHERE skill_id = $X$$,
	$$SELECT skills.update_skill($P, name => 'wages')$$,
	$$SELECT skills.update_skill($G, put_tags => '{new}')$$,
	$$SELECT skills.update_skill($E, put_tags => '{new}', remove_tags => '{support}')$$,
	$$SELECT skills.update_skill($X, name => 'wages')$$,
	$$SELECT skills.update_skill($E, expected_revision => 1)$$,
	$$SELECT skills.update_skill($E, expected_revision => 7)$$,
	$$MERGE INTO skills.skill AS s USING (SELECT $E AS id) AS g ON s.skill_id = g.id
		WHEN MATCHED THEN UPDATE SET tags = '{merged}'$$,
	$$MERGE INTO skills.skill AS s USING (SELECT $P AS id) AS g ON s.skill_id = g.id
		WHEN MATCHED THEN UPDATE SET tags = '{merged}'$$
);

-- The author alone: accessibility, deletion. The accessibility it has is no change.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET accessibility = 'org-editable' WHERE skill_id = $G$$,
	$$UPDATE skills.skill SET accessibility = 'org-editable' WHERE skill_id = $E$$,
	$$SELECT skills.update_skill($E, accessibility => 'org')$$,
	$$SELECT skills.update_skill($E, accessibility => 'org-editable')$$,
	'DELETE FROM skills.skill WHERE skill_id = $P',
	'DELETE FROM skills.skill WHERE skill_id = $G',
	'DELETE FROM skills.skill WHERE skill_id = $E RETURNING name',
	'MERGE INTO skills.skill AS s USING (SELECT $E AS id) AS g ON s.skill_id = g.id WHEN MATCHED THEN DELETE',
	'SELECT skills.delete_skill($P)',
	'SELECT skills.delete_skill($E)',
	'SELECT skills.delete_skill($X)'
);

-- Create: the caller becomes author, in its own org, with a version.
SELECT * FROM regress.outcomes(
	$$INSERT INTO skills.skill (name) VALUES ('new')$$,
	$$WITH s AS (INSERT INTO skills.skill (name) VALUES ('new') RETURNING skill_id)
		INSERT INTO skills.skill_version (skill_id, description, body) SELECT skill_id, 'When', 'What' FROM s$$,
	$$INSERT INTO skills.skill (name, created_by) VALUES ('new', 'zoe')$$,
	$$INSERT INTO skills.skill (name, org_id) VALUES ('new', 'initech')$$,
	$$INSERT INTO skills.skill (name, created_by) VALUES ('new', NULL)$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($G, 'new')$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($G, 'new') ON CONFLICT DO NOTHING$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($G, 'new') ON CONFLICT (org_id, skill_id) DO UPDATE SET name = 'taken_over'$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($P, 'new')$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($P, 'new') ON CONFLICT DO NOTHING$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ($P, 'new') ON CONFLICT (org_id, skill_id) DO UPDATE SET name = 'taken_over'$$,
	$$MERGE INTO skills.skill AS s USING (SELECT $X AS id) AS g ON s.skill_id = g.id
		WHEN NOT MATCHED THEN INSERT (skill_id, name) VALUES ($X, 'new')$$,
	$$SELECT skills.create_skill('new', 'When', 'What')$$,
	$$COPY skills.skill (name) FROM PROGRAM 'echo new'$$,
	$$TRUNCATE skills.skill CASCADE$$
);

-- COPY TO shows what SELECT shows, and nobody reads around the policies.
BEGIN;
-- Every index gives the two rows in the same order.
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SET LOCAL ROLE regress_skills_app;
COPY skills.skill (name) TO STDOUT;
SELECT skills.set_identity('bob', 'acme');
COPY skills.skill (name) TO STDOUT;
COPY (SELECT name, created_by FROM skills.skill ORDER BY name) TO STDOUT;
SET LOCAL row_security = off;
COPY skills.skill (name) TO STDOUT;
ROLLBACK;

-- Names: unique among the shared, and among the private ones of an author.
SELECT * FROM regress.outcomes(
	$$SELECT skills.create_skill('payroll', 'When', 'What')$$,
	$$SELECT skills.create_skill('payroll', 'When', 'What', 'org')$$,
	$$SELECT skills.create_skill('onboard', 'When', 'What')$$,
	$$SELECT skills.create_skill('onboard', 'When', 'What', 'org')$$,
	$$SELECT skills.create_skill('onboard', 'When', 'What', 'org-editable')$$,
	$$INSERT INTO skills.skill (name, accessibility) VALUES ('onboard', 'org')$$,
	$$INSERT INTO skills.skill (name, accessibility) VALUES ('onboard', 'org') ON CONFLICT DO NOTHING$$,
	$$SELECT skills.create_skill('Onboard', 'When', 'What', 'org')$$,
	$$UPDATE skills.skill SET name = 'onboard' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET name = 'onboard' WHERE skill_id = $P$$,
	$$UPDATE skills.skill SET name = 'onboard', accessibility = 'org' WHERE skill_id = $P$$
);

-- Fixed columns: writing another value is an error, writing the same is none.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill SET org_id = 'globex' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET skill_id = $X WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET created_by = 'bob' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET created_by = NULL WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET created = '2001-01-01' WHERE skill_id = $E$$,
	$$UPDATE skills.skill SET org_id = 'acme', skill_id = $E, created_by = 'alice', created = created WHERE skill_id = $E$$
);

-- Stamps are the database's, whatever a client gives.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill (name, created, modified, modified_by, revision, tags)
VALUES ('stamped', '2001-01-01', '2001-01-01', 'zoe', 99, '{b,a,b}')
RETURNING created = now() AS created, modified = now() AS modified, modified_by, revision, tags;
UPDATE skills.skill SET modified = '2001-01-01', modified_by = 'zoe', revision = 99, tags = '{z,Z,é,z}' WHERE name = 'stamped'
RETURNING modified = now() AS modified, modified_by, revision, tags;
UPDATE skills.skill SET name = name WHERE name = 'stamped' RETURNING revision;
ROLLBACK;

-- A skill without a version at commit, and one whose version came and went.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill (skill_id, name) VALUES (regress.id('X'), 'empty');
COMMIT;
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill (skill_id, name) VALUES (regress.id('X'), 'empty');
INSERT INTO skills.skill_version (skill_id, description, body) VALUES (regress.id('X'), 'When', 'What');
DELETE FROM skills.skill_version WHERE skill_id = regress.id('X');
SELECT count(*) FROM skills.skill WHERE skill_id = regress.id('X');
COMMIT;

-- Also where constraints are asked at once, the function gives both in time.
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
SELECT name FROM skills.create_skill('prompt', 'When', 'What');
ROLLBACK;
-- What a skill needs at commit is decided when it is written: who one is at
-- commit changes nothing.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill (skill_id, name) VALUES (regress.id('X'), 'empty');
RESET ROLE;
SELECT skills.set_identity('', '') = '' AS nobody;
COMMIT;

-- The author is subscribed and pinned at creation. Deletion takes all with it.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
SELECT skill_id AS id FROM skills.create_skill('passing', 'When', 'What', 'org') \gset
SELECT user_id, ai_version FROM skills.skill_subscription WHERE skill_id = :'id';
SELECT skills.set_identity('bob', 'acme');
SELECT ai_version FROM skills.set_ai_version(:'id', 1);
SELECT skills.set_identity('alice', 'acme');
SELECT skills.delete_skill(:'id');
RESET ROLE;
SELECT (SELECT count(*) FROM skills.skill_version WHERE skill_id = :'id') AS versions,
	(SELECT count(*) FROM skills.skill_subscription WHERE skill_id = :'id') AS subscriptions;
ROLLBACK;

-- A flip to private takes every subscription but the author's, and is copied
-- to the versions without a change of theirs.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = regress.id('E');
RESET ROLE;
SELECT user_id, ai_version FROM skills.skill_subscription WHERE skill_id = regress.id('E');
SELECT version, accessibility, revision, modified_by FROM skills.skill_version WHERE skill_id = regress.id('E') ORDER BY version;
SELECT * FROM regress.violation;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme');
SELECT name FROM skills.skill ORDER BY name;
SELECT DISTINCT skill_id FROM skills.skill_version;
SELECT skills.set_identity('alice', 'acme');
UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = regress.id('E');
SELECT skills.set_identity('bob', 'acme');
SELECT version, accessibility FROM skills.skill_version WHERE skill_id = regress.id('E') ORDER BY version;
ROLLBACK;

-- What the errors say.
SELECT regress.outcome(caller, statement, true) FROM (VALUES
	('nobody', $$INSERT INTO skills.skill (name) VALUES ('new')$$),
	('bob', 'SELECT skills.get_skill($P)'),
	('bob', 'SELECT skills.get_skill($X)'),
	('bob', $$SELECT skills.get_skill_by_name('payroll')$$),
	('carol', $$UPDATE skills.skill SET name = 'x' WHERE skill_id = $E$$),
	('carol', $$UPDATE skills.skill SET name = 'x' WHERE skill_id = $G$$),
	('bob', $$UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = $E$$),
	('bob', 'DELETE FROM skills.skill WHERE skill_id = $E'),
	('bob', $$INSERT INTO skills.skill (name, created_by) VALUES ('new', 'alice')$$),
	('bob', $$INSERT INTO skills.skill (name, org_id) VALUES ('new', 'globex')$$),
	('bob', $$INSERT INTO skills.skill (name, accessibility) VALUES ('onboard', 'org')$$),
	('bob', $$INSERT INTO skills.skill (skill_id, name) VALUES ($P, 'new')$$),
	('alice', $$INSERT INTO skills.skill (skill_id, name) VALUES ($P, 'new')$$),
	('alice', $$INSERT INTO skills.skill (name) VALUES ('payroll')$$),
	('alice', $$UPDATE skills.skill SET created_by = 'bob' WHERE skill_id = $E$$),
	('alice', $$INSERT INTO skills.skill (skill_id, name) VALUES ($X, 'empty')$$),
	('alice', $$SELECT skills.update_skill($E, expected_revision => 7)$$)
) AS v (caller, statement);
