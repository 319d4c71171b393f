# Rows of every kind, for the tests that carry a database elsewhere.
package Population;
use strict;
use warnings;

use Exporter 'import';
our @EXPORT = qw(populate contents);

my @tables = qw(skill skill_version skill_file skill_subscription);

# The extension and its rows, in a database that is there.
sub populate
{
	my ($node, $database) = @_;
	$node->safe_psql($database, q{
		CREATE EXTENSION skills;
		CREATE ROLE app;
		SELECT skills.grant_usage('app', true);
		-- Rows of many kinds: edited, unpinned, shared, of long bodies, of other orgs, written by a DBA.
		SELECT skills.set_identity('ann', 'acme', false);
		SELECT skills.create_skill('one', E'When\n\ttabs "quotes" \\ and ünïcode', repeat('body ', 100000), 'org', '{b,a}', '{t,"u v"}');
		SELECT skills.create_skill('two', 'When', 'What', 'org-editable');
		SELECT skills.create_skill('three', 'When', '', 'private');
		SELECT skills.create_skill(name, 'Use ' || name, 'What', 'org') FROM unnest('{Zulu,alpha,Beta,_under,1st,zulu}'::text[]) AS name;
		SELECT skills.create_version(skill_id, 'When 2', E'\x01\r\nWhat 2') FROM skills.skill;
		SELECT skills.set_identity('bob', 'acme', false);
		SELECT skills.set_ai_version(skill_id, 2) FROM skills.skill WHERE accessibility <> 'private';
		SELECT skills.update_version(skill_id, 1, body => 'Edited') FROM skills.skill WHERE name = 'two';
		-- Files: of text, of bytes, empty, executable, moved out of line, a SKILL.md; of an author's and a member's hand.
		SELECT skills.set_identity('ann', 'acme', false);
		INSERT INTO skills.skill_file (skill_id, version, path, content, executable)
		SELECT skill_id, 2, f.* FROM skills.skill, (VALUES ('references/Größe 1.md', convert_to(repeat('Text ', 50000), 'UTF8'), false),
			('scripts/run.sh', '#!/bin/sh', true), ('assets/empty', '', false), ('assets/bytes', decode('00ff0a0d5c', 'hex'), false),
			('assets/large', (SELECT string_agg(sha256(i::text::bytea), '') FROM generate_series(1, 2000) AS i), false)) AS f
		WHERE name IN ('one', 'three');
		INSERT INTO skills.skill_version (skill_id, description, body, frontmatter)
		SELECT skill_id, 'When', E'What\r\n', '{"name": "three", "description": "When"}' FROM skills.skill WHERE name = 'three';
		INSERT INTO skills.skill_file (skill_id, version, path, content)
		SELECT skill_id, 3, 'SKILL.md', convert_to(E'\uFEFF---\r\ndescription: When\r\nname: three # BOM, CRLF\r\n---\r\nWhat\r\n', 'UTF8') FROM skills.skill WHERE name = 'three';
		SELECT skills.set_identity('bob', 'acme', false);
		INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT skill_id, 2, 'bob.md', 'Of bob' FROM skills.skill WHERE name = 'two';
		SELECT skills.set_identity('zoe', 'other', false);
		SELECT skills.create_skill('one', 'When', 'What', 'org');
		RESET skills.user_id;
		UPDATE skills.skill SET tags = '{dba}' WHERE name = 'three';
		-- More than an app may write.
		INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, sha256, author, accessibility, created_by)
		SELECT org_id, skill_id, 1, 'f/' || i, '', encode(sha256(''), 'hex'), 'zoe', 'org', 'zoe'
		FROM skills.skill, generate_series(1, 600) AS i WHERE org_id = 'other';
		UPDATE skills.skill_version SET frontmatter = '{"license": "MIT", "n": ["1.50"]}' WHERE version = 2;
		DELETE FROM skills.skill_version AS v USING skills.skill AS s
		WHERE s.skill_id = v.skill_id AND s.name = 'two' AND v.version = 1;
	});
	return;
}

# Every row of every table as text, in an order of its own.
sub contents
{
	my ($node, $database) = @_;
	return join "\n", map {
		$node->safe_psql($database, "SELECT t::text FROM skills.$_ AS t ORDER BY t::text COLLATE \"C\"")
	} @tables;
}

1;
