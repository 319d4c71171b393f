--
-- The rules for skills.skill_file: the number of rows or the SQLSTATE, for
-- each caller, and what the errors say.
--
-- Two files in each version of the world, which go again at the end.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
SELECT v.skill_id, v.version, f.path, convert_to(f.path || ' of ' || v.version, 'UTF8'), f.path = 'scripts/run.sh'
FROM skills.skill_version AS v, (VALUES ('scripts/run.sh'), ('a.txt')) AS f (path);
COMMIT;
SELECT skill_id, version, path, convert_from(content, 'UTF8') AS content, size, sha256 = encode(sha256(content), 'hex') AS sha256,
	executable, author, accessibility, created_by
FROM skills.skill_file WHERE skill_id <> regress.id('Z') ORDER BY skill_id, version, path;

-- See: with the skill, by the row itself.
SELECT * FROM regress.outcomes(
	'SELECT FROM skills.skill_file',
	'SELECT FROM skills.skill_file WHERE skill_id = $P',
	'SELECT FROM skills.skill_file WHERE skill_id = $G',
	'SELECT FROM skills.skill_file WHERE skill_id = $E FOR UPDATE',
	'SELECT FROM skills.list_files($P)',
	'SELECT FROM skills.list_files($G, 1)',
	'SELECT FROM skills.list_files($G, 9)',
	'SELECT FROM skills.list_files($X)'
);
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE skills.skill_file SET accessibility = 'private' WHERE skill_id = regress.id('E') AND path = 'a.txt';
SELECT regress.outcome('bob', 'SELECT FROM skills.skill_version WHERE skill_id = $E') AS versions,
	regress.outcome('bob', 'SELECT FROM skills.skill_file WHERE skill_id = $E') AS files;
ROLLBACK;

-- Add: who may edit.
SELECT * FROM regress.outcomes(
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($P, 1, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($G, 1, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', '') RETURNING size$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($X, 1, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 9, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', '') ON CONFLICT DO NOTHING$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', 'new')
		ON CONFLICT (org_id, skill_id, version, path) DO UPDATE SET content = EXCLUDED.content$$,
	$$MERGE INTO skills.skill_file AS f USING (SELECT $E AS id, 'b' AS path) AS g ON (f.skill_id, f.path) = (g.id, g.path)
		WHEN NOT MATCHED THEN INSERT (skill_id, version, path, content) VALUES (g.id, 1, g.path, '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content, created_by) VALUES ($E, 1, 'b', '', 'zoe')$$,
	$$INSERT INTO skills.skill_file (org_id, skill_id, version, path, content) VALUES ('initech', $E, 1, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, NULL, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, NULL, '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', NULL)$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content, executable) VALUES ($E, 1, 'b', '', NULL)$$,
	$$SELECT skills.put_file($P, 1, 'b', '')$$,
	$$SELECT skills.put_file($G, 1, 'b', '')$$,
	$$SELECT skills.put_file($E, 1, 'b', '')$$,
	$$SELECT skills.put_file($E, 1, 'a.txt', 'new', true)$$,
	$$SELECT skills.put_file($E, 9, 'b', '')$$,
	$$SELECT skills.put_file($X, 1, 'b', '')$$,
	$$SELECT skills.put_file($E, 1, '../b', '')$$,
	$$SELECT skills.put_file($E, 1, 'SKILL.md', '')$$
);

-- Change and delete.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill_file SET content = 'new' WHERE skill_id = $P AND version = 1$$,
	$$UPDATE skills.skill_file SET content = 'new' WHERE skill_id = $G AND version = 1$$,
	$$UPDATE skills.skill_file SET content = 'new' WHERE skill_id = $E AND version = 1 RETURNING content$$,
	$$UPDATE skills.skill_file SET content = repeat('longer', 100)::bytea WHERE skill_id = $E AND version = 1$$,
	$$UPDATE skills.skill_file SET executable = NOT executable WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET content = NULL WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET executable = NULL WHERE skill_id = $E$$,
	$$MERGE INTO skills.skill_file AS f USING (SELECT $E AS id) AS g ON f.skill_id = g.id WHEN MATCHED THEN UPDATE SET content = 'new'$$,
	'DELETE FROM skills.skill_file WHERE skill_id = $P AND version = 1',
	'DELETE FROM skills.skill_file WHERE skill_id = $G AND version = 1',
	'DELETE FROM skills.skill_file WHERE skill_id = $E AND version = 1 RETURNING content',
	'DELETE FROM skills.skill_file WHERE skill_id = $X',
	'MERGE INTO skills.skill_file AS f USING (SELECT $E AS id) AS g ON f.skill_id = g.id WHEN MATCHED THEN DELETE',
	$$SELECT skills.delete_file($P, 1, 'a.txt')$$,
	$$SELECT skills.delete_file($G, 1, 'a.txt')$$,
	$$SELECT skills.delete_file($E, 1, 'a.txt')$$,
	$$SELECT skills.delete_file($E, 1, 'absent')$$,
	$$SELECT skills.delete_file($E, 9, 'a.txt')$$,
	$$SELECT skills.delete_file($X, 1, 'a.txt')$$
);

-- Fixed columns, and stamps that a client may send.
SELECT * FROM regress.outcomes(
	$$UPDATE skills.skill_file SET org_id = 'globex' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET skill_id = $G WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET version = 2 WHERE skill_id = $E AND version = 1$$,
	$$UPDATE skills.skill_file SET path = 'other' WHERE skill_id = $E AND path = 'a.txt'$$,
	$$UPDATE skills.skill_file SET created_by = 'zoe' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET created = '2001-01-01' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_file SET path = path, version = version, created_by = 'alice', created = created WHERE skill_id = $E$$
);
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('bob', 'acme');
INSERT INTO skills.skill_file (skill_id, version, path, content, size, sha256, author, accessibility, created)
VALUES (regress.id('E'), 1, 'stamped', 'abc', 99, 'none', 'zoe', 'private', '2001-01-01')
RETURNING size, sha256, executable, author, accessibility, created = now() AS created, created_by;
INSERT INTO skills.skill_file (skill_id, version, path, content, size, sha256) VALUES (regress.id('E'), 1, 'null', '', NULL, NULL)
RETURNING size, sha256;
UPDATE skills.skill_file SET size = 99, sha256 = 'none', author = 'zoe', accessibility = 'private'
WHERE skill_id = regress.id('E') AND path = 'stamped' RETURNING size, left(sha256, 8) AS sha256, author, accessibility;
UPDATE skills.skill_file SET content = 'abcd' WHERE path = 'stamped' RETURNING size, left(sha256, 8) AS sha256;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, sha256, executable, author, accessibility, created, created_by)
VALUES (DEFAULT, regress.id('E'), 1, 'default', '', DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT)
RETURNING size, executable, author, accessibility, created_by;
RESET ROLE;
SELECT * FROM regress.violation;
ROLLBACK;

-- What the errors say.
SELECT regress.outcome(caller, statement, true) FROM (VALUES
	('nobody', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($P, 1, 'b', '')$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($P, 1, 'b', '')$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($X, 1, 'b', '')$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 9, 'b', '')$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($G, 1, 'b', '')$$),
	('carol', $$UPDATE skills.skill_file SET content = 'new' WHERE skill_id = $E$$),
	('carol', $$DELETE FROM skills.skill_file WHERE skill_id = $E$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', '')$$),
	('bob', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, NULL, '')$$),
	('bob', $$UPDATE skills.skill_file SET path = 'b' WHERE skill_id = $E$$),
	('bob', $$SELECT skills.list_files($P)$$),
	('bob', $$SELECT skills.list_files($X, 9)$$),
	('bob', $$SELECT skills.list_files($E, 9)$$),
	('bob', $$SELECT skills.put_file($P, 1, 'a.txt', '')$$),
	('bob', $$SELECT skills.put_file($E, 9, 'a.txt', '')$$),
	('bob', $$SELECT skills.delete_file($P, 1, 'a.txt')$$),
	('bob', $$SELECT skills.delete_file($E, 1, E'none\n')$$),
	('bob', $$SELECT skills.delete_file($E, 9, 'a.txt')$$),
	('bob', $$SELECT skills.list_files(NULL)$$),
	('bob', $$SELECT skills.put_file(NULL, 1, 'b', '')$$),
	('bob', $$SELECT skills.put_file($E, NULL, 'b', '')$$),
	('bob', $$SELECT skills.put_file($E, 1, NULL, '')$$),
	('bob', $$SELECT skills.put_file($E, 1, 'b', NULL)$$),
	('bob', $$SELECT skills.put_file($E, 1, 'b', '', NULL)$$),
	('bob', $$SELECT skills.delete_file(NULL, 1, 'b')$$),
	('bob', $$SELECT skills.delete_file($E, NULL, 'b')$$),
	('bob', $$SELECT skills.delete_file($E, 1, NULL)$$)
) AS t (caller, statement);

-- Paths: what they may be.
CREATE FUNCTION regress.put(path text, at_version integer DEFAULT 1) RETURNS text LANGUAGE sql
RETURN regress.outcome('alice', format('INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, %s, %L, %L)', at_version, path, ''), true);
\pset format unaligned
SELECT path, regress.put(path) FROM unnest(ARRAY['b', 'scripts/b', 'a/b/c/d', '.hidden', '..b/c..', 'a b', 'ü/ß.md', '日本.txt', 'cc:/x', 'a.txt~',
	'SKILL.md.txt', 'references/SKILL.md', 'references/skill.md', '👩‍💻.png']) WITH ORDINALITY AS t (path, i) ORDER BY i;
-- And what not, each by name.
SELECT regress.put(path) FROM unnest(ARRAY['', '/', '/etc/passwd', 'a//b', 'a/', './a', 'a/./b', 'a/.', '..', '../a', 'a/../b', 'a/..',
	'a\b', '\\host\share', 'C:', 'c:/windows', 'x:y', E'a\tb', E'a\nb', E'a\x7f', E'a\u0085b', E'a\u202Eb', E'a\u200Bb', E'\uFEFFa',
	'skill.md', 'Skill.MD', E'\u017Fkill.md', E'S\u212AILL.md', 'SKILL.md/a', 'skill.md/a']) WITH ORDINALITY AS t (path, i) ORDER BY i;
\pset format aligned
SELECT length(path) AS characters, octet_length(path) AS bytes, left(put, 5) AS put, split_part(put, E'\n', 2) AS detail
FROM unnest(ARRAY[repeat('a', 512), repeat('a', 513), repeat('ü', 256), repeat('ü', 256) || 'a', repeat('a/', 255) || 'bc', repeat('a/', 256) || 'b']) AS path, regress.put(path);
SELECT regress.outcome('alice', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, convert_from('\x61ff', 'UTF8'), '')$$, true);

-- Paths that cannot stand beside those of the same version: equal but for case or normal form, file and folder.
SELECT regress.put(path) FROM unnest(ARRAY['A.txt', 'a.TXT', 'Scripts/run.sh', 'scripts/RUN.sh', 'scripts', 'SCRIPTS', 'a.txt/b', 'A.TXT/b/c',
	'scripts/run.sh/b', 'scripts/run']) WITH ORDINALITY AS t (path, i) ORDER BY i;
\pset format unaligned
SELECT first, second, regress.outcome('alice',
	format('INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, %L, %L), ($E, 1, %L, %L)', first, '', second, ''), true)
FROM (VALUES (U&'\00e9', U&'e\0301'), (U&'\00c9', U&'e\0301'), (U&'\1e9b\0323', U&'\1e61\0323'), (U&'q\0307\0323', U&'q\0323\0307'), ('ΣΑΣ', 'σας'),
	('ÀÉ/x', 'àé/X'), ('ДОМ', 'дом'), (U&'\+010400', U&'\+010428'), (U&'\1e9e', 'ß'), (U&'\AC00', U&'\1100\1161'), (U&'K\212b', 'kå'),
	('ǅ', 'ǆ'), ('É', U&'e\0301/x'), (U&'u\0308/x', 'Ü'), ('b', 'b/c'), ('b/c', 'b'), ('b/c/d', 'B/c'), ('b', 'b'),
	-- These differ.
	('ß', 'ss'), ('i', 'ı'), (U&'\0130', 'i'), ('é', 'e'), ('ﬁ', 'fi'), ('b', 'b.c'), ('b/c', 'b.c'), ('b/c', 'b!'), ('b0', 'b/c'), ('½', '1⁄2'), ('b ', 'b')) AS t (first, second);
\pset format aligned
-- Another version is another package.
SELECT regress.put('A.txt', 2), regress.outcome('alice', $$INSERT INTO skills.skill_file (skill_id, version, path, content)
	SELECT $E, v, CASE v WHEN 1 THEN 'new' ELSE 'NEW' END, '' FROM generate_series(1, 2) AS v$$) AS rows;

-- SKILL.md says what its version says.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter)
VALUES (regress.id('E'), 'When', E'What\n', '{"name": "escalate", "description": "When"}'), (regress.id('E'), 'When', '', '{"name": "escalate", "description": "When"}');
\set VERBOSITY terse
SAVEPOINT s;
-- Not of a version that was written in place, nor with another text.
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 1, 'SKILL.md', E'---\nname: escalate\ndescription: When a customer is angry\n---\nCall alice.');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 3, 'SKILL.md', E'---\nname: escalate\ndescription: When\n---\nElse\n');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 3, 'SKILL.md', E'What\n');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 3, 'SKILL.md', E'---\nname: escalate\ndescription: When\n---\nOr What\n');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 4, 'SKILL.md', '');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES
	(regress.id('E'), 3, 'SKILL.md', E'---\nname: escalate\ndescription: When\n---\nWhat\n'), (regress.id('E'), 4, 'SKILL.md', E'---\nname: escalate\ndescription: When\n---\n');
SAVEPOINT s;
UPDATE skills.skill_file SET content = E'---\nname: escalate\ndescription: When\n---\nElse\n' WHERE version = 3 AND path = 'SKILL.md';
ROLLBACK TO s;
UPDATE skills.skill_file SET content = E'---\nname: escalate\ndescription: "When"\n---\nWhat\n' WHERE version = 3 AND path = 'SKILL.md';
\set VERBOSITY default
-- Until the text of the version is edited: not for what changes nothing, nor for topics or a flip.
UPDATE skills.skill_version SET description = description, body = body, frontmatter = frontmatter WHERE skill_id = regress.id('E');
UPDATE skills.skill_version SET relevant_topics = '{t}' WHERE skill_id = regress.id('E');
UPDATE skills.skill SET accessibility = 'org', tags = '{t}', name = name WHERE skill_id = regress.id('E');
SELECT version, path, accessibility FROM skills.skill_file WHERE skill_id = regress.id('E') AND version > 2 ORDER BY version;
SAVEPOINT s;
UPDATE skills.skill_version SET body = 'New' WHERE skill_id = regress.id('E') AND version = 3;
SELECT version, path FROM skills.skill_file WHERE skill_id = regress.id('E') AND version > 2 ORDER BY version;
ROLLBACK TO s;
UPDATE skills.skill_version SET description = 'New' WHERE skill_id = regress.id('E') AND version = 4;
SELECT version, path FROM skills.skill_file WHERE skill_id = regress.id('E') AND version > 2 ORDER BY version;
ROLLBACK TO s;
UPDATE skills.skill_version SET frontmatter = '{"license": "MIT"}' WHERE skill_id = regress.id('E') AND version = 4;
SELECT version, path FROM skills.skill_file WHERE skill_id = regress.id('E') AND version > 2 ORDER BY version;
ROLLBACK TO s;
-- Or the name of the skill: then of all its versions; no other file goes.
UPDATE skills.skill SET name = 'calm' WHERE skill_id = regress.id('E');
SELECT version, path FROM skills.skill_file WHERE skill_id = regress.id('E') ORDER BY version, path;
ROLLBACK TO s;
-- An edit by another member who may edit, or by a DBA, does the same.
UPDATE skills.skill SET accessibility = 'org-editable' WHERE skill_id = regress.id('E');
SELECT skills.set_identity('bob', 'acme');
UPDATE skills.skill_version SET body = 'New' WHERE skill_id = regress.id('E') AND version = 3;
SELECT skills.set_identity('', '');
RESET ROLE;
UPDATE skills.skill_version SET body = 'New' WHERE skill_id = regress.id('E') AND version = 4;
SELECT count(*) FROM skills.skill_file WHERE path = 'SKILL.md';
ROLLBACK;
SELECT regress.outcome('alice', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'SKILL.md', '')$$, true),
	regress.outcome('carol', $$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'SKILL.md', '')$$);

-- Limits, for every path to the data.
BEGIN;
SET LOCAL skills.max_package_files = 4;
SET LOCAL skills.max_package_size = '100B';
SELECT name, setting, unit, context FROM pg_settings WHERE name LIKE 'skills.max%' ORDER BY name;
SELECT * FROM regress.outcomes(
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', ''), ($E, 1, 'c', '')$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT $E, v, p, '' FROM generate_series(1, 2) AS v, unnest('{b,c}'::text[]) AS p ORDER BY p, v$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', convert_to(repeat('x', 71), 'UTF8'))$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', convert_to(repeat('x', 72), 'UTF8'))$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', convert_to(repeat('x', 101), 'UTF8'))$$,
	$$UPDATE skills.skill_file SET content = convert_to(repeat('x', 90), 'UTF8') WHERE skill_id = $E AND version = 1 AND path = 'scripts/run.sh'$$,
	$$UPDATE skills.skill_file SET content = convert_to(repeat('x', 91), 'UTF8') WHERE skill_id = $E AND version = 1 AND path = 'scripts/run.sh'$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', convert_to(repeat('x', 81), 'UTF8'))
		ON CONFLICT (org_id, skill_id, version, path) DO UPDATE SET content = EXCLUDED.content$$,
	$$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'a.txt', convert_to(repeat('x', 82), 'UTF8'))
		ON CONFLICT (org_id, skill_id, version, path) DO UPDATE SET content = EXCLUDED.content$$,
	$$MERGE INTO skills.skill_file AS f USING (SELECT $E AS id, p FROM unnest('{b,c}'::text[]) AS p) AS g ON f.skill_id = g.id AND f.path = g.p
		WHEN NOT MATCHED THEN INSERT (skill_id, version, path, content) VALUES (g.id, 1, g.p, '')$$,
	$$WITH one AS (INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', ''))
		INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'c', '')$$
);
SELECT regress.outcome('alice', statement, true) FROM (VALUES
	($$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', ''), ($E, 1, 'c', '')$$),
	($$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', convert_to(repeat('x', 72), 'UTF8'))$$),
	($$INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ($E, 1, 'b', convert_to(repeat('x', 101), 'UTF8'))$$)) AS t (statement);
-- Nor does what somebody else's trigger writes meanwhile hide the row that it fires for.
SAVEPOINT s;
CREATE FUNCTION regress.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.path = 'b' THEN
		INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (NEW.skill_id, NEW.version, 'c', '');
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER meddle BEFORE INSERT ON skills.skill_file FOR EACH ROW EXECUTE FUNCTION regress.meddle();
SELECT regress.put('a'), regress.put('b'), regress.put('c');
ROLLBACK TO s;
-- A statement that is refused does not hide the next one; what shrinks is never too large.
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
\set VERBOSITY terse
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 1, 'b', '');
SAVEPOINT s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 1, 'c', '');
ROLLBACK TO s;
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 1, 'c', '');
ROLLBACK TO s;
\set VERBOSITY default
RESET ROLE;
SET LOCAL skills.max_package_files = 1;
SET LOCAL skills.max_package_size = 1;
SET LOCAL ROLE regress_skills_app;
UPDATE skills.skill_file SET content = '', executable = true WHERE skill_id = regress.id('E') AND path = 'scripts/run.sh';
DELETE FROM skills.skill_file WHERE skill_id = regress.id('E') AND path = 'a.txt';
RESET ROLE;
-- SKILL.md is one of the files, stored or not.
SET LOCAL skills.max_package_files = 3;
RESET skills.max_package_size;
SET LOCAL ROLE regress_skills_app;
INSERT INTO skills.skill_version (skill_id, description, body, frontmatter) VALUES (regress.id('E'), 'When', E'What\n', '{"name": "escalate", "description": "When"}');
INSERT INTO skills.skill_file (skill_id, version, path, content)
VALUES (regress.id('E'), 3, 'a', ''), (regress.id('E'), 3, 'SKILL.md', E'---\nname: escalate\ndescription: When\n---\nWhat\n'), (regress.id('E'), 3, 'b', '');
SELECT regress.put('c', 3);
ROLLBACK;
-- An app cannot raise them.
SET ROLE regress_skills_app;
SET skills.max_package_files = 1000;
SET skills.max_package_size = 1000;
RESET ROLE;
SET skills.max_package_files = 0;
-- The server's words for a unit differ between its versions.
\set VERBOSITY sqlstate
SET skills.max_package_size = 0;
\set VERBOSITY default

-- Files go with their version and skill, and follow its accessibility.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('alice', 'acme');
UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = regress.id('E');
SELECT DISTINCT skill_id, accessibility FROM skills.skill_file ORDER BY 1;
SELECT regress.outcome('bob', 'SELECT FROM skills.skill_file WHERE skill_id = $E');
UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = regress.id('E');
SELECT DISTINCT skill_id, accessibility FROM skills.skill_file ORDER BY 1;
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E') AND version = 1;
SELECT version, count(*) FROM skills.skill_file WHERE skill_id = regress.id('E') GROUP BY version;
DELETE FROM skills.skill_version WHERE skill_id = regress.id('E') AND version = 2;
DELETE FROM skills.skill WHERE skill_id = regress.id('G');
SELECT DISTINCT skill_id FROM skills.skill_file;
RESET ROLE;
SELECT * FROM regress.violation;
ROLLBACK;
-- Also where an editor deletes a version with the files of others.
SELECT * FROM regress.outcomes('DELETE FROM skills.skill_version WHERE skill_id = $E AND version = 1');

-- A DBA's rows are taken as given; constraints hold, the limits do not.
BEGIN;
SET LOCAL skills.max_package_files = 1;
SET LOCAL skills.max_package_size = 1;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, sha256, author, accessibility, created, created_by)
VALUES ('acme', regress.id('E'), 1, 'given', 'abc', 3, repeat('0', 64), 'alice', 'org', '2001-01-01 00:00:00.000001+00', 'zoe'),
	('acme', regress.id('E'), 1, 'SKILL.md', '', 0, repeat('0', 64), 'alice', 'org-editable', '2001-01-01 00:00:00.000001+00', 'zoe');
SELECT path, size, left(sha256, 8) AS sha256, accessibility, created AT TIME ZONE 'UTC' AS created, created_by FROM skills.skill_file WHERE created_by = 'zoe';
-- An edit that leaves the stamps alone has them filled.
UPDATE skills.skill_file SET content = 'abcd' WHERE path = 'given' RETURNING size, left(sha256, 8) AS sha256, accessibility;
UPDATE skills.skill_file SET content = 'abc', size = 3, sha256 = repeat('1', 64) WHERE path = 'given' RETURNING size, left(sha256, 8) AS sha256;
\set VERBOSITY terse
SAVEPOINT s;
UPDATE skills.skill_file SET path = 'other' WHERE path = 'given';
ROLLBACK TO s;
UPDATE skills.skill_file SET content = NULL WHERE path = 'given';
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, author, created_by) VALUES ('acme', regress.id('E'), 1, 'b', 'abc', 'alice', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, author, created_by) VALUES ('acme', regress.id('E'), 1, 'b', 'abc', 3, 'alice', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, sha256, author, created_by) VALUES ('acme', regress.id('E'), 1, '../b', '', repeat('0', 64), 'alice', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, sha256, author, created_by) VALUES ('acme', regress.id('E'), 1, 'GIVEN', '', repeat('0', 64), 'alice', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, sha256, author, created_by) VALUES ('acme', regress.id('E'), 9, 'b', '', repeat('0', 64), 'alice', 'zoe');
ROLLBACK TO s;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, sha256, author, accessibility, created_by) VALUES ('acme', regress.id('E'), 1, 'b', '', repeat('0', 64), 'alice', 'public', 'zoe');
ROLLBACK TO s;
\set VERBOSITY default
-- With an identity a superuser meets the rules, and the limits.
SELECT skills.set_identity('alice', 'acme');
INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES (regress.id('E'), 2, 'b', '');
ROLLBACK TO s;
SELECT skills.set_identity('carol', 'acme');
UPDATE skills.skill_file SET content = '' WHERE skill_id = regress.id('E') AND path = 'a.txt';
ROLLBACK;

-- The world as it was.
DROP FUNCTION regress.put;
DELETE FROM skills.skill_file WHERE created_by <> regress.unread('user');
SELECT * FROM regress.violation;
