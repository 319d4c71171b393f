# pg_dump and restore give back every row byte for byte, with the triggers in place.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE origin');
$node->safe_psql('origin', q{
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

my @tables = qw(skill skill_version skill_file skill_subscription);

# Every row of every table as text, in the order of its key.
sub contents
{
	my ($database) = @_;
	return join "\n", map {
		$node->safe_psql($database, "SELECT t::text FROM skills.$_ AS t ORDER BY t::text COLLATE \"C\"")
	} @tables;
}

my $contents = contents('origin');
is((() = $contents =~ /^\(/mg), 10 + 19 + 612 + 18, 'the rows that there should be');

# Each way that a DBA may dump and restore.
my $dir = $node->basedir;
my %ways = (
	plain => [ [ 'pg_dump', '-f', "$dir/plain", 'origin' ], [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain", 'plain' ] ],
	custom => [ [ 'pg_dump', '-Fc', '-f', "$dir/custom", 'origin' ], [ 'pg_restore', '-e', '-d', 'custom', "$dir/custom" ] ],
	# pg_restore -j forgets which table of an extension refers to which, so the
	# foreign keys must not be asked.
	jobs => [ [ 'pg_dump', '-Fd', '-j2', '-f', "$dir/jobs", 'origin' ],
		[ 'env', 'PGOPTIONS=-c session_replication_role=replica', 'pg_restore', '-e', '-j2', '-d', 'jobs', "$dir/jobs" ] ],
	inserts => [ [ 'pg_dump', '--column-inserts', '-f', "$dir/inserts", 'origin' ],
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/inserts", 'inserts' ] ],
	single => [ [ 'pg_dump', '-Fc', '-f', "$dir/single", 'origin' ], [ 'pg_restore', '-e', '-1', '-d', 'single', "$dir/single" ] ],
);
for my $way (sort keys %ways)
{
	$node->safe_psql('postgres', "CREATE DATABASE $way");
	$node->command_ok($ways{$way}[0], "$way: dumped");
	$node->command_ok($ways{$way}[1], "$way: restored");
	ok(contents($way) eq $contents, "$way: every row is the same");
	is($node->safe_psql($way, q{SELECT string_agg(tgname || ' ' || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger
		WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'skills.%'}),
		$node->safe_psql('origin', q{SELECT string_agg(tgname || ' ' || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger
		WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'skills.%'}), "$way: the triggers are in place");
}

# Data alone, into a database that has the extension.
$node->safe_psql('postgres', 'CREATE DATABASE data');
$node->safe_psql('data', 'CREATE EXTENSION skills');
$node->command_ok([ 'pg_dump', '-Fc', '--data-only', '-f', "$dir/data", 'origin' ], 'data only: dumped');
$node->command_ok([ 'pg_restore', '-e', '-d', 'data', "$dir/data" ], 'data only: restored');
ok(contents('data') eq $contents, 'data only: every row is the same');

# The rights are restored, and the rules hold again.
is($node->safe_psql('plain', q{
	SET ROLE app;
	BEGIN;
	SELECT skills.set_identity('bob', 'acme');
	SELECT string_agg(name, ' ' ORDER BY name) FROM skills.skill;
	SELECT version FROM skills.create_version((skills.get_skill_by_name('two')).skill_id, 'When', 'What');
	SELECT digest = (SELECT digest FROM skills.load_skill_tool()) FROM skills.load_skill_tool();
	COMMIT;
}), "bob\n1st Beta Zulu _under alpha one two zulu\n3\nt", 'the restored database works');
my $digest = 'SELECT digest FROM skills.load_skill_tool(user_id => \'bob\', org_id => \'acme\')';
is($node->safe_psql('custom', $digest), $node->safe_psql('origin', $digest), 'the tool has the same bytes');

# Nor does the locale of the database change a byte.
$node->safe_psql('postgres', q{CREATE DATABASE swedish TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'sv'});
$node->command_ok([ 'pg_restore', '-e', '-d', 'swedish', "$dir/custom" ], 'another locale: restored');
is($node->safe_psql('swedish', $digest), $node->safe_psql('origin', $digest), 'another locale: the tool has the same bytes');
is($node->safe_psql('swedish', q{SELECT string_agg(name, ' ') FROM skills.ai_registry('bob', 'acme')}),
	'1st Beta Zulu _under alpha one two zulu', 'another locale: names are in byte order');

# What the DBA forgets shows as an error, not as a half-restored row.
my ($status, $out, $err) = $node->psql('plain', q{SET ROLE app; COPY skills.skill FROM stdin;});
like($err, qr/COPY FROM not supported with row-level security/, 'an app cannot restore');

# DROP EXTENSION leaves nothing; a schema that somebody prepared is refused.
$node->safe_psql('data', 'DROP EXTENSION skills');
is($node->safe_psql('data', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'skills'}), '0', 'DROP EXTENSION leaves no schema');
$node->safe_psql('data', 'CREATE SCHEMA skills');
($status, $out, $err) = $node->psql('data', 'CREATE EXTENSION skills');
like($err, qr/schema "skills" already exists/, 'a prepared schema is refused');
$node->safe_psql('postgres', q{CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
($status, $out, $err) = $node->psql('latin', 'CREATE EXTENSION skills');
like($err, qr/needs a UTF8 database, not LATIN1/, 'another encoding is refused');

$node->stop;
done_testing();
