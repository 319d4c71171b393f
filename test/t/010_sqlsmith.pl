# Random statements of an app's role: whatever they are, they give out no word of a row that their caller may not see,
# no internal error, and the server stands. LONG=1 runs 50,000, else a few hundred.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $SEED = $ENV{SEED} // 7;
my $STATEMENTS = $ENV{STATEMENTS} // ($ENV{LONG} ? 50_000 : 300);
my $BATCH = 250;
# No word has these letters. They stand in every column of what the reader may not see, where a text may stand.
my $MARK = 'zqxjk';

plan skip_all => 'sqlsmith is not installed' if !$ENV{LONG} && system('command -v sqlsmith >/dev/null') != 0;

my $node = PostgreSQL::Test::Cluster->new('sqlsmith');
$node->init;
$node->append_conf('postgresql.conf', "max_parallel_workers = 0\nlog_min_error_statement = panic\nlog_statement = none");
$node->start;

sub id { return 'sk_' . '0' x 25 . shift }

# A skill of three versions with two files each; what is marked is not for bob of acme.
sub make_skill
{
	my ($user, $org, $letter, $name, $accessibility, $text) = @_;
	my $id = id($letter);
	return qq{
		BEGIN; SELECT skills.set_identity('$user', '$org');
		INSERT INTO skills.skill (skill_id, name, accessibility, tags) VALUES ('$id', '$name', '$accessibility', '{"$text"}');
		INSERT INTO skills.skill_version (skill_id, description, body, relevant_topics, frontmatter)
		SELECT '$id', 'When $text ' || i, 'What $text ' || i, '{"$text"}', jsonb_build_object('license', '$text', 'metadata', '{"$text": "$text"}'::jsonb)
		FROM generate_series(1, 3) AS i;
		INSERT INTO skills.skill_file (skill_id, version, path, content)
		SELECT '$id', v, '$text/' || f, convert_to('$text ' || f, 'UTF8') FROM generate_series(1, 3) AS v, unnest('{a.md,b.sh}'::text[]) AS f;
		COMMIT;
	};
}

$node->safe_psql('postgres', join '', 'CREATE EXTENSION skills;',
	make_skill('bob', 'acme', 'B', 'mine', 'private', 'mine'),
	make_skill('alice', 'acme', 'G', 'onboard', 'org', 'shared'),
	make_skill('alice', 'acme', 'E', 'escalate', 'org-editable', 'shared'),
	make_skill('alice', 'acme', 'F', 'flipped', 'org', $MARK),
	make_skill('alice', 'acme', 'P', 'payroll', 'private', $MARK),
	make_skill('carol', 'acme', 'C', "carol-$MARK", 'private', $MARK),
	make_skill('bob', 'globex', 'X', 'mine', 'private', $MARK),
	make_skill("dave-$MARK", 'globex', 'Y', "of-$MARK", 'org-editable', $MARK),
	"BEGIN; SELECT skills.set_identity('erin-$MARK', 'acme');
	SELECT skills.set_ai_version(skill_id, 2) FROM skills.skill WHERE accessibility <> 'private' AND org_id = 'acme'; COMMIT;",
	"BEGIN; SELECT skills.set_identity('bob', 'acme');
	SELECT skills.set_ai_version(skill_id, 2) FROM skills.skill WHERE accessibility <> 'private' AND org_id = 'acme'; COMMIT;",
	"BEGIN; SELECT skills.set_identity('alice', 'acme');
	SELECT skills.update_skill('" . id('F') . "', accessibility => 'private'); COMMIT;");

# The caller. Where the statements are made up, there are views in the place of catalogs, and operators are missing:
# what is left is ours, and of the server's what works on the types that we use.
my $reader = q{
	ALTER ROLE smith SET search_path = smith, pg_catalog;
	CREATE SCHEMA smith;
	GRANT USAGE ON SCHEMA smith TO smith;
	CREATE VIEW smith.registry WITH (security_invoker) AS SELECT * FROM skills.ai_registry();
	CREATE VIEW smith.explained WITH (security_invoker) AS SELECT * FROM skills.explain_registry();
	CREATE VIEW smith.tool WITH (security_invoker) AS SELECT t.tool::text, t.digest, t.offered, t.trimmed FROM skills.load_skill_tool() AS t;
	CREATE VIEW smith.listed WITH (security_invoker) AS SELECT * FROM skills.list_skills();
	CREATE VIEW smith.loaded WITH (security_invoker) AS SELECT l.* FROM skills.ai_registry() AS r, skills.load_skill(r.name) AS l;
	CREATE VIEW smith.tag WITH (security_invoker) AS SELECT tag FROM skills.list_known_tags() AS tag;
	GRANT SELECT ON ALL TABLES IN SCHEMA smith TO smith;
	ANALYZE;
};
$node->safe_psql('postgres', qq{
	CREATE ROLE smith LOGIN;
	SELECT skills.grant_usage('smith');
	ALTER ROLE smith SET skills.user_id = 'bob';
	ALTER ROLE smith SET skills.org_id = 'acme';
	ALTER ROLE smith IN DATABASE postgres SET statement_timeout = '2s';
	$reader
	CREATE DATABASE generator;
});
$node->safe_psql('generator', qq{
	CREATE EXTENSION skills;
	SELECT skills.grant_usage('smith');
	$reader
	CREATE TEMPORARY TABLE usual AS SELECT unnest('{text,boolean,integer,jsonb,bytea,text[],timestamptz}'::regtype[])::oid AS type;
	-- sqlsmith calls no function that gives rows, so they are said to give one.
	CREATE TABLE smith.pg_proc AS
	SELECT p.oid, p.proname, p.pronamespace, p.prorettype, p.proargtypes, p.prokind, false AS proretset FROM pg_catalog.pg_proc AS p
	WHERE p.oid::regprocedure::text = ANY (ARRAY(SELECT skills.usable_functions())) OR (
		p.provolatile = 'i' AND NOT p.proretset AND p.pronamespace = 'pg_catalog'::regnamespace
		AND p.oid::bigint % 4 = 0 AND p.proname NOT IN ('repeat', 'lpad', 'rpad') AND NOT EXISTS (
			SELECT FROM unnest(p.prorettype || p.proargtypes::oid[]) AS u (type) WHERE u.type NOT IN (SELECT type FROM usual)));
	GRANT SELECT ON smith.pg_proc TO smith;
	ALTER VIEW information_schema.tables RENAME TO all_tables;
	CREATE VIEW information_schema.tables AS SELECT * FROM information_schema.all_tables WHERE table_name <> 'pg_proc';
	GRANT SELECT ON information_schema.tables TO smith;
	SET allow_system_table_mods = on;
	DELETE FROM pg_operator WHERE NOT (oprleft = ANY ('{text,boolean,integer,jsonb,bytea,timestamptz,oid,name,"char",bigint,smallint,oidvector,int2vector,regproc}'::regtype[])
		AND oprright = ANY ('{text,boolean,integer,jsonb,bytea,timestamptz,oid,name,"char",bigint,smallint,oidvector,int2vector,regproc}'::regtype[]));
});

# For a text it knows nothing but NULL, which asks for nothing; these are what a prying caller would try. Nor does
# it know how few rows there are.
my @ids = map { id($_) } qw(B G E F P C X Y Z);
my %values = (
	'text' => [ @ids, (map { "/$_\@v1" } @ids), qw(mine onboard escalate flipped payroll /payroll /mine@v2 absent private org org-editable personal
		SKILL.md mine/a.md shared/b.sh a bob alice carol erin acme globex anthropic openai-chat mcp zip tar tar.gz raise list ignore), '',
		'mine:' . id('B'), 'a:' . id('0'), "---\nname: payroll\ndescription: d\n---\nb", 'see /payroll and /mine@v9' ],
	'int4' => [ 0, 1, 2, 3, 4, -1, 2147483647 ],
	'bool' => [ 'true', 'false' ],
	'jsonb' => [ '{}', '[]', 'null', '{"format": 1, "skills": []}', (map { qq([{"skill_id": "$_"}]) } @ids), '{"license": "MIT"}' ],
	'_text' => [ '{}', '{a,b}', '{/payroll}', '{/mine,/onboard@v1}', (map { "{/$_}" } @ids) ],
	'bytea' => [ '', 'x', "---\nname: mine\ndescription: d\n---\nb" ],
	'timestamptz' => [ '2026-01-01', 'infinity' ], '"timestamp"' => [ '2026-01-01' ], 'date' => [ '2026-01-01', '2027-01-01' ],
	(map { $_ => [ 0, 1, 7 ] } qw(int2 int8 numeric float8 float4)),
);

sub give_values
{
	my ($statement) = @_;
	$statement =~ s{cast\(null as ([^()]+)\)}{
		my $pool = $values{$1};
		!$pool || rand() < .2 ? "cast(null as $1)"
		: $1 eq 'bytea' && rand() < .5 ? "skills.export_package('" . id('B') . "')"
		: "cast('$pool->[rand @$pool]' as $1)"}ge;
	$statement =~ s/\boffset (\d+)/'offset ' . $1 % 5/ge;
	$statement =~ s/tablesample (\w+) \([0-9.]+\)/tablesample $1 (100)/g if rand() < .8;
	return $statement;
}

# sqlsmith ends each statement with a semicolon at the end of a line, and has none elsewhere.
sub generate
{
	my ($seed, $count) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'sqlsmith', '--target=' . $node->connstr('generator') . ' user=smith', '--dry-run', '--exclude-catalog',
			"--seed=$seed", "--max-queries=$count" ], '>', \$out, '2>', \$err) or die "sqlsmith: $err";
	srand($seed);
	return map { give_values($_) } split /;\n/, $out;
}

# Each in a transaction that is undone, at its end with what a commit would check.
sub replay
{
	my ($file, @statements) = @_;
	my $input = "\\set VERBOSITY verbose\n" . join '', map {
		"BEGIN;\n$_;\n\\if :ERROR\n\\else\nSET CONSTRAINTS ALL IMMEDIATE;\n\\endif\nROLLBACK;\n\\echo done\n" } @statements;
	return IPC::Run::run([ 'psql', '-XAq', '-d', $node->connstr('postgres') . ' user=smith' ], '<', \$input, '>', $file, '2>&1');
}

# The mark as it may come out: as it is, backwards, in hex, in base64 wherever it begins.
sub forbidden
{
	require MIME::Base64;
	my @base64 = map { substr MIME::Base64::encode_base64(('.' x $_) . $MARK, ''), $_ ? 4 : 0, 4 } 0 .. 2;
	my $either = join '|', $MARK, scalar reverse($MARK), unpack('H*', $MARK);
	return qr/(?i:$either)|$base64[0]|$base64[1]|$base64[2]/;
}

my $forbidden = forbidden();
my (%states, %leaked, %internal, $done, $rows, $statements, %mentioned);
($done, $rows, $statements) = (0, 0, 0);

sub read_output
{
	my ($file) = @_;
	open my $lines, '<', $file or die $!;
	while (<$lines>)
	{
		$leaked{$_} = 1 if /$forbidden/;
		$states{$1}++ if /(?:ERROR|FATAL|PANIC):  ([0-9A-Z]{5}): /;
		$internal{$_}++ if /: (?:XX|58|53)[0-9A-Z]{3}: |cache lookup failed|unrecognized node|closed the connection/;
		$rows += $1 if /^\((\d+) rows?\)$/;
		$done++ if /^done$/;
	}
	return;
}

sub mention
{
	my ($statement) = @_;
	$mentioned{$1}++ while $statement =~ /skills\.(\w+)/g;
	return;
}

# The simplest statements first: few random ones find a row that is open to all.
my $file = "$PostgreSQL::Test::Utils::tmp_check/sqlsmith.out";
my $log_start = -s $node->logfile;
replay($file, map { "SELECT * FROM $_" } (map { "skills.$_" } qw(skill skill_version skill_file skill_subscription skill_summary)),
	map { "smith.$_" } qw(registry explained tool listed loaded tag));
read_output($file);
is($done, 11, 'the simplest statements');
cmp_ok($rows, '>=', 40, 'give rows');
is_deeply([ keys %leaked ], [], 'and no word of what the caller may not see');
($done, $rows) = (0, 0);
my $started = time;
my $broken = 0;
for (my $seed = $SEED; $statements < $STATEMENTS; $seed++)
{
	my @batch = generate($seed, $STATEMENTS - $statements < $BATCH ? $STATEMENTS - $statements : $BATCH);
	last if !@batch;
	mention($_) for @batch;
	$broken++ if !replay($file, @batch);
	read_output($file);
	$statements += @batch;
	note(sprintf '%d statements, %.0f s, %d rows', $statements, time - $started, $rows) if $ENV{LONG};
}

is($statements, $STATEMENTS, 'as many statements as asked for');
is($done, $statements, 'each came to an end');
is($broken, 0, 'no session was broken off');
is_deeply([ keys %leaked ], [], 'no word of what the caller may not see');
is_deeply(\%internal, {}, 'no internal error');
my $log = slurp_file($node->logfile, $log_start);
unlike($log, $forbidden, "no word of it in the server's log");
unlike($log, qr/terminated by signal|PANIC|TRAP:/, 'no crash');
is($node->safe_psql('postgres', 'SELECT count(*) FROM skills.skill'), '8', 'the server stands, and nothing was deleted');

# A run that asked nothing of ours would say nothing.
ok($mentioned{$_}, "statements read or write skills.$_") for qw(skill skill_version skill_file skill_subscription skill_summary);
my @functions = split /\n/, $node->safe_psql('postgres', q{SELECT DISTINCT substring(f FROM 'skills\.(\w+)') FROM skills.usable_functions() AS f});
my $called = grep { $mentioned{$_} } @functions;
cmp_ok($called, '>=', @functions * ($ENV{LONG} ? .9 : .4), "statements call $called of " . @functions . ' functions');
cmp_ok($rows, '>', $statements / 20, "$rows rows were given");
note('errors: ' . join ', ', map { "$_ $states{$_}" } sort { $states{$b} <=> $states{$a} } keys %states);

# The scan finds what it looks for: the same question of one who may see it.
my ($alice) = $node->safe_psql('postgres', "SET skills.user_id = 'carol'; SET skills.org_id = 'acme'; SET ROLE smith; SELECT body FROM skills.skill_version WHERE created_by = 'carol'");
like($alice, $forbidden, 'the scan finds the mark');
like($_, $forbidden, 'the scan finds the mark in another form')
  for uc $MARK, scalar reverse($MARK), unpack('H*', $MARK), map { MIME::Base64::encode_base64("$_$MARK and on", '') } '', 'a', 'ab';

$node->stop;
done_testing();
