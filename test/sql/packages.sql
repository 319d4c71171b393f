--
-- Archives: what is read of each of the samples in test/packages, which
-- test/packages/make.py makes, and how each of the others is refused.
--
\set SHOW_CONTEXT never
\pset format unaligned
\pset fieldsep ' | '
CREATE TABLE regress.sample (name text COLLATE "C" PRIMARY KEY, content bytea);
\copy regress.sample FROM PROGRAM 'cd "$PG_ABS_SRCDIR/packages" && for f in *; do case $f in *.py) ;; *) printf "%s\t\\\\\\\\x%s\n" "$f" "$(od -An -v -tx1 "$f" | tr -d " \n")" ;; esac; done'
GRANT SELECT ON regress.sample TO regress_skills_app;

-- What comes of an import, which is undone: the files, or the error.
CREATE FUNCTION regress.import(archive bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
	outcome text;
BEGIN
	BEGIN
		PERFORM skills.import_package(archive);
		SELECT string_agg(format('%s%s (%s)', path, CASE WHEN executable THEN '*' END, size), ', ' ORDER BY path)
		INTO outcome FROM skills.skill_file WHERE org_id = 'packages';
		RAISE EXCEPTION USING ERRCODE = 'UNDO0';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
		IF state <> 'UNDO0' THEN
			outcome := concat_ws(' / ', state || ': ' || message, nullif(detail, ''));
		END IF;
		-- Each release of libarchive has words of its own.
		outcome := regexp_replace(outcome, '(the archive is damaged: )([A-Z]|truncated).*', '\1(says libarchive)');
		RETURN regexp_replace(outcome, '([nmx])\1{20,}', '\1\1...', 'g');
	END;
END
$$;

SET ROLE regress_skills_app;
SELECT skills.set_identity('ann', 'packages', false) \gset
SET client_min_messages = error;
SELECT name, regress.import(content) AS taken FROM regress.sample WHERE name !~ '^(refused|either)' ORDER BY name;
SELECT name, regress.import(content) AS refused FROM regress.sample WHERE name ~ '^refused' ORDER BY name;
-- What releases of libarchive refuse or take, without harm.
SELECT name, regress.import(content) ~ '^(22023: |54000: |SKILL.md \(58\)$)' AS refused_or_taken FROM regress.sample WHERE name ~ '^either' ORDER BY name;
RESET client_min_messages;

-- Warnings, and what is refused, all of it: a row each, and never an error.
SELECT s.name, regexp_replace(v.path, '([nmx])\1{20,}', '\1\1...', 'g') AS path, v.line, v.severity, regexp_replace(v.message, '([nmx])\1{20,}', '\1\1...', 'g') AS message
FROM regress.sample AS s, skills.validate_package(s.content) AS v
WHERE v.severity = 'warning' OR s.name IN ('refused_beside_dot_dot.zip', 'refused_beside_absolute_folder.tar', 'refused_mode_of_folder.zip', 'refused_skill_md_twice.tar', 'refused_too_long.zip', 'refused_latin1.zip', 'refused_nul.zip')
ORDER BY s.name, v.path, v.message;
-- What import refuses, and nothing else, has an error.
SELECT s.name FROM regress.sample AS s
WHERE s.name !~ '^either' AND (s.name ~ '^refused') <> EXISTS (SELECT FROM skills.validate_package(s.content) AS v WHERE v.severity = 'error');
-- Also of any bytes.
SELECT n, (SELECT string_agg(v.message, '; ') FROM skills.validate_package(decode(repeat('504b0304', n), 'hex')) AS v) AS messages
FROM generate_series(0, 4) AS n;
SELECT count(*) AS cut_short, count(*) FILTER (WHERE NOT EXISTS (
	SELECT FROM skills.validate_package(substr(s.content, 1, n * length(s.content) / 201)) AS v WHERE v.severity = 'error')) AS faultless
FROM regress.sample AS s CROSS JOIN generate_series(1, 200) AS n
WHERE s.name IN ('folder.zip', 'folder.tar.gz');
-- A bit that is wrong, anywhere: an error, or the same content.
SELECT s.name, count(*) FILTER (WHERE p.digest <> o.digest) AS undetected
FROM regress.sample AS s
CROSS JOIN LATERAL (SELECT string_agg(encode(sha256(content), 'hex'), ' ' ORDER BY encode(sha256(content), 'hex')) AS digest FROM skills.read_package(s.content, 'ignore')) AS o
CROSS JOIN generate_series(0, length(s.content) - 1) AS n
CROSS JOIN LATERAL (SELECT string_agg(encode(sha256(content), 'hex'), ' ' ORDER BY encode(sha256(content), 'hex')) AS digest, bool_or(severity = 'error') AS is_refused
	FROM skills.read_package(set_byte(s.content, n, get_byte(s.content, n) # 4), 'list')) AS p
WHERE s.name IN ('folder.tar.gz', 'data_descriptor.zip') AND NOT coalesce(p.is_refused, false)
GROUP BY s.name;

-- Null and unknown arguments.
SELECT skills.import_package(NULL);
SELECT skills.import_package('', tags => NULL);
SELECT count(*) FROM skills.validate_package(NULL);
SELECT * FROM skills.read_package('', 'whatever');
RESET skills.user_id;
SELECT skills.import_package('');
-- Nobody needs an identity to validate.
SELECT message FROM skills.validate_package('');
SELECT skills.set_identity('ann', 'packages', false) \gset

-- The limits are the DBA's to set.
SET skills.max_package_ratio = 10000;
RESET ROLE;
SET skills.max_package_ratio = 10000;
SELECT name, (SELECT count(*) FROM skills.read_package(content, 'raise')) AS files FROM regress.sample WHERE name ~ '^refused_bomb' ORDER BY name;
SET skills.max_package_size = '1MB';
SELECT name, regress.import(content) FROM regress.sample WHERE name ~ '^refused_bomb' ORDER BY name;
SET skills.max_package_size = 71;
SET skills.max_package_files = 3;
SELECT name, regress.import(content) FROM regress.sample WHERE name ~ '^folder' ORDER BY name;
SET skills.max_package_size = 70;
SELECT name, regress.import(content) FROM regress.sample WHERE name ~ '^folder' ORDER BY name;
RESET skills.max_package_size;
SET skills.max_package_files = 2;
SELECT name, regress.import(content) FROM regress.sample WHERE name ~ '^folder' ORDER BY name;
-- Folders and what is left out are entries, of which there may be eight times as many.
SET skills.max_package_files = 1;
SELECT name, (SELECT count(*) FROM skills.read_package(content, 'list') WHERE severity = 'error') FROM regress.sample WHERE name = 'mac.zip';
SELECT message FROM regress.sample, skills.validate_package(content) WHERE name = 'refused_many_files.tar.gz';
RESET skills.max_package_files;
RESET skills.max_package_ratio;

-- The writer: the same bytes each time, whatever the time zone; every format can be read again.
SET ROLE regress_skills_app;
CREATE FUNCTION pg_temp.write(format text) RETURNS bytea LANGUAGE sql AS $$
	SELECT skills.write_archive('folder', format, ARRAY['58 f SKILL.md', '2 f café/réº.md', '0 f ' || repeat('n', 255) || '/' || repeat('m', 255), '150000 t run'],
		(SELECT content FROM regress.sample WHERE name = 'refused_text.bin') || '\x00ff' || convert_to(repeat('abc', 50000), 'UTF8'))
$$;
SELECT f AS format, sha256(pg_temp.write(f)) = sha256(zone.archive) AS same, length(zone.archive) < 8000 AS compressed, p.files
FROM unnest('{zip,tar,tar.gz}'::text[]) AS f,
	LATERAL (SELECT set_config('timezone', 'Asia/Tokyo', true), pg_temp.write(f) AS archive) AS zone,
	LATERAL (SELECT string_agg(concat_ws(' ', left(path, 12), length(content), executable, folder), ', ') AS files FROM skills.read_package(zone.archive, 'raise')) AS p;
-- What compresses too well to be read again is not compressed, from the first byte over 1 MiB on.
CREATE FUNCTION pg_temp.pack(format text, size integer) RETURNS bytea LANGUAGE sql AS $$
	SELECT skills.write_archive('folder', format, ARRAY['58 f SKILL.md', size || ' f zeros'],
		(SELECT content FROM regress.sample WHERE name = 'refused_text.bin') || convert_to(repeat('0', size), 'UTF8'))
$$;
SELECT f AS format, size, length(archive) > size AS stored, archive = pg_temp.pack(f, size) AS same,
	(SELECT string_agg(length(p.content)::text, ', ') FROM skills.read_package(archive, 'raise') AS p) AS files
FROM unnest('{zip,tar,tar.gz}'::text[]) AS f, unnest('{1000000,1048518,1048519,4000000}'::integer[]) AS size, pg_temp.pack(f, size) AS archive
WHERE f <> 'tar';
RESET ROLE;
SET skills.max_package_ratio = 2;
SELECT f AS format, length(archive) > 1100000 AS stored, (SELECT count(*) FROM skills.read_package(archive, 'raise')) AS files
FROM unnest('{zip,tar.gz}'::text[]) AS f, LATERAL (SELECT skills.write_archive('a', f, '{1 f SKILL.md,1200000 f random}',
	'a' || (SELECT string_agg(convert_to(repeat(encode(sha256(i::text::bytea), 'hex'), 3), 'UTF8'), '' ORDER BY i) FROM generate_series(1, 6250) AS i)) AS archive) AS a;
RESET skills.max_package_ratio;
SET ROLE regress_skills_app;
SELECT skills.write_archive('a', 'tar.xz', '{}', '');
SELECT skills.write_archive('../a', 'tar', '{}', '');
SELECT skills.write_archive('a', 'tar', '{1 f ../b}', 'a');
SELECT skills.write_archive('a', 'tar', '{1 f b}', '');
SELECT skills.write_archive('a', 'tar', '{1 f b}', 'ab');
DO $$
DECLARE
	file text;
BEGIN
	FOREACH file IN ARRAY ARRAY[NULL, '', 'b', '1 f', '1 x b', '-1 f b', ' 1 f b', '18446744073709551617 f b', '1 f '] LOOP
		BEGIN
			PERFORM skills.write_archive('a', 'tar', ARRAY[file], 'a');
			RAISE INFO 'taken: %', file;
		EXCEPTION WHEN invalid_parameter_value THEN
			RAISE INFO '%', SQLERRM;
		END;
	END LOOP;
END
$$;
RESET ROLE;
-- The next test imports the samples, too.
REVOKE SELECT ON regress.sample FROM regress_skills_app;
