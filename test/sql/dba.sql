--
-- What only a DBA may do: a skill passes to another author, a user is
-- forgotten, an org is forgotten. Nothing is left behind, nothing of others is
-- touched.
--
\set SHOW_CONTEXT never
CREATE ROLE regress_skills_dba BYPASSRLS;
SELECT skills.grant_usage('regress_skills_dba');
GRANT EXECUTE ON FUNCTION skills.transfer_skill, skills.forget_user, skills.forget_org TO regress_skills_dba;
GRANT USAGE ON SCHEMA regress TO regress_skills_dba;

-- The rows of an org, or of all but one, as one value.
CREATE FUNCTION regress.rows_of(org text, but boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
	SELECT count(*) || ' ' || md5(string_agg(r, E'\n' ORDER BY r)) FROM (
		SELECT s::text FROM skills.skill AS s WHERE (s.org_id = org) <> but
		UNION ALL SELECT v::text FROM skills.skill_version AS v WHERE (v.org_id = org) <> but
		UNION ALL SELECT f::text FROM skills.skill_file AS f WHERE (f.org_id = org) <> but
		UNION ALL SELECT t::text FROM skills.skill_subscription AS t WHERE (t.org_id = org) <> but) AS r (r)
$$;
-- Where a text stands: every column of every table is searched.
CREATE FUNCTION regress.named(org text, needle text) RETURNS TABLE (place text, nrows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR place IN SELECT format('%s.%I', a.attrelid::regclass, attname) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
		WHERE relnamespace = 'skills'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped ORDER BY 1
	LOOP
		EXECUTE format('SELECT count(*) FROM %s AS t WHERE org_id = $1 AND strpos(t.%I::text, $2) > 0',
			substring(place FROM '^(.*)\.'), substring(place FROM '[^.]*$')) INTO nrows USING org, needle;
		IF nrows > 0 THEN RETURN NEXT; END IF;
	END LOOP;
END
$$;

-- The world: what a leaver of the org initech leaves, and the same of another org.
CREATE FUNCTION regress.leave(org text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM skills.set_identity('leaver', org);
	INSERT INTO skills.skill (skill_id, name, accessibility) VALUES
		(regress.id('Q'), 'mine', 'private'), (regress.id('R'), 'same', 'private'),
		(regress.id('S'), 'same', 'org'), (regress.id('T'), 'team', 'org-editable');
	INSERT INTO skills.skill_version (skill_id, description, body) SELECT s.skill_id, 'When', 'What' FROM skills.skill AS s WHERE s.org_id = org ORDER BY skill_id;
	INSERT INTO skills.skill_version (skill_id, description, body) VALUES (regress.id('S'), 'When 2', 'What 2');
	INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT v.skill_id, version, 'a', 'b' FROM skills.skill_version AS v WHERE v.org_id = org;
	PERFORM skills.set_identity('heir', org);
	INSERT INTO skills.skill (skill_id, name, accessibility) VALUES
		(regress.id('V'), 'same', 'private'), (regress.id('W'), 'common', 'org-editable');
	INSERT INTO skills.skill_version (skill_id, description, body) VALUES (regress.id('V'), 'When', 'What'), (regress.id('W'), 'When', 'What');
	INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (regress.id('S'), 1);
	PERFORM skills.set_identity('leaver', org);
	-- In what is the heir's: a version, a file, an edit of a version, and of the skill.
	INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (regress.id('W'), 1);
	INSERT INTO skills.skill_version (skill_id, description, body) VALUES (regress.id('W'), 'Added', 'What');
	INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('W'), 1, 'a', 'b');
	UPDATE skills.skill_version SET body = 'Better' WHERE org_id = org AND skill_id = regress.id('W') AND version = 1;
	UPDATE skills.skill SET tags = '{x}' WHERE org_id = org AND skill_id = regress.id('W');
	PERFORM skills.set_identity('reader', org);
	INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (regress.id('S'), 2), (regress.id('W'), 2);
	-- In what is the leaver's.
	INSERT INTO skills.skill_subscription (skill_id) VALUES (regress.id('T'));
	INSERT INTO skills.skill_version (skill_id, description, body) VALUES (regress.id('T'), 'Added', 'What');
	PERFORM skills.set_identity('', '');
END
$$;
BEGIN;
SELECT regress.leave('initech');
SELECT regress.leave('initrode');
COMMIT;
SELECT place, nrows FROM regress.named('initech', 'leaver');
CREATE VIEW regress.initech AS
SELECT s.skill_id, s.name, s.accessibility, s.created_by AS author, s.modified_by AS by, s.revision AS rev,
	(SELECT string_agg(concat_ws(' ', version, v.author, v.created_by, coalesce(v.modified_by, '-'), v.revision), ', ' ORDER BY version)
		FROM skills.skill_version AS v WHERE (v.org_id, v.skill_id) = (s.org_id, s.skill_id)) AS versions,
	(SELECT string_agg(concat_ws(' ', version, f.author, f.created_by), ', ' ORDER BY version)
		FROM skills.skill_file AS f WHERE (f.org_id, f.skill_id) = (s.org_id, s.skill_id)) AS files,
	(SELECT string_agg(concat_ws(' ', user_id, ai_version), ', ' ORDER BY user_id)
		FROM skills.skill_subscription AS t WHERE (t.org_id, t.skill_id) = (s.org_id, s.skill_id)) AS subscriptions
FROM skills.skill AS s WHERE s.org_id = 'initech';
SELECT * FROM regress.initech ORDER BY skill_id;
SELECT regress.rows_of('initech') AS initech, regress.rows_of('initech', but => true) AS others \gset

-- transfer_skill
BEGIN;
SET LOCAL ROLE regress_skills_dba;
-- A private one: the former author is not subscribed any more, the new one has the pin.
SELECT skill_id, created_by, modified_by, revision, modified = now() AS modified FROM skills.transfer_skill('initech', regress.id('Q'), 'heir');
-- A shared one: the new author keeps a pin, the former one the subscription.
SELECT skill_id, created_by, modified_by, revision FROM skills.transfer_skill('initech', regress.id('S'), 'heir');
-- A new author whom nobody knows; the former one has no pin, or no subscription.
UPDATE skills.skill_subscription SET ai_version = NULL WHERE org_id = 'initech' AND skill_id = regress.id('T') AND user_id = 'leaver';
SELECT skill_id, created_by, revision FROM skills.transfer_skill('initech', regress.id('T'), 'new');
DELETE FROM skills.skill_subscription WHERE org_id = 'initech' AND skill_id = regress.id('V');
SELECT skill_id, created_by, revision FROM skills.transfer_skill('initech', regress.id('V'), 'new');
-- To the same author: no change.
SELECT skill_id, created_by, modified_by, revision FROM skills.transfer_skill('initech', regress.id('W'), 'heir');
RESET ROLE;
SELECT * FROM regress.initech ORDER BY skill_id;
SELECT * FROM regress.violation;
SELECT regress.rows_of('initech', but => true) = :'others' AS others_untouched;
-- The new author is one: edits, shares and deletes; the former one is not.
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('leaver', 'initech');
SAVEPOINT s;
SELECT skills.get_skill(regress.id('Q'));
ROLLBACK TO s;
SELECT skills.update_skill(regress.id('S'), 'mine_still');
ROLLBACK TO s;
SELECT skills.delete_skill(regress.id('T'));
ROLLBACK TO s;
SELECT version, author, created_by FROM skills.create_version(regress.id('T'), 'When', 'What');
SELECT skills.set_identity('heir', 'initech');
SELECT name, version, created_by FROM skills.ai_registry();
SELECT version, author, created_by FROM skills.create_version(regress.id('Q'), 'When', 'What');
SELECT accessibility FROM skills.update_skill(regress.id('S'), accessibility => 'private', name => 'other');
SELECT skills.delete_skill(regress.id('Q'));
ROLLBACK;

-- A name that the new author has among private skills; among shared ones it is no clash.
SELECT skills.transfer_skill('initech', regress.id('R'), 'heir');
SELECT skills.transfer_skill('initech', regress.id('V'), 'leaver');
-- What there is not, also in another org; what is no id.
SELECT skills.transfer_skill('initech', regress.id('X'), 'heir');
SELECT skills.transfer_skill('globex', regress.id('Q'), 'heir');
SELECT skills.transfer_skill('initech', 'nonsense', 'heir');
SELECT skills.transfer_skill(NULL, regress.id('Q'), 'heir');
SELECT skills.transfer_skill('initech', NULL, 'heir');
SELECT skills.transfer_skill('initech', regress.id('Q'), NULL);
SELECT skills.transfer_skill('initech', '', NULL);
SELECT skills.transfer_skill('initech', regress.id('Q'), '');
-- A trigger of the DBA's own that keeps rows as they are: what cannot be done is not said to be.
BEGIN;
CREATE FUNCTION regress.suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER suppress BEFORE UPDATE ON skills.skill FOR EACH ROW EXECUTE FUNCTION regress.suppress();
SAVEPOINT before;
SELECT skills.transfer_skill('initech', regress.id('Q'), 'heir');
ROLLBACK TO before;
SELECT skills.forget_user('initech', 'leaver', 'heir');
ROLLBACK TO before;
CREATE TRIGGER suppress BEFORE DELETE ON skills.skill_subscription FOR EACH ROW WHEN (OLD.user_id = 'leaver' AND OLD.skill_id = regress.id('T')) EXECUTE FUNCTION regress.suppress();
DROP TRIGGER suppress ON skills.skill;
SELECT skills.forget_user('initech', 'leaver', 'heir');
ROLLBACK;
-- Nobody else changes an author, the DBA's own statements neither.
UPDATE skills.skill SET created_by = 'heir' WHERE org_id = 'initech';
UPDATE skills.skill_version SET created_by = 'heir' WHERE org_id = 'initech';

-- forget_user, with an heir
BEGIN;
SET LOCAL ROLE regress_skills_dba;
SELECT * FROM skills.forget_user('initech', 'leaver', 'heir');
RESET ROLE;
SELECT * FROM regress.named('initech', 'leaver');
SELECT * FROM regress.initech ORDER BY skill_id;
SELECT * FROM regress.violation;
SELECT regress.rows_of('initech', but => true) = :'others' AS others_untouched;
-- A second time there is nothing left to do.
SELECT * FROM skills.forget_user('initech', 'leaver', 'heir');
ROLLBACK;
-- Without: what is shared goes for all.
BEGIN;
SELECT * FROM skills.forget_user('initech', 'leaver', NULL);
SELECT * FROM regress.named('initech', 'leaver');
SELECT * FROM regress.initech ORDER BY skill_id;
SELECT * FROM regress.violation;
SELECT regress.rows_of('initech', but => true) = :'others' AS others_untouched;
ROLLBACK;
-- A user of the same id in another org, and one that nobody knows.
BEGIN;
SELECT * FROM skills.forget_user('initech', 'unknown', NULL);
SELECT * FROM skills.forget_user('nowhere', 'leaver', 'heir');
SELECT regress.rows_of('initech') = :'initech' AS initech_untouched, regress.rows_of('initech', but => true) = :'others' AS others_untouched;
ROLLBACK;
SELECT skills.forget_user('initech', 'leaver', 'leaver');
SELECT skills.forget_user('initech', 'leaver', '');
SELECT skills.forget_user('initech', '', 'heir');
SELECT skills.forget_user('', 'leaver', 'heir');
SELECT skills.forget_user('initech', NULL, 'heir');
SELECT skills.forget_user(NULL, 'leaver', 'heir');
-- The heir is named, or NULL is: it has no default.
SELECT skills.forget_user('initech', 'leaver');

-- forget_org
BEGIN;
SET LOCAL ROLE regress_skills_dba;
SELECT * FROM skills.forget_org('initech');
RESET ROLE;
SELECT regress.rows_of('initech') AS left_behind, regress.rows_of('initech', but => true) = :'others' AS others_untouched;
SELECT * FROM skills.forget_org('initech');
ROLLBACK;
SELECT skills.forget_org(NULL);
SELECT skills.forget_org('');
-- More skills than are deleted or passed on at a time, of each kind.
BEGIN;
SELECT skills.set_identity('leaver', 'initech');
SELECT count(skills.create_skill('s' || n, 'When', 'What', CASE WHEN n % 2 = 0 THEN 'private' ELSE 'org' END)) FROM generate_series(1, 2100) AS n;
SAVEPOINT s;
SELECT * FROM skills.forget_user('initech', 'leaver', 'heir');
SELECT * FROM regress.named('initech', 'leaver');
SELECT * FROM regress.violation;
ROLLBACK TO s;
SELECT * FROM skills.forget_org('initech');
SELECT regress.rows_of('initech') AS left_behind, regress.rows_of('initech', but => true) = :'others' AS others_untouched;
ROLLBACK;
SELECT regress.rows_of('initech') = :'initech' AS as_before;

-- With an identity set the DBA acts all the same, and not as that user.
BEGIN;
SELECT skills.set_identity('leaver', 'initech');
SELECT created_by, modified_by FROM skills.transfer_skill('initech', regress.id('W'), 'leaver');
SELECT created_by, modified_by FROM skills.transfer_skill('initech', regress.id('W'), 'heir');
SELECT * FROM skills.forget_user('initech', 'leaver', 'heir');
SELECT * FROM regress.named('initech', 'leaver');
SELECT * FROM skills.forget_org('initrode');
SELECT skills.set_identity('mallory', 'globex');
SELECT * FROM skills.forget_org('initech');
ROLLBACK;

-- Who may: not an app's role, not even one that may say who is asking.
SET ROLE regress_skills_app;
SELECT skills.forget_org('initech');
SELECT skills.forget_user('initech', 'leaver', NULL);
SELECT skills.transfer_skill('initech', regress.id('Q'), 'heir');
RESET ROLE;
-- Nor one that row security holds back, whatever it was granted: it would see a part only.
GRANT EXECUTE ON FUNCTION skills.transfer_skill, skills.forget_user, skills.forget_org TO regress_skills_app;
SET ROLE regress_skills_app;
BEGIN;
SELECT skills.set_identity('leaver', 'initech');
SAVEPOINT s;
SELECT skills.forget_org('initech');
ROLLBACK TO s;
SELECT skills.forget_user('initech', 'leaver', NULL);
ROLLBACK TO s;
SELECT skills.transfer_skill('initech', regress.id('Q'), 'heir');
ROLLBACK;
SET row_security = off;
SELECT skills.forget_org('initech');
RESET row_security;
RESET ROLE;
REVOKE ALL ON FUNCTION skills.transfer_skill, skills.forget_user, skills.forget_org FROM regress_skills_app;
-- One table that it is held back from is enough.
BEGIN;
ALTER TABLE skills.skill NO FORCE ROW LEVEL SECURITY;
ALTER TABLE skills.skill_version NO FORCE ROW LEVEL SECURITY;
ALTER TABLE skills.skill_file NO FORCE ROW LEVEL SECURITY;
CREATE ROLE regress_skills_owner;
GRANT USAGE, CREATE ON SCHEMA skills TO regress_skills_owner;
SELECT skills.grant_usage('regress_skills_owner');
GRANT EXECUTE ON FUNCTION skills.forget_org TO regress_skills_owner;
ALTER TABLE skills.skill OWNER TO regress_skills_owner;
ALTER TABLE skills.skill_version OWNER TO regress_skills_owner;
ALTER TABLE skills.skill_file OWNER TO regress_skills_owner;
ALTER TABLE skills.skill_subscription OWNER TO regress_skills_owner;
SET LOCAL ROLE regress_skills_owner;
SAVEPOINT s;
SELECT skills.forget_org('initech');
ROLLBACK TO s;
ALTER TABLE skills.skill_subscription NO FORCE ROW LEVEL SECURITY;
SELECT * FROM skills.forget_org('initech');
ROLLBACK;
-- They run as their caller: without privileges on the tables, nothing.
REVOKE DELETE ON skills.skill FROM regress_skills_dba;
SET ROLE regress_skills_dba;
SELECT skills.forget_org('initech');
RESET ROLE;
SELECT regress.rows_of('initech') = :'initech' AS as_before;

SELECT * FROM skills.forget_org('initech');
SELECT * FROM skills.forget_org('initrode');
DROP OWNED BY regress_skills_dba;
DROP ROLE regress_skills_dba;
DROP VIEW regress.initech;
DROP FUNCTION regress.rows_of, regress.named, regress.leave;
