--
-- The extension, the roles and the world that the other tests share. They
-- leave the world as it is: what they write they roll back, or it is in an
-- org of their own.
--
CREATE EXTENSION skills;

-- An app's backend: says who the caller is.
CREATE ROLE regress_skills_app;
SELECT skills.grant_usage('regress_skills_app', may_set_identity => true);
-- A person with a role of her own: is who the DBA says she is.
CREATE ROLE regress_skills_person;
SELECT skills.grant_usage('regress_skills_person');

CREATE SCHEMA regress;
GRANT USAGE ON SCHEMA regress TO regress_skills_app, regress_skills_person;

-- The identifiers of the shared world: private, org, org-editable, absent.
CREATE FUNCTION regress.id(letter text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN 'sk_' || rpad('', 25, '0') || letter;

-- Runs a statement as a caller, in which $P, $G, $E and $X stand for those
-- identifiers, and undoes it: gives the number of rows, or the SQLSTATE.
CREATE FUNCTION regress.outcome(caller text, statement text, in_words boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	letter text;
	nrows bigint;
	state text;
	message text;
	detail text;
	hint text;
BEGIN
	FOREACH letter IN ARRAY '{P,G,E,X}'::text[] LOOP
		statement := replace(statement, '$' || letter, quote_literal(regress.id(letter)));
	END LOOP;
	BEGIN
		IF caller <> 'dba' THEN
			SET LOCAL ROLE regress_skills_app;
		END IF;
		IF caller IN ('dba', 'nobody') THEN
			PERFORM skills.set_identity('', '');
		ELSE
			PERFORM skills.set_identity(caller, CASE caller WHEN 'mallory' THEN 'globex' ELSE 'acme' END);
		END IF;
		EXECUTE statement;
		GET DIAGNOSTICS nrows = ROW_COUNT;
		SET CONSTRAINTS ALL IMMEDIATE;
		RAISE EXCEPTION USING ERRCODE = 'UNDO0', MESSAGE = nrows;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
			detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		IF state = 'UNDO0' THEN
			RETURN message;
		END IF;
		RETURN state || CASE WHEN in_words THEN concat_ws(E'\n  ', ': ' || message, nullif(detail, ''), nullif(hint, '')) ELSE '' END;
	END;
END
$$;

-- A line a statement, a column a caller. Alice is the author of all; bob is
-- subscribed, carol is not; mallory is of another org; nobody has no identity.
CREATE FUNCTION regress.outcomes(VARIADIC statements text[])
RETURNS TABLE (alice text, bob text, carol text, mallory text, nobody text, dba text, statement text) LANGUAGE sql AS $$
	SELECT regress.outcome('alice', s), regress.outcome('bob', s), regress.outcome('carol', s),
		regress.outcome('mallory', s), regress.outcome('nobody', s), regress.outcome('dba', s), s
	FROM unnest(statements) WITH ORDINALITY AS u (s, i) ORDER BY i
$$;

-- What every state of the tables must satisfy; what does not, a line each.
CREATE VIEW regress.violation AS
SELECT 'skill without a version' AS violation, s.skill_id FROM skills.skill AS s
WHERE NOT EXISTS (SELECT FROM skills.skill_version AS v WHERE (v.org_id, v.skill_id) = (s.org_id, s.skill_id))
UNION ALL
SELECT 'version unlike its skill', v.skill_id FROM skills.skill_version AS v
JOIN skills.skill AS s USING (org_id, skill_id) WHERE (v.author, v.accessibility) <> (s.created_by, s.accessibility)
UNION ALL
SELECT 'file unlike its skill', f.skill_id FROM skills.skill_file AS f
JOIN skills.skill AS s USING (org_id, skill_id) WHERE (f.author, f.accessibility) <> (s.created_by, s.accessibility)
UNION ALL
SELECT 'file unlike its stamps', f.skill_id FROM skills.skill_file AS f
WHERE (f.size, f.sha256) <> (octet_length(f.content), encode(sha256(f.content), 'hex'))
UNION ALL
SELECT 'file and folder', f.skill_id FROM skills.skill_file AS f
JOIN skills.skill_file AS i USING (org_id, skill_id, version)
WHERE starts_with(skills.path_key(i.path), skills.path_key(f.path) || '/')
UNION ALL
SELECT 'dangling pin', t.skill_id FROM skills.skill_subscription AS t
WHERE t.ai_version IS NOT NULL AND NOT EXISTS (SELECT FROM skills.skill_version AS v
	WHERE (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version))
UNION ALL
SELECT 'foreign subscription on a private skill', t.skill_id FROM skills.skill_subscription AS t
JOIN skills.skill AS s USING (org_id, skill_id) WHERE s.accessibility = 'private' AND t.user_id <> s.created_by;

-- The world: three skills of two versions each; bob is subscribed to those he sees.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill (skill_id, name, accessibility, tags) VALUES
	(regress.id('P'), 'payroll', 'private', '{secret}'),
	(regress.id('G'), 'onboard', 'org', '{hr,people}'),
	(regress.id('E'), 'escalate', 'org-editable', '{support}');
INSERT INTO skills.skill_version (skill_id, description, body) VALUES
	(regress.id('P'), 'When wages are paid', 'Pay them.'),
	(regress.id('G'), 'When somebody starts', 'Greet them.'),
	(regress.id('E'), 'When a customer is angry', 'Call alice.');
INSERT INTO skills.skill_version (skill_id, description, body) VALUES
	(regress.id('P'), 'When wages are due', 'Pay them now.'),
	(regress.id('G'), 'When somebody joins', 'Greet them well.'),
	(regress.id('E'), 'When a customer shouts', 'Call bob.');
SELECT skills.set_identity('bob', 'acme');
INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (regress.id('G'), 1), (regress.id('E'), 1);
COMMIT;

-- And one of a user of the same org whom nobody ever is. No output of any test
-- may have a text of it: test/run looks through them all.
CREATE FUNCTION regress.unread(what text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN 'CANARY' || '-unread-' || what;
BEGIN;
DO $$ BEGIN PERFORM skills.set_identity(regress.unread('user'), 'acme'); END $$;
SET LOCAL ROLE regress_skills_app;
INSERT INTO skills.skill (skill_id, name, tags)
VALUES (regress.id('Z'), regress.unread('name'), ARRAY[regress.unread('tag')]);
INSERT INTO skills.skill_version (skill_id, description, body, relevant_topics, frontmatter)
VALUES (regress.id('Z'), regress.unread('description'), regress.unread('body'), ARRAY[regress.unread('topic')],
	jsonb_build_object(regress.unread('key'), regress.unread('value')));
INSERT INTO skills.skill_file (skill_id, version, path, content)
VALUES (regress.id('Z'), 1, regress.unread('path'), convert_to(regress.unread('content'), 'UTF8'));
COMMIT;

SELECT skill_id, name, accessibility, tags, created_by, modified_by, revision FROM skills.skill
WHERE skill_id <> regress.id('Z') ORDER BY skill_id;
SELECT skill_id, version, description, author, accessibility, created_by, modified_by, revision FROM skills.skill_version
WHERE skill_id <> regress.id('Z') ORDER BY skill_id, version;
SELECT user_id, skill_id, ai_version FROM skills.skill_subscription
WHERE skill_id <> regress.id('Z') ORDER BY user_id, skill_id;
SELECT * FROM regress.violation;
-- It is there to be found.
SELECT s.name = regress.unread('name') AS name, v.body = regress.unread('body') AS body,
	f.content = convert_to(regress.unread('content'), 'UTF8') AS content
FROM skills.skill AS s JOIN skills.skill_version AS v USING (skill_id) JOIN skills.skill_file AS f USING (skill_id)
WHERE skill_id = regress.id('Z');
