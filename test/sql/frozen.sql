--
-- A registry fixed for one conversation.
--
SET ROLE regress_skills_app;
SELECT skills.set_identity('fritz', 'frozen', false);
SELECT skill_id AS tea FROM skills.create_skill('tea', 'When thirsty', 'Brew it', 'org', relevant_topics => '{hot,NULL}') \gset
SELECT skill_id AS cake FROM skills.create_skill('cake', 'When hungry', 'Bake it', 'org') \gset
SELECT skills.set_identity('greta', 'frozen', false);
SELECT skill_id AS own FROM skills.create_skill('tea', 'When cold', 'Brew it my way') \gset
SELECT ai_version FROM skills.set_ai_version(:'cake', 1);

-- From subscriptions, none, or a list.
SELECT jsonb_pretty(f) = jsonb_pretty(skills.freeze_registry('null')) AS json_null_is_null, jsonb_object_keys(f) FROM skills.freeze_registry() AS f;
SELECT e - 'skill_id' AS entry, e ->> 'skill_id' IN (:'own', :'cake') AS id FROM jsonb_array_elements(skills.freeze_registry() -> 'skills') AS e;
SELECT skills.freeze_registry('[]');
SELECT skills.load_skill_tool(frozen => skills.freeze_registry('[]'));
-- No subscription is needed; of two of one name the private one is offered.
SELECT e ->> 'name' AS name, e ->> 'version' AS version, e ->> 'body' AS body, e -> 'relevant_topics' AS topics
FROM jsonb_array_elements(skills.freeze_registry(jsonb_build_array(jsonb_build_object('skill_id', :'tea'))) -> 'skills') AS e;
SELECT e ->> 'name' AS name, e ->> 'body' AS body
FROM jsonb_array_elements(skills.freeze_registry(jsonb_build_array(jsonb_build_object('skill_id', :'tea', 'version', 1),
	jsonb_build_object('skill_id', :'own', 'version', null), jsonb_build_object('skill_id', :'cake'))) -> 'skills') AS e;

-- The same tool as the registry it was made from; later edits do not reach it.
SELECT skills.freeze_registry() AS frozen \gset
SELECT f.digest = l.digest AS same, f.offered FROM skills.load_skill_tool('openai', 12, frozen => :'frozen') AS f, skills.load_skill_tool('openai', 12) AS l;
SELECT revision FROM skills.update_version(:'own', 1, 'When very cold', 'Boil it');
SELECT skills.set_identity('fritz', 'frozen', false);
SELECT skills.delete_skill(:'cake');
SELECT skills.set_identity('greta', 'frozen', false);
SELECT name, description FROM skills.ai_registry();
SELECT name, version, description, body, relevant_topics FROM skills.load_skill('cake', :'frozen');
SELECT name, version, description, body, relevant_topics FROM skills.load_skill('tea', frozen => :'frozen');
SELECT skills.load_skill('coffee', :'frozen');
SELECT skills.load_skill(NULL, :'frozen');
-- The JSON null, which mappers send, is none.
SELECT t.digest = l.digest AS same FROM skills.load_skill_tool(frozen => 'null') AS t, skills.load_skill_tool() AS l;
SELECT body FROM skills.load_skill('tea', 'null');
-- Nobody needs an identity to read one, nor does it show what is in the store.
SELECT skills.set_identity('', '', false);
SELECT body FROM skills.load_skill('tea', :'frozen');
SELECT offered FROM skills.load_skill_tool(frozen => :'frozen');
SELECT skills.freeze_registry();
-- The order of a document's entries changes no byte.
SELECT a.digest = b.digest AS same FROM skills.load_skill_tool(frozen => :'frozen') AS a,
	skills.load_skill_tool(frozen => jsonb_set(:'frozen', '{skills}', (SELECT jsonb_agg(e ORDER BY e ->> 'name' DESC) FROM jsonb_array_elements(:'frozen'::jsonb -> 'skills') AS e))) AS b;

-- Lists that are refused: hidden and absent alike.
SELECT regress.outcome('bob', format('SELECT skills.freeze_registry(%L)', replace(l, 'sk_', 'sk_0000000000000000000000000')), true), l
FROM unnest(ARRAY['[{"skill_id": "sk_P"}]', '[{"skill_id": "sk_X"}]', '[{"skill_id": "sk_P", "version": 9}]', '[{"skill_id": "sk_G", "version": 9}]',
	'[{"skill_id": "sk_G", "version": 0}]', '[{"skill_id": "sk_G", "version": 99999999999}]', '[{"skill_id": "sk_X", "version": 99999999999}]',
	'[{"skill_id": "sk_G", "version": 1.5}]', '[{"skill_id": "sk_G", "version": "1"}]', '[{"skill_id": "sk_G"}, {"skill_id": "sk_G", "version": 1}]',
	'[{"skill_id": "sk_P"}, {"skill_id": "sk_P"}]', '[{"skill_id": 1}]', '[{"skill_id": null}]', '[{}]', '[null]', '["sk_G"]', '[[]]', '{}', '"sk_G"', '1', 'true',
	'[{"skill_id": "sk_G", "verison": 1}]', '[{"skill_id": "sk_G", "version": null}]', '[{"skill_id": "sk_G", "version": 1.0}]']) AS l;
-- At most 100; the limit binds the list alone.
SELECT regress.outcome('bob', format('SELECT skills.freeze_registry(%L)', jsonb_agg(jsonb_build_object('skill_id', i::text))), true) FROM generate_series(1, 101) AS i;
SELECT regress.outcome('bob', format('SELECT skills.freeze_registry(%L)', jsonb_agg(jsonb_build_object('skill_id', i::text))), true) FROM generate_series(1, 100) AS i;

-- Documents that are refused, with the path of what is wrong.
SELECT set_config('regress.frozen', :'frozen', false) IS NOT NULL AS set;
CREATE FUNCTION pg_temp.damaged(path text[], value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	document jsonb := current_setting('regress.frozen');
BEGIN
	document := CASE WHEN path = '{}' THEN value WHEN value IS NULL THEN document #- path ELSE jsonb_set(document, path, value) END;
	PERFORM skills.load_skill_tool(frozen => document);
	BEGIN
		PERFORM skills.load_skill('tea', document);
	EXCEPTION WHEN no_data_found THEN
	END;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT pg_temp.damaged(path::text[], value::jsonb) AS outcome, path, left(value, 40) AS value FROM (VALUES
	('{}', '[]'), ('{}', '"text"'), ('{}', '1'), ('{}', '{}'),
	('{format}', NULL), ('{format}', '2'), ('{format}', '"1"'), ('{format}', '1.5'), ('{format}', '1e99'),
	('{skills}', NULL), ('{skills}', '{}'), ('{skills}', '"text"'), ('{skills}', '[1]'), ('{skills}', '[null]'), ('{skills}', '[[]]'), ('{skills}', '[]'),
	('{skills,1,name}', NULL), ('{skills,1,name}', '1'), ('{skills,1,name}', '""'), ('{skills,1,name}', '"a b"'), ('{skills,1,name}', '"a\n- evil"'), ('{skills,1,name}', '"cake"'),
	('{skills,1,name}', '"sk_00000000000000000000000000"'),
	('{skills,1,description}', '["x"]'), ('{skills,1,description}', '""'), ('{skills,1,description}', to_jsonb(repeat('d', 1025))::text), ('{skills,1,description}', to_jsonb(repeat('d', 1024))::text),
	('{skills,1,description}', '"a\u202eb"'), ('{skills,1,description}', '"a\u0001b"'),
	('{skills,0,version}', '0'), ('{skills,0,version}', '"1"'), ('{skills,0,version}', '1.5'), ('{skills,0,version}', '99999999999'),
	('{skills,0,skill_id}', '"x"'), ('{skills,0,skill_id}', NULL), ('{skills,0,body}', 'null'), ('{skills,0,body}', '{}'),
	('{skills,0,relevant_topics}', 'null'), ('{skills,0,relevant_topics}', '"x"'), ('{skills,0,relevant_topics}', '[1]'), ('{skills,0,relevant_topics}', '[["x"]]'), ('{skills,0,relevant_topics}', '["x", null]'),
	('{skills,0,extra}', '1')) AS v (path, value);
RESET ROLE;
RESET regress.frozen;
DELETE FROM skills.skill WHERE org_id = 'frozen';
