--
-- What the functions give, by name, with defaults, and NULL for "leave it".
--
SET ROLE regress_skills_app;
SELECT skills.set_identity('fay', 'functions', false);
SELECT name, accessibility, tags, created_by, revision
FROM skills.create_skill(name => 'zeta', description => 'When z', body => 'Do z', tags => '{b,a}', relevant_topics => '{t2,t1}');
SELECT skill_id AS zeta FROM skills.get_skill_by_name('zeta') \gset
SELECT version, description, body, relevant_topics, frontmatter FROM skills.get_version(:'zeta');
SELECT name FROM skills.create_skill('alpha', 'When a', 'Do a', 'org', '{b,c}');
SELECT name FROM skills.create_skill('Beta', 'When b', 'Do b', 'org-editable');
SELECT skill_id ~ '^sk_[0-7][0-9A-HJKMNP-TV-Z]{25}$' AS form, created_by FROM skills.get_skill(:'zeta');

-- Updates: NULL leaves unchanged, tags merge, a tag in both lists goes.
SELECT name, accessibility, tags, revision FROM skills.update_skill(:'zeta', put_tags => '{x,y}', remove_tags => '{y,a,none}');
SELECT name, accessibility, tags, revision FROM skills.update_skill(:'zeta', name => 'eta', accessibility => 'private');
SELECT name, accessibility, tags, revision FROM skills.update_skill(:'zeta', remove_tags => '{b,x}', expected_revision => 3);
SELECT skills.update_skill(:'zeta', remove_tags => ARRAY['a', NULL]);
SELECT skills.update_skill(:'zeta', put_tags => ARRAY['a', NULL]);
SELECT description, body, relevant_topics, revision FROM skills.update_version(:'zeta', 1, relevant_topics => '{}');
SELECT description, body, relevant_topics, revision FROM skills.update_version(:'zeta', 1, 'When zz', expected_revision => 2);
SELECT version, description, relevant_topics FROM skills.create_version(:'zeta', 'When z2', 'Do z2', '{t3}');
SELECT version, description FROM skills.list_versions(:'zeta');
SELECT version FROM skills.get_version(:'zeta', NULL);

-- Own private before shared.
SELECT accessibility FROM skills.create_skill('alpha', 'When mine', 'Do mine');
SELECT accessibility FROM skills.get_skill_by_name('alpha');
SELECT description FROM skills.resolve_skill('alpha');
SELECT regress.outcome('alice', format('SELECT skills.resolve_skill(%L)', r), true), r
FROM unnest(ARRAY['onboard', '/onboard', '/onboard@v1', 'onboard@v2', '/onboard@v3', '/onboard@v0', '/onboard@v99999999999', '/onboard@v00000000000000000002',
	'/onboard@v', '/onboard@2', '/onboard@v1x', '/ onboard', '//onboard', '', '/', '@v1', 'absent', '/absent@v99999999999',
	regress.id('G'), '/' || regress.id('G') || '@v1', regress.id('X'), E'onboard\n', 'ünboard', NULL]) AS r;

-- Summaries.
\x on
SELECT name, accessibility, tags, created_by, latest_version, latest_description, latest_body, latest_relevant_topics,
	is_subscribed, ai_version, is_author, can_edit
FROM skills.get_skill_summary(:'zeta');
\x off
-- Lists: by name in byte order, a page at a time, whatever happens to the last row seen.
SELECT name, accessibility, latest_version, ai_version, is_author, can_edit FROM skills.list_skills();
SELECT name, page_token ~ '^[^:]+:sk_.{26}$' AS form FROM skills.list_skills(max_rows => 2);
SELECT page_token AS last FROM skills.list_skills(max_rows => 2) OFFSET 1 \gset
SELECT name, accessibility FROM skills.list_skills(max_rows => 2, after => :'last');
BEGIN;
SELECT skills.delete_skill(split_part(:'last', ':', 2));
SELECT name, accessibility FROM skills.list_skills(max_rows => 2, after => :'last');
ROLLBACK;
SELECT count(*) FROM skills.list_skills(max_rows => 0);
SELECT skills.list_skills('mine');
SELECT skills.list_skills(max_rows => -1);
SELECT skills.list_skills(after => 'zeta');
SELECT skills.list_skills(after => 'zeta:sk_01');
SELECT skills.set_identity('gil', 'functions', false);
SELECT name FROM skills.list_skills('org');
SELECT name FROM skills.list_skills('personal');
SELECT * FROM skills.list_known_tags();
SELECT skills.set_identity('fay', 'functions', false);
SELECT * FROM skills.list_known_tags();

-- NULL where a value must be.
SELECT regress.outcome('alice', s, true), s FROM unnest(ARRAY[
	'SELECT skills.get_skill(NULL)', 'SELECT skills.get_skill_by_name(NULL)', 'SELECT skills.get_skill_summary(NULL)',
	'SELECT skills.get_version(NULL)', 'SELECT skills.list_versions(NULL)', 'SELECT skills.update_skill(NULL)',
	'SELECT skills.delete_skill(NULL)', 'SELECT skills.delete_version($E, NULL)', 'SELECT skills.update_version($E, NULL)',
	$$SELECT skills.create_version(NULL, 'When', 'What')$$, 'SELECT skills.subscribe(NULL)', 'SELECT skills.unsubscribe(NULL)',
	'SELECT skills.set_ai_version(NULL, 1)', 'SELECT skills.load_skill(NULL)', 'SELECT skills.resolve_skill(NULL)',
	'SELECT skills.load_skill_tool(NULL)',
	$$SELECT skills.create_skill(NULL, 'When', 'What')$$, $$SELECT skills.create_skill('n', NULL, 'What')$$,
	$$SELECT skills.create_skill('n', 'When', NULL)$$, $$SELECT skills.create_skill('n', 'When', 'What', NULL)$$,
	$$SELECT skills.create_skill('n', 'When', 'What', tags => NULL)$$,
	$$SELECT skills.create_version($E, NULL, 'What')$$, $$SELECT skills.create_version($E, 'When', NULL)$$]) AS s;

-- The helpers, as a caller may use them.
SELECT skills.can_see('fay', 'private') AS own, skills.can_see('gil', 'private') AS hidden, skills.can_see('gil', 'org') AS shared,
	skills.can_edit('fay', 'private', false) AS author, skills.can_edit('gil', 'org', true) AS reader,
	skills.can_edit('gil', 'org-editable', true) AS subscriber, skills.can_edit('gil', 'org-editable', false) AS member;
SELECT skills.require_caller(), skills.check_revision(NULL, 1), skills.check_revision(1, 1);
SELECT skills.no_such('sk_1');
SELECT skills.no_such('sk_1', 2);
SELECT count(DISTINCT skills.new_skill_id()) FROM generate_series(1, 10000);
-- Only triggers can be called as such.
RESET ROLE;
SELECT skills.skill_guard();
SELECT skills.delete_skill(skill_id) FROM skills.skill WHERE org_id = 'functions';
RESET skills.user_id;
RESET skills.org_id;
