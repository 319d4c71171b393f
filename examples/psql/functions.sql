-- The story through the functions.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\set text1 'Up to 30 days after the order: pay it back.'
\set text2 'Up to 60 days after the order: pay it back.'

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT skill_id AS id FROM skills.create_skill('refund', 'Use when a customer wants money back.', :'text1') \gset
SELECT format('created %s: version %s, pinned by its author', name, version) FROM skills.ai_registry();
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT 'hidden from bob while it is private' WHERE NOT EXISTS (SELECT FROM skills.list_skills());
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT revision FROM skills.update_skill(:'id', accessibility => 'org') \g /dev/null
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT format('shared: bob subscribes and pins version %s', ai_version) FROM skills.set_ai_version(:'id', 1);
SELECT 'the tool offers bob: ' || string_agg(name, ', ')
FROM skills.load_skill_tool(), json_array_elements_text(tool #> '{input_schema,properties,name,enum}') AS name;
SELECT format('loaded by bob: version %s, %s', version, body) FROM skills.load_skill('refund');
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT version AS new_version FROM skills.create_version(:'id', 'Use when a customer wants money back.', :'text2') \gset
COMMIT;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT format('edited: version %s, bob still loads version %s', :'new_version', version) FROM skills.load_skill('refund');
SELECT ai_version AS pin FROM skills.set_ai_version(:'id', :new_version) \gset
SELECT format('bob pins version %s: %s', version, body) FROM skills.load_skill('refund');
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT name FROM unnest('{archive,billing,travel}'::text[]) AS t (topic),
	skills.create_skill(topic, 'Use for ' || topic || '.', 'Ask first.', 'org') \g /dev/null
COMMIT;

-- The first page, and the one after the last row of it that was seen.
BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT string_agg(name, ', ') AS page, max(page_token) FILTER (WHERE name = 'billing') AS last
FROM skills.list_skills(max_rows => 2) \gset
\echo page 1: :page
SELECT 'page 2: ' || string_agg(name, ', ') FROM skills.list_skills(max_rows => 2, after => :'last');
COMMIT;

-- Errors are told apart by SQLSTATE. From here on they are expected.
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT skills.set_ai_version(:'id', 9);
\echo not found: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT skills.update_skill(:'id', name => 'repay');
\echo not allowed: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('bob', 'acme') \g /dev/null
SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org');
\echo name taken: :SQLSTATE
ROLLBACK;

BEGIN;
SELECT skills.set_identity('alice', 'acme') \g /dev/null
SELECT revision AS read FROM skills.get_version(:'id', :new_version) \gset
SELECT revision FROM skills.update_version(:'id', :new_version, body => :'text2' || ' Once.') \g /dev/null
SELECT skills.update_version(:'id', :new_version, body => :'text1', expected_revision => :read);
\set answer :SQLSTATE
ROLLBACK;
SELECT 'changed meanwhile: ' || CASE :'answer' WHEN '55000' THEN 'read it again' ELSE :'answer' END;

SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.');
\echo no identity: :SQLSTATE

\set ON_ERROR_STOP on
BEGIN;
SELECT skills.set_identity('dave', 'globex') \g /dev/null
SELECT format('dave of globex sees %s skills', count(*)) FROM skills.list_skills();
COMMIT;
