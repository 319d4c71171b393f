--
-- What the functions give of a skill's files: in the store, through the
-- registry, frozen, and in messages.
--
SET ROLE regress_skills_app;
SELECT skills.set_identity('finn', 'files', false);
SELECT skill_id AS brew FROM skills.create_skill('brew', 'When thirsty', E'Brew it.\n', 'org-editable') \gset
SELECT path, size, sha256, executable, author, accessibility, created_by FROM skills.put_file(:'brew', 1, 'scripts/heat.sh', E'#!/bin/sh\n', true);
SELECT path, convert_from(content, 'UTF8') AS content FROM skills.put_file(skill_id => :'brew', version => 1, path => 'Tea.md', content => 'Green');
SELECT size FROM skills.put_file(:'brew', 1, 'assets/leaf.png', decode('89504e470d0a1a0a00ff', 'hex'));
SELECT size FROM skills.put_file(:'brew', 1, 'a.md', 'A');
SELECT size FROM skills.put_file((SELECT skill_id FROM skills.create_skill('hush', 'When alone', 'Of finn')), 1, 'B.md', 'B');
-- In byte order of path.
SELECT path, size, left(sha256, 8) AS sha256, executable FROM skills.list_files(:'brew');
-- A second one replaces content and executable, and nothing else.
SELECT skills.set_identity('gwen', 'files', false);
SELECT subscribed IS NOT NULL AS subscribed FROM skills.subscribe(:'brew');
SELECT path, size, executable, created_by FROM skills.put_file(:'brew', 1, 'scripts/heat.sh', 'exit');
SELECT skills.delete_file(:'brew', 1, 'a.md');
SELECT path, created_by FROM skills.put_file(:'brew', 1, 'gwen.md', 'Of gwen');

-- A new version has the files of the latest one, and its front matter; whoever adds it is who wrote them.
SELECT version FROM skills.create_version(:'brew', 'When thirsty', 'Boil it.');
SELECT path, size, executable, created_by, accessibility FROM skills.skill_file WHERE skill_id = :'brew' AND version = 2 ORDER BY path;
SELECT skills.delete_file(:'brew', 2, 'gwen.md');
SELECT version FROM skills.create_version(:'brew', 'When thirsty', 'Fry it.', copy_files => false);
SELECT version, count(f.path) FROM generate_series(1, 3) AS version, skills.list_files(:'brew', version) AS f GROUP BY version;
SELECT count(*) FROM skills.list_files(:'brew');
SELECT version FROM skills.create_version(:'brew', 'When thirsty', 'Drink it.');
SELECT count(*) FROM skills.list_files(:'brew', 4);
-- But for SKILL.md, which is of the version that it came with.
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter) VALUES (:'brew', 'When thirsty', E'Brew.\n', '{"name": "brew", "description": "When thirsty", "license": "MIT"}');
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES
	(:'brew', 5, 'SKILL.md', E'---\nname: brew\ndescription: When thirsty\nlicense: MIT\n---\nBrew.\n'), (:'brew', 5, 'b/c.md', 'C'), (:'brew', 5, 'B.md', 'B');
SELECT path FROM skills.list_files(:'brew');
SELECT frontmatter FROM skills.create_version(:'brew', 'When thirsty', E'Brew.\n');
SELECT path FROM skills.list_files(:'brew');
-- All of it within the limits, or none.
RESET ROLE;
SET skills.max_package_files = 2;
SET ROLE regress_skills_app;
\set VERBOSITY sqlstate
SELECT skills.create_version(:'brew', 'When thirsty', 'Too much.');
\set VERBOSITY default
SELECT version FROM skills.create_version(:'brew', 'When thirsty', 'Little.', copy_files => false);
RESET ROLE;
RESET skills.max_package_files;
SET ROLE regress_skills_app;
SELECT max(version) FROM skills.list_versions(:'brew');

-- Through the registry: the files of the pinned version, without SKILL.md.
SELECT ai_version FROM skills.set_ai_version(:'brew', 1);
SELECT version, body, files FROM skills.load_skill('brew');
SELECT path, size, left(sha256, 8) AS sha256, executable, content FROM skills.load_skill_file('brew', 'assets/leaf.png');
SELECT path, convert_from(content, 'UTF8') AS content FROM skills.load_skill_file(name => 'brew', path => 'gwen.md');
SELECT ai_version FROM skills.set_ai_version(:'brew', 5);
SELECT version, files FROM skills.load_skill('brew');
SELECT path FROM skills.load_skill_file('brew', 'b/c.md');
\set SHOW_CONTEXT never
-- None but those: not of another version, nor SKILL.md, which says what load_skill() gives, nor by another spelling.
SELECT skills.load_skill_file('brew', 'gwen.md');
SELECT skills.load_skill_file('brew', 'SKILL.md');
SELECT skills.load_skill_file('brew', 'B.MD');
SELECT skills.load_skill_file('brew', '../B.md');
SELECT skills.load_skill_file('brew', '');
SELECT skills.load_skill_file('brew', E'\x1b[2J');
SELECT skills.load_skill_file('absent', 'B.md');
SELECT skills.load_skill_file(NULL, 'B.md');
SELECT skills.load_skill_file('brew', NULL);
-- Nor of a skill that is hidden, not pinned, or shadowed by the caller's own of that name.
SELECT skills.load_skill_file('hush', 'B.md');
SELECT ai_version FROM skills.set_ai_version(:'brew', NULL);
SELECT skills.load_skill_file('brew', 'B.md');
SELECT ai_version FROM skills.set_ai_version(:'brew', 5);
SELECT skill_id AS own FROM skills.create_skill('brew', 'When cold', 'Mine') \gset
SELECT path FROM skills.put_file(:'own', 1, 'own.md', 'Own');
SELECT files FROM skills.load_skill('brew');
SELECT skills.load_skill_file('brew', 'B.md');
SELECT path FROM skills.load_skill_file('brew', 'own.md');
SELECT skills.delete_skill(:'own');

-- Frozen: the same files, whatever becomes of them.
SELECT skills.freeze_registry() AS frozen \gset
SELECT jsonb_pretty(e -> 'files') FROM jsonb_array_elements(:'frozen'::jsonb -> 'skills') AS e;
SELECT l.* FROM skills.load_skill_file('brew', 'b/c.md') AS l EXCEPT SELECT l.* FROM skills.load_skill_file('brew', 'b/c.md', :'frozen') AS l;
SELECT path, size FROM skills.put_file(:'brew', 5, 'b/c.md', 'Changed');
SELECT skills.delete_file(:'brew', 5, 'B.md');
SELECT files, convert_from(f.content, 'UTF8') AS content FROM skills.load_skill('brew'), skills.load_skill_file('brew', 'b/c.md') AS f;
SELECT skills.set_identity('', '', false);
SELECT files, convert_from(f.content, 'UTF8') AS content FROM skills.load_skill('brew', :'frozen'), skills.load_skill_file('brew', 'b/c.md', :'frozen') AS f;
SELECT path, size, executable, content FROM skills.load_skill_file('brew', 'B.md', frozen => :'frozen');
SELECT skills.load_skill_file('brew', 'gwen.md', :'frozen');
SELECT skills.load_skill_file('brew', 'SKILL.md', :'frozen');
SELECT skills.load_skill_file('absent', 'B.md', :'frozen');
SELECT skills.load_skill_file('brew', NULL, :'frozen');
SELECT skills.load_skill_file('brew', 'B.md');
SELECT skills.load_skill_file('brew', 'B.md', 'null');
-- Of a list, too; bytes that are no text, many of them, and none.
SELECT skills.set_identity('finn', 'files', false);
SELECT size FROM skills.put_file(:'brew', 1, 'large', (SELECT string_agg(sha256(i::text::bytea), '') FROM generate_series(1, 5000) AS i));
SELECT size FROM skills.put_file(:'brew', 1, 'empty', '');
SELECT skills.freeze_registry(jsonb_build_array(jsonb_build_object('skill_id', :'brew', 'version', 1))) AS old \gset
SELECT f.path, f.size, f.content = s.content AS same, f.sha256 = s.sha256 AS digest
FROM skills.skill_file AS s, skills.load_skill_file('brew', s.path, :'old') AS f WHERE s.skill_id = :'brew' AND s.version = 1 ORDER BY f.path;
-- A document from before there were files has none.
SELECT files FROM skills.load_skill('brew', :'frozen'::jsonb #- '{skills,0,files}');
SELECT skills.load_skill_file('brew', 'B.md', :'frozen'::jsonb #- '{skills,0,files}');
-- The order in a document does not matter.
SELECT files FROM skills.load_skill('brew', jsonb_set(:'frozen', '{skills,0,files}', (:'frozen'::jsonb #> '{skills,0,files}') - 0 || (:'frozen'::jsonb #> '{skills,0,files,0}')));

-- Documents that are refused, with the path of what is wrong.
SELECT set_config('regress.frozen', :'frozen', false) IS NOT NULL AS set;
CREATE FUNCTION pg_temp.damaged(path text[], value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	document jsonb := current_setting('regress.frozen');
BEGIN
	document := CASE WHEN value IS NULL THEN document #- path ELSE jsonb_set(document, path, value) END;
	RETURN (SELECT 'accepted: ' || content::text FROM skills.load_skill_file('brew', 'B.md', document));
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT pg_temp.damaged(('{skills,0,files' || path || '}')::text[], value::jsonb) AS outcome, path, left(value, 40) AS value FROM (VALUES
	('', 'null'), ('', '{}'), ('', '"x"'), ('', '[1]'), ('', '[null]'), ('', '[[]]'), ('', '[]'),
	(',0,path', NULL), (',0,path', '1'), (',0,path', '""'), (',0,path', '"../B.md"'), (',0,path', '"B\u202e.md"'), (',0,path', '"SKILL.md"'), (',0,path', '"b/c.md"'),
	(',0,size', NULL), (',0,size', '"1"'), (',0,size', '1.5'), (',0,size', '2'), (',0,size', '-1'), (',0,size', '99999999999'),
	(',0,sha256', NULL), (',0,sha256', '1'), (',0,sha256', '""'), (',0,sha256', '"DF7E70E5021544F4834BBEE64A9E3789FEBC4BE81470DF629CAD6DDB03320A5C"'),
	(',0,executable', NULL), (',0,executable', '"true"'), (',0,executable', 'null'), (',0,executable', 'true'),
	(',0,content', NULL), (',0,content', 'null'), (',0,content', '"Qw=="'), (',0,content', '"Q"'), (',0,content', '"Qg="'), (',0,content', '"Qg==Qg=="'), (',0,content', '"Qg==\n"'), (',0,content', '"Ä"'), (',0,content', '""'),
	-- Of another file: not looked at until it is asked for.
	(',1,content', '"!"'), (',1,path', '"/c"'), (',0,extra', '1')) AS v (path, value);

-- Messages end with the paths; without files they are as they were.
SELECT m #>> '{content,0,content}' AS content FROM json_array_elements(skills.invocation_messages('{/brew@v5}')) AS m OFFSET 1;
SELECT m #>> '{content,0,content}' AS content FROM json_array_elements(skills.invocation_messages('{/brew@v2}')) AS m OFFSET 1;
SELECT m #>> '{content,0,content}' AS content FROM json_array_elements(skills.invocation_messages('{/brew@v3}')) AS m OFFSET 1;
SELECT skills.invocation_messages('{/brew@v5}', f) #>> p = E'Brew.\n\nFiles of this skill:\n- b/c.md' AS same
FROM (VALUES ('anthropic', '{1,content,0,content}'::text[]), ('openai', '{1,output}'), ('openai-chat', '{1,content}'), ('mcp', '{1,result,content,0,text}')) AS v (f, p);
SELECT size FROM skills.put_file((SELECT skill_id FROM skills.create_skill('bare', 'When', '')), 1, 'only.md', '');
SELECT skills.invocation_messages('{bare}', 'openai');
\unset SHOW_CONTEXT
RESET ROLE;
RESET regress.frozen;
RESET skills.user_id;
RESET skills.org_id;
DELETE FROM skills.skill WHERE org_id = 'files';
SELECT count(*) FROM skills.skill_file WHERE created_by <> regress.unread('user');
