--
-- Rows of a role that bypasses row security and has no identity are taken as
-- given; nulling, pruning and cascading run all the same.
--
BEGIN;
-- Given, to the byte: neither numbered, stamped, subscribed nor asked for a version.
INSERT INTO skills.skill (org_id, skill_id, name, tags, created, created_by, modified, modified_by, revision)
VALUES ('restored', regress.id('1'), 'old', '{a,b}', '2001-01-01 00:00:00.000001+00', 'zoe', '2002-01-01 00:00:00+00', NULL, 7);
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, created, created_by, modified, modified_by, revision)
VALUES ('restored', regress.id('1'), 5, 'When', 'What', 'zoe', '2001-01-01', 'yan', '2002-01-01', 'xu', 9);
SELECT name, tags, created AT TIME ZONE 'UTC' AS created, created_by, modified AT TIME ZONE 'UTC' AS modified, modified_by, revision FROM skills.skill WHERE org_id = 'restored';
SELECT version, author, created_by, modified_by, revision FROM skills.skill_version WHERE org_id = 'restored';
SELECT count(*) AS subscriptions FROM skills.skill_subscription WHERE org_id = 'restored';
-- An UPDATE leaves modified_by NULL, and shows in the revision.
UPDATE skills.skill_version SET body = 'Mended' WHERE org_id = 'restored' RETURNING modified_by, revision, modified = now() AS modified;
UPDATE skills.skill SET name = 'mended' WHERE org_id = 'restored' RETURNING modified_by, revision, modified = now() AS modified;
ROLLBACK;

-- Constraints still hold.
BEGIN;
\set VERBOSITY terse
SAVEPOINT s;
INSERT INTO skills.skill (org_id, name, created_by) VALUES ('restored', 'not a name', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill (org_id, name, created_by, tags) VALUES ('restored', 'name', 'zoe', '{b,a}');
ROLLBACK TO s;
INSERT INTO skills.skill (org_id, name, created_by, accessibility) VALUES ('restored', 'name', 'zoe', 'public');
ROLLBACK TO s;
INSERT INTO skills.skill (org_id, skill_id, name, created_by) VALUES ('restored', 'sk_1', 'name', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill (org_id, name, created_by) VALUES ('', 'name', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, created_by) VALUES ('acme', regress.id('E'), 0, 'When', 'What', 'alice', 'alice');
ROLLBACK TO s;
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, created_by) VALUES ('acme', regress.id('X'), 1, 'When', 'What', 'alice', 'alice');
ROLLBACK TO s;
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) VALUES ('acme', 'zoe', regress.id('E'), 9);
ROLLBACK;

\set VERBOSITY default
-- Pins are cleared, subscriptions pruned, empty skills gone, deletes cascade.
BEGIN;
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E') AND version = 1;
SELECT user_id, ai_version FROM skills.skill_subscription WHERE skill_id = regress.id('E') ORDER BY user_id;
UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = regress.id('E');
SELECT user_id FROM skills.skill_subscription WHERE skill_id = regress.id('E');
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E');
SELECT count(*) FROM skills.skill WHERE skill_id = regress.id('E');
DELETE FROM skills.skill WHERE skill_id = regress.id('G');
SELECT count(*) FROM skills.skill_version WHERE skill_id = regress.id('G');
SELECT * FROM regress.violation;
ROLLBACK;

-- With an identity a superuser is a user like any other, for what it writes.
BEGIN;
SELECT skills.set_identity('bob', 'acme');
SAVEPOINT s;
SELECT skills.get_skill(regress.id('P'));
ROLLBACK TO s;
SELECT skills.subscribe(regress.id('P'));
ROLLBACK TO s;
INSERT INTO skills.skill_subscription (user_id, skill_id) VALUES ('carol', regress.id('G'));
ROLLBACK TO s;
UPDATE skills.skill_subscription SET ai_version = NULL WHERE user_id = 'alice';
ROLLBACK TO s;
UPDATE skills.skill SET name = 'taken_over' WHERE skill_id = regress.id('P');
ROLLBACK TO s;
UPDATE skills.skill_version SET body = 'Taken over' WHERE skill_id = regress.id('P');
ROLLBACK TO s;
DELETE FROM skills.skill WHERE skill_id = regress.id('G');
ROLLBACK TO s;
INSERT INTO skills.skill (skill_id, name) VALUES (regress.id('X'), 'empty');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO s;
SELECT name FROM skills.list_skills();
SELECT name FROM skills.ai_registry();
SELECT modified_by FROM skills.update_skill(regress.id('E'), put_tags => '{calm}');
SELECT skills.set_identity('mallory', 'globex');
SAVEPOINT s;
DELETE FROM skills.skill WHERE skill_id = regress.id('G');
ROLLBACK TO s;
UPDATE skills.skill_version SET body = 'Taken over' WHERE skill_id = regress.id('G');
ROLLBACK;

-- The database's own write is known by the statement, not by the context: a
-- definer's function that runs inside a foreign key's cascade meets the rules.
CREATE FUNCTION regress.edit(id text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	UPDATE skills.skill_version SET body = 'Taken over' WHERE skill_id = id;
	RETURN FOUND;
END
$$;
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('carol', 'acme');
CREATE TEMPORARY TABLE parent (id text PRIMARY KEY);
CREATE TEMPORARY TABLE child (id text REFERENCES parent ON DELETE CASCADE);
CREATE FUNCTION pg_temp.edit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM regress.edit(OLD.id); RETURN OLD; END';
CREATE TRIGGER edit BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION pg_temp.edit();
INSERT INTO parent VALUES (regress.id('E'));
INSERT INTO child VALUES (regress.id('E'));
\set VERBOSITY terse
DELETE FROM parent;
\set VERBOSITY default
ROLLBACK;
-- Nor is it by one that a trigger of somebody else makes inside ours.
BEGIN;
CREATE FUNCTION regress.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.ai_version IS NULL THEN
		UPDATE skills.skill_version SET body = 'Meddled' WHERE skill_id = NEW.skill_id AND version = 2;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER meddle BEFORE UPDATE ON skills.skill_subscription FOR EACH ROW EXECUTE FUNCTION regress.meddle();
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
SELECT skills.delete_version(regress.id('E'), 1);
SELECT body, revision, modified_by FROM skills.skill_version WHERE skill_id = regress.id('E');
ROLLBACK;
DROP FUNCTION regress.edit;

-- grant_usage gives what an app needs, revoke_usage takes it all back.
CREATE ROLE regress_skills_passing;
SELECT skills.grant_usage('regress_skills_passing', true);
SELECT has_schema_privilege('regress_skills_passing', 'skills', 'USAGE') AS schema,
	has_table_privilege('regress_skills_passing', 'skills.skill', 'INSERT') AS tables,
	has_function_privilege('regress_skills_passing', 'skills.ai_registry(text, text)', 'EXECUTE') AS functions,
	has_function_privilege('regress_skills_passing', 'skills.grant_usage(regrole, boolean)', 'EXECUTE') AS grants,
	has_table_privilege('regress_skills_passing', 'skills.skill', 'TRUNCATE') AS truncates,
	has_parameter_privilege('regress_skills_passing', 'skills.user_id', 'SET') AS identity;
SELECT skills.revoke_usage('regress_skills_passing');
DROP ROLE regress_skills_passing;
SELECT skills.grant_usage(NULL);
-- The privileges are the caller's own.
SET ROLE regress_skills_app;
SELECT skills.grant_usage('regress_skills_person', true);
RESET ROLE;
