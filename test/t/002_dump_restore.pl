# pg_dump and restore give back every row byte for byte, with the triggers in place.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Population;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE origin');
populate($node, 'origin');

my $contents = contents($node, 'origin');
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
	ok(contents($node, $way) eq $contents, "$way: every row is the same");
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
ok(contents($node, 'data') eq $contents, 'data only: every row is the same');

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
