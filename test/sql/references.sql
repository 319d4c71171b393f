--
-- References in chat messages: what is one, and whom it finds.
--
-- What is a reference: one line a message.
SELECT replace(message, E'\n', '⏎') AS message, (SELECT string_agg(reference || coalesce(' v' || version, '') || ' at ' || start_position || '+' || length, ', ')
	FROM skills.parse_references(message)) AS found
FROM unnest(ARRAY[
	'/deploy', '/deploy now', 'please /deploy', E'line\n/deploy', E'tab\t/deploy', E'cr\r\n/deploy', E'\u00a0/deploy', E'\u3000/deploy',
	'/deploy /rollback', '/a-b_C9', '/deploy@v12', '/deploy@v12 now', '/deploy@v0', '/deploy@v2147483647',
	'ünïcode ✓ 😀 /deploy',
	-- Trailing punctuation is not part of it.
	'/deploy.', '/deploy, please', '/deploy@v2!', '/deploy?!', '/deploy)', '/deploy: now', '/deploy;', '"/deploy"', '/deploy"', '/deploy…', '/deploy。', '/deploy」',
	-- Not in the middle of something else.
	'/', '//', '/ deploy', '//deploy', 'a/b', '/usr/bin', '/usr/', 'see /usr/bin/env', 'http://example.org/deploy', 'https://example.org /x/y', './deploy', '../deploy',
	'(/deploy)', '-/deploy', '/deploy/', '/deploy\', '/deploy.txt', '/deploy''s', '/deploy,then', '/déploy', '/deployé', '/deploy@', '/deploy@2', '/deploy@v', '/deploy@vx',
	'/deploy@v1x', '/deploy@v1@v2', '/deploy@v99999999999', '/deploy@v0000000001', '/deploy@v00000000001', '/' || repeat('n', 120), '/' || repeat('n', 121),
	-- Not in code.
	'`/deploy`', 'run `/deploy` now', '`a` /deploy `b`', '``/deploy ` ``', '`open /deploy', E'`open\n\n/deploy`', '\`/deploy` /other', '`` /deploy', '``` /deploy ```',
	E'```\n/deploy\n```', E'```sh\n/deploy\n```\n/after', E'~~~\n/deploy\n```\n~~~ \n/after', E'   ```\n/deploy\n   ```', E'- item\n    ```\n    /deploy\n    ```', E'> ```\n> /deploy\n> ```',
	E'````\n```\n/deploy\n````', E'```\n/unclosed', E'text\n```\n/deploy\n```\nmore /after', '', ' ', E'\n']) AS message;

-- Found: what the caller can see, as resolve_skill() would; others with a null id.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.find_references('/onboard');
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme');
SELECT * FROM skills.find_references('Use /onboard@v2 and /escalate, not /payroll nor /absent; /onboard@v9, /onboard@v0 /onboard '
	|| '/sk_0000000000000000000000000G /sk_0000000000000000000000000P');
SELECT skills.set_identity('alice', 'acme');
SELECT reference, skill_id FROM skills.find_references('/payroll /payroll@v2');
-- Own private before shared, as by hand.
SELECT skill_id AS own FROM skills.create_skill('onboard', 'Mine', 'Mine') \gset
SELECT reference, skill_id = :'own' AS own FROM skills.find_references('/onboard /onboard@v2');
-- Each reference that is found can be invoked.
SELECT r.reference, r.skill_id = v.skill_id AS same FROM skills.find_references('/payroll /escalate@v1 /onboard') AS r, skills.resolve_skill(r.reference) AS v;
SELECT skills.find_references(NULL);
ROLLBACK;

-- A megabyte of hostile text takes no longer than its size says: the second
-- half of a text costs what the first did, give or take.
CREATE FUNCTION regress.seconds_to_parse(message text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
	best float := 'infinity';
	started timestamptz;
BEGIN
	FOR i IN 1..9 LOOP
		started := clock_timestamp();
		PERFORM count(*) FROM skills.parse_references(message);
		best := least(best, extract(epoch FROM clock_timestamp() - started));
	END LOOP;
	RETURN best;
END
$$;
SELECT hostile, regress.seconds_to_parse(repeat(hostile, 1048576 / length(hostile)))
	< 10 * regress.seconds_to_parse(repeat(hostile, 262144 / length(hostile))) + 0.01 AS linear
FROM unnest(ARRAY['/', '/a ', '/a,', '/a@v', '`', '` ', '`` ` ``` ', '\`', E'```\n', E'~~~\n', E'\n', '> ', '/' || repeat('n', 120), 'é/']) AS hostile;
SELECT regress.seconds_to_parse(string_agg(repeat('`', i) || ' /a ', '')) < 1 AS growing_runs FROM generate_series(1, 1400) AS i;
DROP FUNCTION regress.seconds_to_parse;
