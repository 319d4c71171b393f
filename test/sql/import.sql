--
-- Packages in and out: what an import makes, what it leaves alone, and that
-- what comes out is what went in.
--
\set SHOW_CONTEXT never
\pset format unaligned
\pset fieldsep ' | '
SET ROLE regress_skills_app;
SELECT skills.set_identity('ann', 'imports', false) \gset

-- An archive of those files; the other arguments are paths and contents in turn.
CREATE FUNCTION pg_temp.archive(folder text, skill_md text, VARIADIC files text[] DEFAULT '{}') RETURNS bytea LANGUAGE sql AS $$
	SELECT skills.write_archive(folder, 'zip', array_agg(octet_length(content) || CASE WHEN path ~ '[.]sh$' THEN ' t ' ELSE ' f ' END || path), string_agg(convert_to(content, 'UTF8'), ''))
	FROM (SELECT 'SKILL.md', skill_md UNION ALL SELECT files[i], files[i + 1] FROM generate_series(1, cardinality(files), 2) AS i) AS file (path, content)
$$;
CREATE FUNCTION pg_temp.skill_md(name text, description text, body text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT format(E'---\nname: %s\ndescription: %s\n%s---\n%s', name, description, more, body)
$$;
-- The error that a statement ends in, without the ids in it.
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN regexp_replace(concat_ws(' / ', SQLSTATE || ': ' || SQLERRM, nullif(detail, ''), nullif(hint, '')), 'sk_\w+', 'sk_…', 'g');
END
$$;
CREATE VIEW pg_temp.stored AS
SELECT s.name, s.accessibility, s.tags, v.version, v.description, to_json(v.body) AS body, v.frontmatter, (
	SELECT string_agg(concat_ws(' ', f.path, f.size, CASE WHEN f.executable THEN 'x' END), ', ' ORDER BY f.path) FROM skills.skill_file AS f
	WHERE (f.org_id, f.skill_id, f.version) = (v.org_id, v.skill_id, v.version)) AS files
FROM skills.skill AS s JOIN skills.skill_version AS v USING (org_id, skill_id)
WHERE s.created_by = skills.current_user_id();

-- A new skill: private, and its author's AI has it at once.
SELECT pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT\n'), 'references/limits.md', 'Up to 100 EUR', 'scripts/pay.sh', '#!/bin/sh') AS refund \gset
SELECT skill_id AS refund_id, version, added FROM skills.import_package(:'refund') \gset imported_
SELECT :'imported_version' AS version, :'imported_added' AS added;
SELECT * FROM pg_temp.stored WHERE name = 'refund' ORDER BY version;
SELECT name, version, body FROM skills.load_skill('refund');

-- The same again adds nothing; tags and accessibility apply all the same.
SELECT version, added, skill_id = :'imported_refund_id' AS same FROM skills.import_package(:'refund');
SELECT version, added FROM skills.import_package(:'refund', 'org', '{money,money,back}');
SELECT name, accessibility, tags, revision FROM skills.skill WHERE name = 'refund';
SELECT version, added FROM skills.import_package(:'refund', 'org', '{back}');
SELECT name, accessibility, tags, revision FROM skills.skill WHERE name = 'refund';
-- Another format of archive, without a folder: the same package.
SELECT version, added FROM skills.import_package(skills.write_archive('', 'tar.gz', '{81 f SKILL.md,13 f references/limits.md,9 t scripts/pay.sh}',
	convert_to(pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT\n') || 'Up to 100 EUR#!/bin/sh', 'UTF8')));

-- Any difference is a new version: of a text, a file, an executable bit, a file more or less. No pin moves.
SELECT version, added FROM skills.import_package(pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT # so far\n'), 'references/limits.md', 'Up to 100 EUR', 'scripts/pay.sh', '#!/bin/sh'));
SELECT version, added FROM skills.import_package(pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT # so far\n'), 'references/limits.md', 'Up to 200 EUR', 'scripts/pay.sh', '#!/bin/sh'));
SELECT version, added FROM skills.import_package(pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT # so far\n'), 'references/limits.md', 'Up to 200 EUR'));
SELECT version, added FROM skills.import_package(pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT # so far\n'), 'references/limits.md', 'Up to 200 EUR', 'b.md', ''));
SELECT version, added FROM skills.import_package(pg_temp.archive('refund', pg_temp.skill_md('refund', 'When money goes back', E'Pay it back.\n', E'license: MIT # so far\n'), 'references/limits.md', 'Up to 200 EUR', 'b.md', ''));
SELECT version, description, files FROM pg_temp.stored WHERE name = 'refund' ORDER BY version;
SELECT ai_version FROM skills.skill_subscription WHERE skill_id = :'imported_refund_id';
-- And so is the first one again.
SELECT version, added FROM skills.import_package(:'refund');

-- Another name. SKILL.md says the one that it came with, so that it is not kept; what it says is.
SELECT version, added FROM skills.import_package(:'refund', name => 'payback');
SELECT version, added FROM skills.import_package(:'refund', name => 'payback');
SELECT * FROM pg_temp.stored WHERE name = 'payback';
SELECT skills.export_skill_md(skill_id) FROM skills.skill WHERE name = 'payback';
SELECT version, added FROM skills.skill, skills.import_package(skills.export_package(skill_id)) WHERE name = 'payback';

-- Of two of one's own of one name, the private one.
SELECT accessibility FROM skills.create_skill('refund', 'Mine', 'Mine');
SELECT i.version, i.added, s.accessibility FROM skills.import_package(:'refund') AS i, skills.skill AS s WHERE s.skill_id = i.skill_id;
-- It cannot be shared: the name is taken.
SELECT skills.import_package(:'refund', 'org');
SELECT version, added FROM skills.import_package(:'refund');

-- What is not a skill's: names, accessibilities, tags.
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('zurück', 'd', '')));
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('a b', 'd', '')));
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('a b', 'd', '')), name => 'a c');
SELECT version, added FROM skills.import_package(pg_temp.archive('x', pg_temp.skill_md('zurück', 'd', '')), name => 'back');
SELECT version, added FROM skills.import_package(pg_temp.archive('x', pg_temp.skill_md('zurück', 'd', '')), name => 'back');
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('x', 'd', '')), 'public');
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('x', 'd', '')), tags => ARRAY[NULL]);
SELECT skills.import_package(pg_temp.archive('x', pg_temp.skill_md('x', '"A \x07"', '')));
SELECT count(*) AS nothing_is_left FROM skills.skill WHERE name IN ('x', 'a b', 'a c');

-- A description that is too long is cut; the whole of it stays.
SELECT pg_temp.skill_md('long', repeat('äöü ', 256) || 'end', '') AS long \gset
SELECT version, added FROM skills.import_skill_md(:'long');
SELECT version, added FROM skills.import_skill_md(:'long');
SELECT length(description), right(description, 5), length(frontmatter ->> 'description') AS whole FROM skills.skill_version WHERE description ~ '^äöü';
SELECT skills.export_skill_md(skill_id) = :'long' AS same FROM skills.skill WHERE name = 'long';
-- Also after an edit of the body, and an import of that.
SELECT v.revision FROM skills.skill AS s, skills.update_version(s.skill_id, 1, body => 'New') AS v WHERE s.name = 'long';
SELECT skills.export_skill_md(skill_id) = :'long' || 'New' AS same FROM skills.skill WHERE name = 'long';
SELECT i.version, i.added FROM skills.skill AS s, skills.import_skill_md(skills.export_skill_md(s.skill_id)) AS i WHERE s.name = 'long';
-- Into a skill that has no version yet.
BEGIN;
INSERT INTO skills.skill (name) VALUES ('bare');
SELECT version, added FROM skills.import_skill_md(E'---\nname: bare\ndescription: d\n---\nBody');
COMMIT;
SELECT version, body FROM skills.load_skill('bare');

-- SKILL.md alone, byte for byte whatever it looks like.
CREATE TEMP TABLE markdown (text text);
INSERT INTO markdown VALUES
	(E'\uFEFF---\r\n# BOM, CRLF, comments, any order\r\ndescription: >-\r\n  one\r\n  two\r\nname: "bom"\r\n---\r\n\r\nBody\r\n'),
	(E'--- \nname: no-end\ndescription: ''d'' # why\nunknown: {b: 2, a: 1}\n---'),
	(E'---\nname: no-body\ndescription: |+\n  d\n\n---\n');
CREATE TEMP TABLE imported AS SELECT m.text, i.* FROM markdown AS m, skills.import_skill_md(m.text) AS i;
SELECT s.name, i.text = skills.export_skill_md(i.skill_id) AS same, to_json(v.description) AS description, to_json(v.body) AS body
FROM imported AS i JOIN skills.skill AS s USING (skill_id) JOIN skills.skill_version AS v USING (skill_id) ORDER BY s.name;

-- Out: the same bytes each time, in every format, and what is in them is what is stored.
SELECT f AS format, skills.export_package(:'imported_refund_id', 1, f) = skills.export_package(:'imported_refund_id', 1, format => f) AS same,
	(SELECT string_agg(concat_ws(' ', p.folder, p.path, p.executable, p.content = s.content), ', ') FROM skills.read_package(skills.export_package(:'imported_refund_id', 1, f), 'raise') AS p
		JOIN skills.skill_file AS s ON (s.skill_id, s.version, s.path) = (:'imported_refund_id', 1, p.path)) AS files
FROM unnest('{zip,tar,tar.gz}'::text[]) AS f;
SELECT skills.export_package(:'imported_refund_id', 1) = :'refund' AS what_came_in;
SELECT pg_temp.refusal(format('SELECT skills.export_package(%L, 99)', :'imported_refund_id'));
SELECT skills.export_package(:'imported_refund_id', format => '7z');
SELECT skills.export_package(:'imported_refund_id', format => NULL);
SELECT skills.export_package(NULL);
SELECT skills.export_skill_md('sk_00000000000000000000000000');

-- Edited in place: SKILL.md is made anew, with all values of the front matter; the files stay.
SELECT version, added FROM skills.import_package(pg_temp.archive('edit', pg_temp.skill_md('edit', 'd', 'Body', E'# a comment\nmetadata: {version: 1.0, off: no}\nlist: [a, [b], {c: }]\n'), 'a.md', 'A'));
SELECT skill_id AS edit_id FROM skills.skill WHERE name = 'edit' \gset
SELECT revision FROM skills.update_version(:'edit_id', 1, description => 'It''s: new', body => E'New\r\nbody');
SELECT skills.export_skill_md(:'edit_id');
SELECT path, convert_from(content, 'UTF8') FROM skills.read_package(skills.export_package(:'edit_id'), 'raise');
-- What came out is what is there.
SELECT version, added FROM skills.import_package(skills.export_package(:'edit_id'));
SELECT s.name FROM skills.update_skill(:'edit_id', name => 'edited') AS s;
SELECT skills.export_skill_md(:'edit_id') ~ '^---\nname: edited\ndescription: "?''?It' AS renamed;
SELECT version, added FROM skills.import_package(skills.export_package(:'edit_id'));
-- A skill that was written in place comes out, and in again.
SELECT name FROM skills.create_skill('on', 'yes', E'Body\n');
SELECT skills.export_skill_md(skill_id) FROM skills.skill WHERE name = 'on';
SELECT i.version, i.added FROM skills.skill AS s, skills.import_package(skills.export_package(s.skill_id)) AS i WHERE s.name = 'on';

-- A SKILL.md that is stored says what its version says, whoever writes it.
SELECT skills.import_skill_md(pg_temp.skill_md('agree', 'd', 'Body')) IS NOT NULL AS imported;
SELECT skill_id AS agree_id FROM skills.skill WHERE name = 'agree' \gset
DELETE FROM skills.skill_file WHERE skill_id = :'agree_id';
CREATE FUNCTION pg_temp.put(text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT s.skill_id, 1, 'SKILL.md', convert_to($1, 'UTF8') FROM skills.skill AS s WHERE s.name = 'agree';
	DELETE FROM skills.skill_file AS f USING skills.skill AS s WHERE s.skill_id = f.skill_id AND s.name = 'agree';
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || regexp_replace(SQLERRM, 'sk_\w+', 'sk_…');
END
$$;
SELECT what, pg_temp.put(text) FROM (VALUES
	(1, 'the same', pg_temp.skill_md('agree', 'd', 'Body')),
	(2, 'the same values', E'---\ndescription: "d"\nname: ''agree''\n---\nBody'),
	(3, 'another name', pg_temp.skill_md('agreed', 'd', 'Body')),
	(4, 'another description', pg_temp.skill_md('agree', 'e', 'Body')),
	(5, 'another body', pg_temp.skill_md('agree', 'd', 'Body!')),
	(6, 'another key', pg_temp.skill_md('agree', 'd', 'Body', E'license: MIT\n')),
	(7, 'no YAML', E'---\nname: [\n---\n'),
	(8, 'no name', E'---\ndescription: d\n---\nBody'),
	(9, 'no SKILL.md', 'Body')
) AS put (place, what, text) ORDER BY place;

-- Somebody else's shared skills keep their names; what others keep private is not seen.
SELECT skills.create_skill('shared', 'd', 'b', 'org') IS NOT NULL, skills.create_skill('editable', 'd', 'b', 'org-editable') IS NOT NULL, skills.create_skill('hidden', 'd', 'b') IS NOT NULL;
SELECT skills.set_identity('bob', 'imports', false) \gset
SELECT pg_temp.refusal('SELECT skills.import_skill_md(pg_temp.skill_md(''shared'', ''d'', ''''))');
SELECT pg_temp.refusal('SELECT skills.import_skill_md(pg_temp.skill_md(''editable'', ''d'', ''''))');
SELECT version, added FROM skills.import_skill_md(pg_temp.skill_md('shared', 'd', ''), name => 'shared-too');
SELECT version, added FROM skills.import_skill_md(pg_temp.skill_md('hidden', 'd', ''));
-- Nor does one export what one does not see; what one sees, one does.
SELECT pg_temp.refusal(format('SELECT skills.export_package(%L)', :'edit_id'));
SELECT length(skills.export_package(:'imported_refund_id', 1)) > 100 AS seen;
SELECT skills.set_identity('ann', 'others', false) \gset
SELECT pg_temp.refusal(format('SELECT skills.export_skill_md(%L)', :'imported_refund_id'));
SELECT version, added FROM skills.import_package(:'refund');

-- An error in the middle leaves nothing.
RESET ROLE;
CREATE FUNCTION regress.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON skills.skill_file FOR EACH ROW WHEN (NEW.path = 'scripts/pay.sh') EXECUTE FUNCTION regress.refuse();
SET ROLE regress_skills_app;
SELECT skills.set_identity('ann', 'middle', false) \gset
SELECT skills.import_package(:'refund', tags => '{a}');
SELECT (SELECT count(*) FROM skills.skill) AS skills, (SELECT count(*) FROM skills.skill_version) AS versions, (SELECT count(*) FROM skills.skill_file) AS files, (SELECT count(*) FROM skills.skill_subscription) AS subscriptions;
RESET ROLE;
DROP TRIGGER refuse ON skills.skill_file;
DROP FUNCTION regress.refuse();
SET ROLE regress_skills_app;
-- Where SET CONSTRAINTS asks for the version at once; and where nothing may be written.
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT version, added FROM skills.import_package(:'refund');
ROLLBACK;
BEGIN READ ONLY;
SELECT count(*) AS problems FROM skills.validate_package(:'refund');
SELECT skills.import_package(:'refund');
ROLLBACK;
-- Who has no right to the tables imports nothing: the function runs as its caller.
RESET ROLE;
CREATE ROLE regress_skills_reader;
GRANT USAGE ON SCHEMA skills TO regress_skills_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA skills TO regress_skills_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA skills TO regress_skills_reader;
SET ROLE regress_skills_reader;
SELECT skills.import_skill_md(E'---\nname: a\ndescription: d\n---\n');
RESET ROLE;
DROP OWNED BY regress_skills_reader;
DROP ROLE regress_skills_reader;

SELECT * FROM regress.violation;
RESET skills.user_id;
RESET skills.org_id;
DELETE FROM skills.skill WHERE org_id IN ('imports', 'others', 'middle');
DROP TABLE regress.sample;
DROP FUNCTION regress.import;
