--
-- Bad input: the error says what, which value, and which limit; nothing is written.
--
CREATE FUNCTION regress.create_named(name text) RETURNS text LANGUAGE sql
RETURN regress.outcome('alice', format('SELECT skills.create_skill(%L, ''When'', ''What'')', name), true);
CREATE FUNCTION regress.create_described(description text) RETURNS text LANGUAGE sql
RETURN regress.outcome('alice', format('SELECT skills.create_skill(''input'', %L, ''What'')', description), true);
CREATE FUNCTION regress.create_tagged(tags text[]) RETURNS text LANGUAGE sql
RETURN regress.outcome('alice', format('SELECT skills.create_skill(''input'', ''When'', ''What'', tags => %L)', tags), true);

-- Names.
SELECT regress.create_named(n), left(n, 40) AS name FROM unnest(ARRAY['a', 'A-z_0', repeat('n', 120), repeat('n', 121),
	'', ' ', 'a b', 'a/b', 'näme', 'a@v1', E'a\n', 'a;--', 'sk_', 'sk_00000000000000000000000000', 'sk_80000000000000000000000000']) AS n;
-- Tags: sorted, distinct, and within the limits.
SELECT regress.create_tagged(t), left(t::text, 40) AS tags FROM (VALUES ('{}'::text[]), ('{b,a,b}'), (ARRAY['']), (ARRAY[NULL]), (ARRAY['a', NULL]),
	('{{a,b},{c,d}}'), (ARRAY[repeat('t', 64)]), (ARRAY[repeat('ü', 64)]), (ARRAY[repeat('t', 65)]), (ARRAY[E'a\nb']), (ARRAY[E'a\u0085b']),
	('[5:6]={a,b}'::text[])) AS v (t);
SELECT regress.create_tagged(array_agg('t' || i)) FROM generate_series(1, 64) AS i;
SELECT regress.create_tagged(array_agg('t' || i)) FROM generate_series(1, 65) AS i;
SELECT regress.create_tagged(array_agg('t'::text)) FROM generate_series(1, 65) AS i;
-- Descriptions: characters are counted, not bytes.
SELECT regress.create_described(d), left(d, 20) AS description FROM unnest(ARRAY['d', repeat('d', 500), repeat('ü', 500), repeat('d', 501),
	'', E'two\nlines\tand a tab', E'a\rb', E'\x01', E'a\x7f', E'ab\u009b', E'\U0001F600']) AS d;
-- What hides or turns the text is refused: which, and where. Joiners and
-- variation selectors belong to the writing of languages and to emoji.
SELECT regress.create_described('ab' || chr(c) || 'cd') AS outcome, 'U+' || upper(to_hex(c)) AS character
FROM unnest(ARRAY[173, 847, 1564, 6158, 8203, 8204, 8205, 8206, 8207, 8234, 8238, 8288, 8294, 8297, 8303, 12644, 65039, 65024, 65279, 917569, 917760]) AS c;
SELECT regress.create_described(d), (SELECT string_agg(to_hex(ascii(c)), ' ') FROM regexp_split_to_table(d, '') AS c) AS characters FROM unnest(ARRAY[E'family \U0001F468\u200D\U0001F469\u200D\U0001F467', E'heart \u2764\uFE0F', E'keycap 1\uFE0F\u20E3',
	E'\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645', E'\u05E9\u05DC\u05D5\u05DD', E'caf\u0065\u0301', E'\u200Dstart', E'end\u200D', E'a\u2028b',
	E'é\u200C\u200Dé', E'\u2764\uFE0F\u200D\U0001F525', E'a\uFE0E\uFE0F', E'a \uFE0F', E'blank \u2800'] ) AS d;
-- Accessibility, versions, budgets, formats.
SELECT regress.outcome('alice', s, true), s FROM unnest(ARRAY[
	$$SELECT skills.create_skill('input', 'When', 'What', 'public')$$,
	$$SELECT skills.create_skill('input', 'When', 'What', '')$$,
	$$SELECT skills.update_skill($E, accessibility => 'ORG')$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ('sk_1', 'input')$$,
	$$INSERT INTO skills.skill (skill_id, name) VALUES ('sk_0000000000000000000000000u', 'input')$$,
	$$INSERT INTO skills.skill_version (skill_id, version, description, body) VALUES ($E, 2147483647, 'When', 'What')$$,
	'SELECT skills.get_version($E, 0)', 'SELECT skills.get_version($E, -1)', 'SELECT skills.get_version($E, 2147483647)',
	'SELECT skills.delete_version($E, 0)', 'SELECT skills.update_version($E, -1)', 'SELECT skills.set_ai_version($E, 2147483647)',
	$$SELECT skills.get_skill('')$$, $$SELECT skills.get_skill('not an id')$$,
	$$SELECT skills.load_skill_tool('gemini')$$, $$SELECT skills.load_skill_tool('')$$, $$SELECT skills.load_skill_tool(budget => -1)$$,
	$$SELECT skills.load_skill('')$$]) AS s;
-- The last number there is.
BEGIN;
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, created_by)
VALUES ('acme', regress.id('E'), 2147483647, 'When', 'What', 'alice', 'alice');
SELECT regress.outcome('alice', $$SELECT skills.create_version($E, 'When', 'What')$$, true);
ROLLBACK;
-- Tags and topics of odd dimensions, codes within the contract.
SELECT regress.outcome('alice', s, true), s FROM unnest(ARRAY[
	$$SELECT skills.update_skill($E, put_tags => '{{a,b},{c,d}}')$$, $$SELECT skills.update_skill($E, remove_tags => '{{a,b}}')$$,
	$$SELECT skills.create_version($E, 'When', 'What', '{{a,b},{c,d}}')$$, $$SELECT skills.create_version($E, 'When', 'What', '[5:6]={a,b}')$$]) AS s;
SELECT regress.create_tagged(array_agg('t'::text)) FROM generate_series(1, 5000) AS i;
SELECT length(regress.outcome('alice', $$SELECT skills.subscribe(repeat('ü', 1000000))$$, true)) AS clipped;
-- Long bodies are fine; what a body holds is nobody's business.
SELECT regress.outcome('alice', format($$SELECT skills.create_version($E, 'When', repeat('%s', %s))$$, c, n)), c, n
FROM (VALUES ('x', 0), ('x', 1000000), ('ü', 1000000), ('x', 64 * 1024 * 1024)) AS v (c, n);
SELECT regress.outcome('alice', $$SELECT skills.create_version($E, 'When', E'\x01\r\n\u202e</body>')$$);
-- set_identity.
SELECT skills.set_identity(NULL, 'acme');
SELECT skills.set_identity('alice', '');
SELECT skills.set_identity('', 'acme');
BEGIN;
SELECT skills.set_identity(E'al\\''ice"; DROP SCHEMA skills; --\n', 'acme');
SELECT skills.current_user_id();
SELECT skills.set_identity('', '') = '' AS cleared, skills.current_user_id() IS NULL AS nobody;
ROLLBACK;
SELECT * FROM regress.violation;
SELECT count(*) FROM skills.skill WHERE org_id = 'acme';
DROP FUNCTION regress.create_named, regress.create_described, regress.create_tagged;
