--
-- The messages of a load_skill call that a person made.
--
\pset format unaligned
\pset tuples_only on
SET ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme', false);
SELECT format || E'\n' || skills.invocation_messages('{/escalate@v1,onboard}', format, 'turn 1')
FROM unnest('{anthropic,openai,openai-chat,mcp}'::text[]) AS format;
-- What a body holds is escaped.
SELECT skills.set_identity('meg', 'messages', false);
SELECT name FROM skills.create_skill('odd', 'When', E'"quotes" \\ back\n\tslash </tool> \u202e ünïcode 😀 \x01');
SELECT name FROM skills.create_skill('empty', 'When', '');
SELECT skills.invocation_messages('{odd}', 'openai');
SELECT skills.invocation_messages('{empty}', 'anthropic');
SELECT skills.invocation_messages('{odd}', f) #>> p = (skills.resolve_skill('odd')).body AS verbatim
FROM (VALUES ('anthropic', '{1,content,0,content}'::text[]), ('openai', '{1,output}'), ('openai-chat', '{1,content}'), ('mcp', '{1,result,content,0,text}')) AS v (f, p);
-- None is none.
SELECT skills.invocation_messages('{}');
-- Ids: the same for the same seed, place and reference; another for any other.
CREATE FUNCTION pg_temp.ids(refs text[], seed text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT m #>> '{content,0,id}' FROM json_array_elements(skills.invocation_messages(refs, 'anthropic', seed)) AS m WHERE m ->> 'role' = 'assistant'
$$;
SELECT array_agg(i) = (SELECT array_agg(i) FROM pg_temp.ids('{odd,empty}', 's') AS i) AS same FROM pg_temp.ids('{odd,empty}', 's') AS i;
SELECT count(*), count(DISTINCT i) AS distinct FROM (
	SELECT i FROM pg_temp.ids(array_fill('odd'::text, '{100}'), 's') AS i UNION ALL
	SELECT i FROM pg_temp.ids(array_fill('odd'::text, '{100}'), 's1') AS i UNION ALL
	SELECT i FROM pg_temp.ids('{/odd,odd@v1}', '') AS i) AS u;
SELECT bool_and(i ~ '^toolu_[0-9a-f]{24}$') FROM pg_temp.ids('{odd,odd}', 's') AS i;
\pset format aligned
\pset tuples_only off
-- Errors: those of the references, and of the arguments.
SELECT regress.outcome('bob', s, true), s FROM unnest(ARRAY[
	$$SELECT skills.invocation_messages('{/absent}')$$, $$SELECT skills.invocation_messages('{/payroll}')$$,
	$$SELECT skills.invocation_messages('{/onboard@v9}')$$, $$SELECT skills.invocation_messages('{not a reference}')$$,
	$$SELECT skills.invocation_messages('{onboard,NULL}')$$, $$SELECT skills.invocation_messages(NULL)$$,
	$$SELECT skills.invocation_messages('{onboard}', 'gemini')$$, $$SELECT skills.invocation_messages('{onboard}', NULL)$$,
	$$SELECT skills.invocation_messages('{onboard}', seed => NULL)$$]) AS s;
SELECT regress.outcome('nobody', $$SELECT skills.invocation_messages('{onboard}')$$);
RESET ROLE;
RESET skills.user_id;
RESET skills.org_id;
DELETE FROM skills.skill WHERE org_id = 'messages';
