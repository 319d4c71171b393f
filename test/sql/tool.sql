--
-- The registry as a model's tool, to the byte.
--
SET ROLE regress_skills_app;
SELECT skills.set_identity('tom', 'tool', false);
-- Nothing offered: no row, so that an app sends no empty tool.
SELECT count(*) FROM skills.load_skill_tool();
SELECT name FROM skills.create_skill('deploy', E'When  something\n is\tto be "deployed" \\ now ', 'Body');
SELECT name FROM skills.create_skill('Alpha', 'Ünïcode ✓ and a long sentence that a budget cuts', 'Body');
SELECT tool::text FROM skills.load_skill_tool();
SELECT tool->>'description' AS description FROM skills.load_skill_tool();
SELECT format, jsonb_pretty(tool::jsonb #- '{description}' #- '{function,description}') AS tool
FROM unnest(ARRAY['anthropic', 'openai', 'openai-chat', 'mcp']) AS format, skills.load_skill_tool(format);
-- The digest is that of the bytes; one format's bytes are not another's.
SELECT format, digest = encode(sha256(convert_to(tool::text, 'UTF8')), 'hex') AS right, offered, trimmed
FROM unnest(ARRAY['anthropic', 'openai', 'openai-chat', 'mcp']) AS format, skills.load_skill_tool(format);
-- The order of subscription, settings and other people's doings change nothing.
SELECT digest FROM skills.load_skill_tool() \gset
SELECT ai_version FROM skills.set_ai_version((skills.get_skill_by_name('Alpha')).skill_id, NULL);
SELECT ai_version FROM skills.set_ai_version((skills.get_skill_by_name('Alpha')).skill_id, 1);
SET DateStyle = 'German';
SET extra_float_digits = 0;
SELECT version FROM skills.create_version((skills.get_skill_by_name('Alpha')).skill_id, 'Another', 'Body');
SELECT digest = :'digest' AS same FROM skills.load_skill_tool();
SELECT ai_version FROM skills.set_ai_version((skills.get_skill_by_name('Alpha')).skill_id, 2);
SELECT digest = :'digest' AS same FROM skills.load_skill_tool();
SELECT ai_version FROM skills.set_ai_version((skills.get_skill_by_name('Alpha')).skill_id, 1);
SELECT digest = :'digest' AS same FROM skills.load_skill_tool();
-- Budget: names stay, short ones stay whole, long ones are cut to one length.
SELECT budget, offered, trimmed, substr(tool->>'description', strpos(tool->>'description', E'\n- ') + 1) AS lines
FROM unnest(ARRAY[0, 1, 2, 3, 20, 60, 70, 76, 77, 78, 1000]) AS budget, skills.load_skill_tool(budget => budget);
RESET ROLE;
DELETE FROM skills.skill WHERE org_id = 'tool';
RESET skills.user_id;
RESET skills.org_id;
