--
-- SKILL.md: what its front matter says, where it is refused, and the rules of
-- the format; then one that is written, and read again.
--
\pset format unaligned
\pset fieldsep ' | '
\pset null -
CREATE FUNCTION regress.read(markdown text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said record;
	state text;
	message text;
BEGIN
	SELECT * INTO said FROM skills.read_skill_md(convert_to(markdown, 'UTF8'), 'raise');
	RETURN format('%s, body %s', said.frontmatter, to_json(said.body));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
	RETURN state || ': ' || message;
END
$$;

-- Taken, whatever it looks like. Every scalar is a text, as it is written.
SELECT what, regress.read(markdown) FROM (VALUES
	(1, 'plain', E'---\nname: a\ndescription: b\n---\nBody\n'),
	(2, 'CRLF', E'---\r\nname: a\r\ndescription: b\r\n---\r\nBody\r\n'),
	(3, 'BOM', E'\uFEFF---\nname: a\ndescription: b\n---\nBody'),
	(4, 'no newline at the end', E'---\nname: a\ndescription: b\n---'),
	(5, 'no body', E'---\nname: a\ndescription: b\n---\n'),
	(6, 'white space behind the dashes', E'--- \t\nname: a\ndescription: b\n---  \nBody'),
	(7, 'dashes in the body', E'---\nname: a\ndescription: b\n---\n\n---\nBody\n---\n'),
	(8, 'comments', E'---\n# one\nname: a # two\ndescription: b#c\n---\n'),
	(9, 'folded', E'---\nname: a\ndescription: >-\n  one\n  two\n\n  three\n---\n'),
	(10, 'literal', E'---\nname: a\ndescription: |\n  one\n   two\n---\n'),
	(11, 'plain over lines', E'---\nname: a\ndescription: one\n  two\n---\n'),
	(12, 'quoted', E'---\nname: ''a''\ndescription: "it''s \\"b\\" \\u00e9 \\n c"\n---\n'),
	(13, 'scalars', E'---\nname: 007\ndescription: 2025-01-01\na: 1.50\nb: off\nc: 0x1F\nd: 1e3\ne: ~\nf:\ng: ""\n---\n'),
	(14, 'nested', E'---\nname: a\ndescription: b\nmetadata: {x: [1, {y: z}], "k k": []}\nlist:\n- p\n- - q\n---\n'),
	(15, 'unknown keys, any order', E'---\nzeta: 1\ndescription: b\nargument-hint: "[x]"\nname: a\n---\n'),
	(16, 'white space around the name', E'---\nname: " a "\ndescription: " b "\n---\n'),
	(17, 'a null in quotes', E'---\nname: "null"\ndescription: ''~''\n---\n'),
	(18, 'an end marker', E'---\nname: a\ndescription: b\n...\n---\n'),
	(19, 'tabs and controls in quotes', E'---\nname: a\ndescription: b\nx: "\\t\\x01\\e"\n---\n'),
	(20, 'sixteen levels', E'---\nname: a\ndescription: b\nx: ' || repeat('[', 15) || repeat(']', 15) || E'\n---\n'),
	-- Found by test/fuzz.
	(21, 'an empty key', E'---\nname: a\ndescription: b\nx:\n  ?\n  : c\n---\n'),
	(22, 'an empty mapping first', E'---\nx: {}\nname: a\ndescription: b\n---\n')
) AS taken (place, what, markdown) ORDER BY place;

-- Refused, with line and column.
SELECT what, regress.read(markdown) FROM (VALUES
	(1, 'nothing', ''),
	(2, 'no front matter', E'# Title\n'),
	(3, 'not on the first line', E'\n---\nname: a\n---\n'),
	(4, 'more on the line', E'--- name: a\n---\n'),
	(5, 'no closing line', E'---\nname: a\ndescription: b\n'),
	(6, 'four dashes', E'---\nname: a\ndescription: b\n----\n'),
	(7, 'a mapping that is none', E'---\nname: [a\ndescription: b\n---\n'),
	(8, 'a colon', E'---\nname: a\ndescription: b: c\n---\n'),
	(9, 'a tab', E'---\nname: a\n\tdescription: b\n---\n'),
	(10, 'a quote', E'---\nname: a\ndescription: "b\n---\n'),
	(11, 'alias', E'---\nname: &n a\ndescription: *n\n---\n'),
	(12, 'alias of nothing', E'---\nname: a\ndescription: *n\n---\n'),
	(13, 'anchor of a mapping', E'---\nname: a\ndescription: b\nx: &m {y: z}\n---\n'),
	(14, 'tag', E'---\nname: !!str a\ndescription: b\n---\n'),
	(15, 'tag of a list', E'---\nname: a\ndescription: b\nx: !list [c]\n---\n'),
	(16, 'duplicate key', E'---\nname: a\ndescription: b\nx: 1\n"x": 2\n---\n'),
	(17, 'duplicate key below', E'---\nname: a\ndescription: b\nx:\n  - {é: 1, y: 2, é: 3}\n---\n'),
	(18, 'key that is a list', E'---\nname: a\ndescription: b\n[c]: d\n---\n'),
	(19, 'key that is a mapping', E'---\nname: a\ndescription: b\n? {c: d}\n: e\n---\n'),
	(20, 'seventeen levels', E'---\nname: a\ndescription: b\nx: ' || repeat('[', 16) || repeat(']', 16) || E'\n---\n'),
	(21, 'a list', E'---\n- name\n- a\n---\n'),
	(22, 'a text', E'---\nname\n---\n'),
	(23, 'nothing in it', E'---\n---\n'),
	(24, 'only a comment', E'---\n# name: a\n---\n'),
	(25, 'two documents', E'---\nname: a\n--- b\n---\n'),
	(26, 'two documents, ended', E'---\nname: a\n...\ndescription: b\n---\n'),
	(27, 'a directive', E'---\n%YAML 1.1\nname: a\n---\n'),
	(28, 'NUL', E'---\nname: a\ndescription: "b\\0c"\n---\n'),
	(29, 'a control character', E'---\nname: a\ndescription: b\x01c\n---\n'),
	(30, 'half of a pair', E'---\nname: a\ndescription: "\\ud800"\n---\n'),
	(31, 'no name', E'---\ndescription: b\n---\n'),
	(32, 'an empty name', E'---\nname: \ndescription: b\n---\n'),
	(33, 'a name of null', E'---\nname: ~\ndescription: b\n---\n'),
	(34, 'a blank name', E'---\nname: "  "\ndescription: b\n---\n'),
	(35, 'a name that is a list', E'---\nname: [a]\ndescription: b\n---\n'),
	(36, 'no description', E'---\nname: a\n---\n'),
	(37, 'a description of null', E'---\nname: a\ndescription: Null\n---\n'),
	(38, 'a blank description', E'---\nname: a\ndescription: " "\n---\n'),
	(39, 'a description that is a mapping', E'---\nname: a\ndescription: {b: c}\n---\n'),
	(40, 'too large', E'---\nname: a\ndescription: b\nx: ' || repeat('c', 65510) || E'\n---\n'),
	-- Found by test/fuzz.
	(41, 'an empty key alone', E'---\n?\n: b\n---\n'),
	(42, 'an empty mapping', E'---\n{}\nname: a\n---\n'),
	(43, 'nothing but an empty mapping', E'---\n{}\n---\n')
) AS refused (place, what, markdown) ORDER BY place;
-- What is no text at all.
SELECT * FROM skills.read_skill_md('\x2d2d2d0a6e616d653a2061ff0a2d2d2d0a', 'raise');
SELECT * FROM skills.read_skill_md('\x2d2d2d0a6e616d653a20610a2d2d2d0a620a6300', 'raise');
SELECT line, message FROM skills.read_skill_md('\x2d2d2d0a6e616d653a20c3a9c3', 'list');
-- The limit is exact, and the DBA's.
SELECT regress.read(E'---\nname: a\ndescription: b\nx: ' || repeat('c', 65509) || E'\n---\n') ~ 'body ""$' AS taken;
SET skills.max_frontmatter_size = 24;
SELECT regress.read(E'---\nname: a\ndescription: bb\n---\n');
SELECT regress.read(E'---\nname: a\ndescription: bbb\n---\n');
RESET skills.max_frontmatter_size;

-- The rules of the format: each case that its own reference validator knows, and those that it does not.
CREATE FUNCTION regress.validate(folder text, markdown text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(concat_ws(' ', severity, 'in line ' || line) || ': ' || message, E'\n  ' ORDER BY severity, line, message), 'good')
	FROM skills.validate_package(skills.write_archive(folder, 'tar', ARRAY[octet_length(markdown) || ' f SKILL.md'], convert_to(markdown, 'UTF8')))
$$;
SELECT what, regress.validate(folder, E'---\nname: ' || name || E'\ndescription: ' || description || coalesce(E'\n' || more, '') || E'\n---\nBody\n') AS found
FROM (VALUES
	(1, 'valid', 'my-skill', 'my-skill', 'A test skill', NULL),
	(2, 'upper case', 'MySkill', 'MySkill', 'A test skill', NULL),
	(3, '64 characters', repeat('a', 64), repeat('a', 64), 'A test skill', NULL),
	(4, '65 characters', repeat('a', 65), repeat('a', 65), 'A test skill', NULL),
	(5, '121 characters', repeat('a', 121), repeat('a', 121), 'A test skill', NULL),
	(6, 'a hyphen first', '-my-skill', '-my-skill', 'A test skill', NULL),
	(7, 'a hyphen last', 'my-skill-', 'my-skill-', 'A test skill', NULL),
	(8, 'two hyphens', 'my--skill', 'my--skill', 'A test skill', NULL),
	(9, 'an underscore', 'my_skill', 'my_skill', 'A test skill', NULL),
	(10, 'a space', 'my skill', 'my skill', 'A test skill', NULL),
	(11, 'an id', 'sk_00000000000000000000000000', 'sk_00000000000000000000000000', 'A test skill', NULL),
	(12, 'another folder', 'wrong-name', 'correct-name', 'A test skill', NULL),
	(13, 'Chinese', '技能', '技能', 'A test skill', NULL),
	(14, 'Russian', 'мой-навык', 'мой-навык', 'A test skill', NULL),
	(15, 'Russian, upper case', 'НАВЫК', 'НАВЫК', 'A test skill', NULL),
	(16, 'another normal form', 'café', E'cafe\u0301', 'A test skill', NULL),
	(17, 'no name', 'a', '', 'A test skill', NULL),
	(18, 'no description', 'a', 'a', '', NULL),
	(19, '1024 characters', 'a', 'a', repeat('x', 1024), NULL),
	(20, '1025 characters', 'a', 'a', repeat('x', 1025), NULL),
	(21, 'unknown keys', 'a', 'a', 'A test skill', E'unknown_field: no\nargument-hint: "[x]"'),
	(22, 'all keys', 'a', 'a', 'A test skill', E'license: MIT\ncompatibility: Any\nallowed-tools: Bash(jq:*) Bash(git:*)\nmetadata:\n  author: Test\n  version: 1.0'),
	(23, 'a list of tools', 'a', 'a', 'A test skill', 'allowed-tools: [Read, Write]'),
	(24, 'a block of tools', 'a', 'a', 'A test skill', E'allowed-tools:\n  - Read\n  - 123'),
	(25, 'a number of tools', 'a', 'a', 'A test skill', 'allowed-tools: 123'),
	(26, 'compatibility, 500', 'a', 'a', 'A test skill', 'compatibility: ' || repeat('x', 500)),
	(27, 'compatibility, 501', 'a', 'a', 'A test skill', 'compatibility: ' || repeat('x', 501)),
	(28, 'compatibility, a list', 'a', 'a', 'A test skill', 'compatibility: [x]'),
	(29, 'license, a mapping', 'a', 'a', 'A test skill', 'license: {MIT: yes}'),
	(30, 'metadata, nested', 'a', 'a', 'A test skill', E'metadata:\n  a: b\n  c: {d: e}'),
	(31, 'metadata, a list', 'a', 'a', 'A test skill', 'metadata: [a]'),
	(32, 'a control character', 'a', 'a', '"A \x07 skill"', NULL),
	(33, 'an invisible one', 'a', 'a', E'A \u200b skill', NULL),
	(34, 'all at once', 'b', 'A--B_', repeat('x', 1025), E'license: []\nx: y'),
	(35, 'a terminal''s command for a name', 'a', '"\e]0;x\a"', 'A test skill', NULL),
	(36, 'the same for a key, and others', 'a', 'a', 'A test skill', E'"\\e[2Jk": x\n"a\\u009bb\\u202ec\\x7f": x')
) AS rule (place, what, folder, name, description, more) ORDER BY place;
SELECT what, regress.validate('a', markdown) AS found FROM (VALUES
	(1, 'no front matter', '# No front matter here'),
	(2, 'not closed', E'---\nname: a\ndescription: A test skill\n'),
	(3, 'not YAML', E'---\nname: [invalid\ndescription: broken\n---\nBody here\n'),
	(4, 'no mapping', E'---\n- just\n- a\n- list\n---\nBody\n'),
	(5, 'neither', E'---\nlicense: MIT\n---\n'),
	(6, '500 lines', E'---\nname: a\ndescription: b\n---\n' || repeat(E'line\n', 500)),
	(7, '501 lines', E'---\nname: a\ndescription: b\n---\n' || repeat(E'line\n', 500) || 'line')
) AS text (place, what, markdown) ORDER BY place;

-- Written and read again: the same values. What another reader would take for something else is in quotes.
SELECT skills.write_skill_md('a', 'b', '{"name": "x", "description": "y", "license": "MIT", "metadata": {"version": "1.0", "list": ["a", ["b", {"c": []}], {}]}}', E'Body\n');
SELECT skills.write_skill_md('null', E'It''s: "b"\n  # and more\n', NULL, 'Body');
SELECT skills.write_skill_md('a', 'b', '{"n": 1.50, "t": true, "z": null, "d": "2025-01-01", "o": "off", "x": "0x1F", "e": "", "s": " a", "h": "#", "u": "é\u0085\u2028", "r": "a\rb", "t b": "\t", "bom": "\ufeff"}', '');
-- A description that was cut comes back whole; one that was edited does not.
SELECT skills.write_skill_md('a', left(whole, 1023) || '…', jsonb_build_object('description', whole), '') = format(E'---\nname: a\ndescription: %s\n---\n', whole) AS whole,
	skills.write_skill_md('a', left(whole, 1022) || '…', jsonb_build_object('description', whole), '') = format(E'---\nname: a\ndescription: %s…\n---\n', left(whole, 1022)) AS edited
FROM (SELECT repeat('long ', 300) || 'end' AS whole) AS description;
SELECT skills.write_skill_md('a', 'b', '[1]', ''), skills.write_skill_md('a', NULL, '{}', '');
SELECT count(*), count(*) FILTER (WHERE said.name = 'n' AND said.description = value AND said.body = value
	AND said.frontmatter -> 'key' = v.frontmatter -> 'key' AND said.frontmatter -> value = to_jsonb(value)) AS same
FROM (
	SELECT value, jsonb_build_object('key', jsonb_build_array(value, jsonb_build_object(value, value)), value, value) AS frontmatter
	FROM (SELECT a || b || c AS value FROM
		unnest(ARRAY['', ' ', E'\n', 'a', 'yes', '1', '- ', '? ', ': ', '#', '''', '"', '%', '@', '&a', '*a', '!a', '|', '>', '{', '[', '---', '...', E'\t', E'\r', E'\u0085', E'\uFEFF', '😀']) AS a,
		unnest(ARRAY['', ' ', E'\n', 'b', ': ', ' #', '''', '"', E'\n\n', E'\n ']) AS b,
		unnest(ARRAY['c', ' c', E'\n', '~c', ',', ']']) AS c) AS t
	WHERE value !~ '^\s*$'
) AS v, skills.write_skill_md('n', v.value, v.frontmatter, v.value) AS written,
	skills.read_skill_md(convert_to(written, 'UTF8'), 'raise') AS said;
DROP FUNCTION regress.read, regress.validate;
