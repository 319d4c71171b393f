-- The story through the tables. The tool and its answer are functions in any case.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\set text1 'Up to 30 days after the order: pay it back.'
\set text2 'Up to 60 days after the order: pay it back.'

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
INSERT INTO skills.skill (name) VALUES ('refund') RETURNING skill_id AS id \gset
INSERT INTO skills.skill_version (skill_id, description, body)
VALUES (:'id', 'Use when a customer wants money back.', :'text1');
SELECT format('created %s: version %s, pinned by its author', name, ai_version) FROM skills.skill_summary WHERE is_subscribed;
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT 'hidden from bob while it is private' WHERE NOT EXISTS (SELECT FROM skills.skill);
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = :'id';
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (:'id', 1)
RETURNING format('shared: bob subscribes and pins version %s', ai_version);
SELECT 'the tool offers bob: ' || string_agg(name, ', ')
FROM skills.load_skill_tool(), json_array_elements_text(tool #> '{input_schema,properties,name,enum}') AS name;
SELECT format('loaded by bob: version %s, %s', version, body)
FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id) WHERE skill_id = :'id' AND version = ai_version;
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
INSERT INTO skills.skill_version (skill_id, description, body)
VALUES (:'id', 'Use when a customer wants money back.', :'text2') RETURNING version AS new_version \gset
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT format('edited: version %s, bob still loads version %s', :'new_version', ai_version) FROM skills.skill_subscription;
UPDATE skills.skill_subscription SET ai_version = :new_version WHERE skill_id = :'id';
SELECT format('bob pins version %s: %s', version, body)
FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id) WHERE skill_id = :'id' AND version = ai_version;
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
WITH shared AS (
	INSERT INTO skills.skill (name, accessibility)
	SELECT topic, 'org' FROM unnest('{archive,billing,travel}'::text[]) AS topic RETURNING skill_id, name
)
INSERT INTO skills.skill_version (skill_id, description, body)
SELECT skill_id, 'Use for ' || name || '.', 'Ask first.' FROM shared;
COMMIT;

-- The first page, and the one after the last row of it that was seen.
BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT string_agg(name, ', ') AS page, max(name) AS last_name, (array_agg(skill_id))[2] AS last_id
FROM (SELECT name, skill_id FROM skills.skill_summary ORDER BY name, skill_id LIMIT 2) AS page \gset
\echo page 1: :page
SELECT 'page 2: ' || string_agg(name, ', ') FROM (
	SELECT name FROM skills.skill_summary WHERE (name, skill_id) > (:'last_name', :'last_id') ORDER BY name, skill_id LIMIT 2
) AS page;
COMMIT;

-- Errors are told apart by SQLSTATE. From here on they are expected.
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = :'id';
\echo not found: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
UPDATE skills.skill SET name = 'repay' WHERE skill_id = :'id';
\echo not allowed: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org');
\echo name taken: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT revision AS read FROM skills.skill_version WHERE skill_id = :'id' AND version = :new_version \gset
UPDATE skills.skill_version SET body = body || ' Once.' WHERE skill_id = :'id' AND version = :new_version;
UPDATE skills.skill_version SET body = :'text1' WHERE skill_id = :'id' AND version = :new_version AND revision = :read;
\set updated :ROW_COUNT
ROLLBACK;
SELECT 'changed meanwhile: ' || CASE :'updated' WHEN '0' THEN 'read it again' ELSE 'written over' END;

INSERT INTO skills.skill (name) VALUES ('refund');
\echo no identity: :SQLSTATE

\set ON_ERROR_STOP on
BEGIN;
SELECT skills.set_identity('dave', 'globex') \g /dev/null
SELECT format('dave of globex sees %s skills', count(*)) FROM skills.skill;
COMMIT;
