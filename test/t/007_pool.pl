# Behind a pool, server connections go from client to client. Nobody's identity
# goes with them, but for what is set for a session (see doc/pools.md).
#
# The clients are psql and pgbench, over pgbouncer, on sockets. LONG=1 runs
# hundreds of them, for minutes; SEED=N runs again what N made.
use strict;
use warnings;
use IPC::Run;
use List::Util qw(first max);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;
use Time::HiRes qw(usleep);

my $pgbouncer = first { -x $_ } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
if (!$pgbouncer)
{
	die 'pgbouncer is missing: WITH_PGBOUNCER=1 test/prepare brings it' if $ENV{LONG};
	plan skip_all => 'pgbouncer is missing: WITH_PGBOUNCER=1 test/prepare brings it';
}
my ($major, $minor) = `$pgbouncer --version` =~ /PgBouncer (\d+)\.(\d+)/;
# It then knows the statements that the protocol prepares.
my $knows_statements = $major > 1 || $minor >= 21;

my $seed = $ENV{SEED} || time % 100000;
srand $seed;
note "pgbouncer $major.$minor, SEED=$seed";

my ($orgs, $users) = (4, 25);
my ($clients, $steps) = $ENV{LONG} ? (300, 60) : (64, 10);

my $node = PostgreSQL::Test::Cluster->new('pool');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 40\nmax_prepared_transactions = 1");
$node->start;
my $world = <<~'SQL';
	CREATE EXTENSION skills;
	CREATE ROLE app LOGIN;
	CREATE ROLE alice LOGIN;
	SELECT skills.grant_usage('app', true), skills.grant_usage('alice');
	ALTER ROLE alice SET skills.user_id = 'alice';
	ALTER ROLE alice SET skills.org_id = 'o0';
	-- In every org a shared skill, and a private one of each user, with a file: all say whose they are.
	DO $$
	DECLARE
		org text;
		whose text;
	BEGIN
		FOR org IN SELECT 'o' || o FROM generate_series(0, ORGS - 1) AS o LOOP
			PERFORM skills.set_identity('boss', org);
			PERFORM skills.create_skill('ours', 'all@' || org, 'all@' || org, 'org');
			FOR u IN 0..USERS - 1 LOOP
				whose := 'u' || u || '@' || org;
				PERFORM skills.set_identity('u' || u, org);
				PERFORM skills.put_file(skill_id, 1, 'whose', whose::bytea)
				FROM skills.create_skill('mine', whose, whose);
				PERFORM skills.set_ai_version((skills.get_skill_by_name('ours')).skill_id, 1);
			END LOOP;
		END LOOP;
	END
	$$;
	-- Whose it is, all that the caller is shown.
	CREATE FUNCTION seen() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		RETURN concat_ws(' ',
			'I', skills.current_user_id() || '@' || skills.current_org_id(),
			'skills', (SELECT string_agg(created_by || '@' || org_id, ',' ORDER BY name) FROM skills.skill WHERE name <> 'new'),
			'texts', (SELECT string_agg(body, ',' ORDER BY body COLLATE "C") FROM skills.skill_version WHERE body <> 'new'),
			'files', (SELECT string_agg(convert_from(content, 'UTF8'), ',') FROM skills.skill_file),
			'pins', (SELECT string_agg(DISTINCT user_id || '@' || org_id, ',') FROM skills.skill_subscription),
			'offered', (SELECT string_agg(description, ',' ORDER BY name) FROM skills.ai_registry()),
			'in the tool', (SELECT string_agg(m[1], ',' ORDER BY n) FROM skills.load_skill_tool() AS t,
				regexp_matches(t.tool::text, '\w+@o\d+', 'g') WITH ORDINALITY AS r (m, n)),
			'loaded', (SELECT body FROM skills.load_skill('mine')), (SELECT body FROM skills.load_skill('ours')),
			(SELECT convert_from(content, 'UTF8') FROM skills.load_skill_file('mine', 'whose')),
			'listed', (SELECT string_agg(latest_body, ',' ORDER BY name) FROM skills.list_skills() WHERE name <> 'new'),
			'by hand', (skills.resolve_skill('/mine')).body);
	END
	$$;
	CREATE FUNCTION own(who text, org text) RETURNS text LANGUAGE sql AS $$
		SELECT replace(replace('I U skills U,boss@' || org || ' texts ALL,U files U pins U offered U,ALL in the tool U,ALL loaded U ALL U listed U,ALL by hand U',
			'U', who || '@' || org), 'ALL', 'all@' || org) $$;
	CREATE FUNCTION must_see_own(who text, org text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		IF seen() IS DISTINCT FROM own(who, org) THEN
			RAISE 'crossed: %@% has seen: %', who, org, seen();
		END IF;
		RETURN 'own';
	END
	$$;
	CREATE FUNCTION must_see_nothing() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		number bigint := (SELECT count(*) FROM skills.skill_summary) + (SELECT count(*) FROM skills.skill)
			+ (SELECT count(*) FROM skills.skill_version) + (SELECT count(*) FROM skills.skill_file)
			+ (SELECT count(*) FROM skills.skill_subscription);
	BEGIN
		IF number > 0 OR skills.current_user_id() <> '' OR skills.current_org_id() <> '' THEN
			RAISE 'crossed: nobody is %@% and has seen % rows', skills.current_user_id(), skills.current_org_id(), number;
		END IF;
		PERFORM skills.ai_registry();
		RETURN 'something';
	EXCEPTION WHEN invalid_authorization_specification THEN
		RETURN 'nothing';
	END
	$$;
	SQL
$node->safe_psql('postgres', $world =~ s/ORGS/$orgs/r =~ s/USERS/$users/r);

my $socket_dir = PostgreSQL::Test::Utils::tempdir_short();
my $port = 6432;
my @pools;

# A pgbouncer of these settings before the server; what to connect to.
sub start_pool
{
	my ($name, %settings) = @_;
	my $path = "$PostgreSQL::Test::Utils::tmp_check/pool_" . $name =~ s/\W+/_/gr;
	mkdir $path;
	append_to_file("$path/users", join '', map { qq("$_" ""\n) } qw(app alice admin));
	my %all = (
		listen_addr => '', listen_port => $port++, unix_socket_dir => $socket_dir,
		auth_type => 'trust', auth_file => "$path/users", admin_users => 'admin',
		logfile => "$path/log", pidfile => "$path/pid", max_client_conn => 1000, query_wait_timeout => 600,
		pool_mode => 'transaction', default_pool_size => 1, %settings);
	append_to_file("$path/pgbouncer.ini", join "\n",
		'[databases]', 'postgres = host=' . $node->host . ' port=' . $node->port,
		'[pgbouncer]', (map { "$_ = $all{$_}" } sort keys %all), '');
	my $output = '';
	my $pool = { path => $path, running => 1, connection => "host=$socket_dir port=$all{listen_port}",
		process => IPC::Run::start([ $pgbouncer, '-q', "$path/pgbouncer.ini" ], '<', \'', '>&', \$output) };
	push @pools, $pool;
	for (1 .. 500)
	{
		return $pool if (through($pool, 'SELECT 1'))[0] eq '1';
		usleep(20_000);
	}
	die "pgbouncer did not start: $output";
}

sub stop_pool
{
	my ($pool) = @_;
	$pool->{running} = 0;
	$pool->{process}->signal('INT');
	$pool->{process}->finish;
	return;
}

# Also when a test ends with an error.
END
{
	my $status = $?;
	stop_pool($_) for grep { $_->{running} } @pools;
	$? = $status;
}

# How many transactions it has passed on, and over how many server connections.
sub shared
{
	my ($pool) = @_;
	my $opened = () = slurp_file("$pool->{path}/log") =~ /new connection to server/g;
	my $input = 'SHOW STATS_TOTALS';
	IPC::Run::run([ 'psql', '-XAtqx', '-d', "$pool->{connection} user=admin dbname=pgbouncer" ], '<', \$input, '>', \my $totals);
	my ($transactions) = $totals =~ /^database\|postgres\n.*?^(?:total_)?xact_count\|(\d+)/ms;
	return ($transactions, $opened);
}

# A client of its own that runs the statements: what came out, and the errors' codes.
sub through
{
	my ($pool, $sql, $role) = @_;
	my ($out, $err) = run_psql("$pool->{connection} dbname=postgres user=" . ($role // 'app'), $sql, 'VERBOSITY=sqlstate');
	chomp $err;
	return ($out, $err);
}

# What clients do, each for a user and another one: the statements, and the lines that must come of them.
sub be
{
	my ($who) = @_;
	return ("SELECT skills.set_identity('$who->{user}', '$who->{org}');", $who->{user});
}

sub own
{
	my ($who) = @_;
	my ($u, $all) = ("$who->{user}\@$who->{org}", "all\@$who->{org}");
	return ('SELECT seen();', "I $u skills $u,boss\@$who->{org} texts $all,$u files $u pins $u offered $u,$all"
		. " in the tool $u,$all loaded $u $all $u listed $u,$all by hand $u");
}

sub nothing { return ('SELECT must_see_nothing();', 'nothing'); }

sub error
{
	my ($statement, $code) = @_;
	return ($statement, "ERROR:  $code");
}

my %acts = (
	'own, by set_identity' => sub { ('BEGIN;', '', be($_[0]), own($_[0]), 'COMMIT;', '') },
	'own, by SET LOCAL' => sub {
		('BEGIN;', '', "SET LOCAL skills.user_id = '$_[0]{user}'; SET LOCAL skills.org_id = '$_[0]{org}';", '', own($_[0]), 'COMMIT;', '') },
	'own, by set_config' => sub {
		('BEGIN;', '', "SELECT set_config('skills.user_id', '$_[0]{user}', true), set_config('skills.org_id', '$_[0]{org}', true);",
			"$_[0]{user}|$_[0]{org}", own($_[0]), 'COMMIT;', '') },
	'own, in one message' => sub { ("SELECT skills.set_identity('$_[0]{user}', '$_[0]{org}') \\; SELECT seen();", join("\n", $_[0]{user}, (own($_[0]))[1])) },
	'own, rolled back' => sub { ('BEGIN;', '', be($_[0]), own($_[0]), 'ROLLBACK;', '', nothing()) },
	'own, prepared and executed' => sub {
		('BEGIN;', '', be($_[0]), 'SET LOCAL plan_cache_mode = force_generic_plan;', '',
			"PREPARE p AS SELECT body FROM skills.skill_version WHERE description LIKE 'u%';", '',
			('EXECUTE p;', "$_[0]{user}\@$_[0]{org}") x 2, 'DEALLOCATE p;', '', 'COMMIT;', '') },
	'own, copied' => sub {
		('BEGIN;', '', be($_[0]), "COPY (SELECT content FROM skills.skill_file) TO STDOUT;",
			'\\\\x' . unpack('H*', "$_[0]{user}\@$_[0]{org}"), 'COMMIT;', '') },
	'own, by a cursor' => sub {
		('BEGIN;', '', be($_[0]), "DECLARE c CURSOR FOR SELECT description FROM skills.ai_registry();", '',
			'FETCH 1 FROM c;', "$_[0]{user}\@$_[0]{org}", own($_[0]), 'COMMIT;', '') },
	'a write' => sub {
		('BEGIN;', '', be($_[0]),
			"SELECT modified_by FROM skills.update_version((skills.get_skill_by_name('mine')).skill_id, 1, relevant_topics => '{$_[0]{user}}');",
			$_[0]{user}, 'COMMIT;', '') },
	'a skill that comes and goes' => sub {
		my $name = "new$_[2]";
		('BEGIN;', '', be($_[0]), "SELECT created_by, org_id FROM skills.create_skill('$name', 'new', 'new');", "$_[0]{user}|$_[0]{org}",
			"SELECT skills.delete_skill((skills.get_skill_by_name('$name')).skill_id);", 't', own($_[0]), 'COMMIT;', '') },
	'an error' => sub { ('BEGIN;', '', be($_[0]), error('SELECT 1 / 0;', '22012'), error('SELECT seen();', '25P02'), 'COMMIT;', '', nothing()) },
	'an error at commit' => sub {
		('BEGIN;', '', be($_[0]), "INSERT INTO skills.skill (name) VALUES ('bare$_[2]');", '', error('COMMIT;', '23514'), nothing()) },
	'a timeout' => sub {
		('BEGIN;', '', be($_[0]), 'SET LOCAL statement_timeout = 5;', '', error('SELECT seen(), pg_sleep(60);', '57014'), 'ROLLBACK;', '') },
	'a disconnection' => sub { ('BEGIN;', '', be($_[0]), own($_[0]), '\\connect', '', nothing()) },
	'a disconnection after an error' => sub { ('BEGIN;', '', be($_[0]), error('SELECT 1 / 0;', '22012'), '\\connect', '') },
	'nothing' => sub { nothing() },
	'nothing, in a transaction' => sub { ('BEGIN;', '', nothing(), error('SELECT name FROM skills.ai_registry();', '28000'), 'COMMIT;', '') },
	'an identity for no longer than a statement' => sub { (be($_[0]), nothing()) },
	'a savepoint rolled back' => sub {
		('BEGIN;', '', be($_[0]), 'SAVEPOINT s;', '', be($_[1]), own($_[1]), 'ROLLBACK TO s;', '', own($_[0]), 'COMMIT;', '') },
	'a savepoint released' => sub {
		('BEGIN;', '', be($_[0]), 'SAVEPOINT s;', '', be($_[1]), 'RELEASE s;', '', own($_[1]), be($_[0]), own($_[0]), 'COMMIT;', '') },
	'the registry of another' => sub {
		('BEGIN;', '', be($_[0]), "SELECT description FROM skills.ai_registry('$_[1]{user}', '$_[1]{org}');",
			"$_[1]{user}\@$_[1]{org}\nall\@$_[1]{org}", own($_[0]),
			"SELECT name FROM skills.explain_registry('$_[1]{user}', '$_[1]{org}');", "mine\nours", own($_[0]), 'COMMIT;', '') },
	'an error while acting for another' => sub {
		('BEGIN;', '', be($_[0]), 'SAVEPOINT s;', '',
			error("SELECT 1 / length(substr(description, 1, 0)) FROM skills.ai_registry('$_[1]{user}', '$_[1]{org}');", '22012'),
			'ROLLBACK TO s;', '', own($_[0]), 'COMMIT;', '', nothing()) },
	'DISCARD ALL' => sub { ('DISCARD ALL;', '', nothing()) },
);

# A client that does some of this; it may be killed in the middle.
sub client_script
{
	my ($client) = @_;
	my ($number, $who, $other) = @$client{qw(number who other)};
	my (@statements, @expected);
	for my $step (1 .. $steps)
	{
		my @acts = sort keys %acts;
		my @act = $acts{ $acts[ rand @acts ] }->($who, $other, "${number}_$step");
		while (my ($statement, $line) = splice @act, 0, 2)
		{
			push @statements, $statement;
			push @expected, $line if $line ne '';
		}
	}
	if ($number % 5 == 0)
	{
		my ($statement, $line) = be($who);
		push @statements, "BEGIN; $statement", '\! kill -9 $PPID';
		push @expected, $line;
	}
	return (join("\n", '\set VERBOSITY sqlstate', @statements, ''), join("\n", @expected, ''));
}

sub start_client
{
	my ($pool, $client) = @_;
	my $path = "$pool->{path}/client_$client->{number}";
	($client->{script}, $client->{expected}) = client_script($client);
	append_to_file("$path.sql", $client->{script});
	$client->{output} = "$path.out";
	$client->{pid} = fork // die "could not fork: $!";
	return if $client->{pid};
	open STDIN, '<', "$path.sql" or die;
	open STDOUT, '>', "$path.out" or die;
	open STDERR, '>&', \*STDOUT or die;
	exec 'psql', '-XAtq', '-d', "$pool->{connection} dbname=postgres user=app" or die;
}

# pgbench checks in the server; an error ends its client, and it.
sub start_pgbench
{
	my ($pool, $protocol) = @_;
	my ($own, $nobody) = map { "$pool->{path}/$_.$protocol" } qw(own nobody);
	append_to_file($own, "\\set u random(0, @{[$users - 1]})\n\\set o random(0, @{[$orgs - 1]})\nBEGIN;\n"
		. "SELECT skills.set_identity('u' || :u::int, 'o' || :o::int);\nSELECT must_see_own('u' || :u::int, 'o' || :o::int);\nCOMMIT;\n");
	append_to_file($nobody, "SELECT must_see_nothing();\n");
	my $output = '';
	my $number = int $clients / 4;
	# A thread each: a pgbench that waits in one client, as it does to prepare, holds what the others have.
	my $harness = IPC::Run::start([ 'pgbench', '-n', '-M', $protocol, '-c', $number, '-j', $number, '-t', $steps,
			'-f', "$own\@5", '-f', "$nobody\@1", "$pool->{connection} dbname=postgres user=app" ],
		'<', \'', '>&', \$output);
	return { harness => $harness, output => \$output, protocol => $protocol };
}

sub check_pgbench
{
	my ($name, $pgbench) = @_;
	$pgbench->{harness}->finish;
	is($pgbench->{harness}->full_result(0), 0, "$name: pgbench, $pgbench->{protocol} protocol: everybody has seen their own")
	  or diag(${ $pgbench->{output} });
	return;
}

sub check_client
{
	my ($client) = @_;
	waitpid $client->{pid}, 0;
	# From 1.25 on, pgbouncer says so where a client waits for long.
	my $out = slurp_file($client->{output}) =~ s/^psql:<stdin>:\d+: //mgr =~ s/^NOTICE:  00000\n//mgr;
	return 1 if $out eq $client->{expected};
	my @out = split /\n/, $out;
	my @expected = split /\n/, $client->{expected};
	my ($at) = grep { ($out[$_] // '') ne ($expected[$_] // '') } 0 .. max($#out, $#expected);
	diag("client $client->{number}, $client->{who}{user}\@$client->{who}{org}, line $at:\n"
		. "  expected: " . ($expected[$at] // 'the end') . "\n  came:     " . ($out[$at] // 'the end'));
	return 0;
}

sub random_user { return { user => 'u' . int rand $users, org => 'o' . int rand $orgs }; }

# All of them at once.
sub crowd
{
	my ($name, %settings) = @_;
	my $pool = start_pool($name, %settings);
	my @pgbenches = map { start_pgbench($pool, $_) } 'simple', 'extended',
	  $settings{max_prepared_statements} ? 'prepared' : ();
	my @crowd = map { { number => $_, who => random_user(), other => random_user() } } 1 .. $clients;
	start_client($pool, $_) for @crowd;
	my $right = grep { check_client($_) } @crowd;
	is($right, $clients, "$name: every client has seen what is its own, and no more");
	check_pgbench($name, $_) for @pgbenches;
	my ($transactions, $opened) = shared($pool);
	note "$name: $transactions transactions of $clients clients and " . @pgbenches . " pgbench over $opened server connections";
	cmp_ok($opened, '<', $transactions / 5, "$name: they shared server connections");
	is($node->safe_psql('postgres', q{
		SELECT s.name, s.created_by, v.modified_by, v.relevant_topics FROM skills.skill_version AS v JOIN skills.skill AS s USING (org_id, skill_id)
		WHERE s.name NOT IN ('mine', 'ours') OR v.modified_by <> s.created_by OR v.relevant_topics NOT IN ('{}', ARRAY[s.created_by])}), '', "$name: and has written its own");
	stop_pool($pool);
	return;
}

my @statements = $knows_statements ? (max_prepared_statements => 100) : ();
note 'this pgbouncer does not know max_prepared_statements' unless $knows_statements;
# Not preloaded, and on connections that do not live long: the library is loaded in somebody's transaction.
crowd('one, not preloaded', default_pool_size => 1, server_lifetime => 1);
$node->safe_psql('postgres', q{ALTER ROLE app SET session_preload_libraries = 'skills'});
crowd('four, preloaded', default_pool_size => 4, @statements);
crowd('four, cleaned always', default_pool_size => 4, server_reset_query_always => 1) if $ENV{LONG};

# What a client set for its session, the next one has, where nobody cleans up.
my $u1 = { user => 'u1', org => 'o1' };
my $u2 = { user => 'u2', org => 'o2' };
my %session_wide = (
	'SET' => q{SET skills.user_id = 'u1'; SET skills.org_id = 'o1';},
	'set_config' => q{SELECT set_config('skills.user_id', 'u1', false), set_config('skills.org_id', 'o1', false);},
	'set_identity' => q{SELECT FROM skills.set_identity('u1', 'o1', is_local => false);},
	'set_identity in a transaction' => q{BEGIN; SELECT FROM skills.set_identity('u1', 'o1', is_local => false); COMMIT;},
);
my ($seen, $own_of_u1, $own_of_u2) = ('SELECT seen();', (own($u1))[1], (own($u2))[1]);
my $nothing = (nothing())[0];
my $who = 'SELECT skills.current_user_id(), skills.current_org_id();';
my $as_u2 = join ' ', 'BEGIN;', "SET LOCAL skills.user_id = 'u2'; SET LOCAL skills.org_id = 'o2';", $seen, 'COMMIT;';

my $pool = start_pool('transactions');
for my $way (sort keys %session_wide)
{
	through($pool, $session_wide{$way});
	is((through($pool, $seen))[0], $own_of_u1, "$way for the session: who does not say who is asking, has it, as documented");
	is((through($pool, $as_u2))[0], $own_of_u2, "$way for the session: who says so, has not");
	is((through($pool, $who, 'alice'))[0], 'alice|o0', "$way for the session: another role's connections are others");
	through($pool, 'DISCARD ALL');
	is((through($pool, $nothing))[0], 'nothing', "$way for the session: DISCARD ALL ends it");
}
through($pool, 'BEGIN; ' . (be($u1))[0] . ' DECLARE left_open CURSOR WITH HOLD FOR SELECT description FROM skills.ai_registry();'
	. ' PREPARE left_behind AS SELECT body FROM skills.load_skill(\'mine\'); EXECUTE left_behind; COMMIT;');
is((through($pool, 'FETCH 1 FROM left_open'))[0], 'u1@o1', 'a cursor WITH HOLD stays open for the next one, as documented');
is((through($pool, "BEGIN; " . (be($u2))[0] . ' EXECUTE left_behind; COMMIT;'))[0], "u2\nu2\@o2", 'a statement left behind reads for who executes it');
is((through($pool, 'EXECUTE left_behind'))[1], 'ERROR:  28000', 'and for nobody else');
is((through($pool, 'DISCARD ALL; FETCH 1 FROM left_open'))[1], 'ERROR:  34000', 'DISCARD ALL closes the cursor');

# A reader that is stopped while it acts for another leaves nothing of that.
$node->safe_psql('postgres', q{BEGIN; LOCK TABLE skills.skill_subscription; PREPARE TRANSACTION 'locked'});
is((through($pool, q{BEGIN; SET LOCAL statement_timeout = 100; SELECT * FROM skills.explain_registry('u1', 'o1');
	ROLLBACK; SELECT coalesce(skills.current_user_id(), 'nobody');}))[0], 'nobody', 'stopped while it acts for another: nobody');
is((through($pool, 'BEGIN; ' . (be($u2))[0] . q{ SAVEPOINT s; SET LOCAL statement_timeout = 100; SELECT * FROM skills.explain_registry('u1', 'o1');
	ROLLBACK TO s; SELECT skills.current_user_id(); COMMIT;}))[0], "u2\nu2", 'or who the transaction is for');
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'locked'});
is((through($pool, $nothing))[0], 'nothing', 'and nothing for the next one');
stop_pool($pool);

# The cures.
$pool = start_pool('always', server_reset_query_always => 1);
for my $way (sort keys %session_wide)
{
	through($pool, $session_wide{$way});
	is((through($pool, $nothing))[0], 'nothing', "$way for the session: server_reset_query_always ends it");
}
through($pool, 'BEGIN; ' . (be($u1))[0] . ' DECLARE left_open CURSOR WITH HOLD FOR SELECT description FROM skills.ai_registry(); COMMIT;');
is((through($pool, 'FETCH 1 FROM left_open'))[1], 'ERROR:  34000', 'server_reset_query_always closes cursors');
stop_pool($pool);

$pool = start_pool('sessions', pool_mode => 'session');
is((through($pool, "$session_wide{SET} $seen"))[0], $own_of_u1, 'a pool of sessions: the session has what it set');
is((through($pool, $nothing))[0], 'nothing', 'a pool of sessions: the next one has nothing');
is((through($pool, "RESET ALL; $who", 'alice'))[0], 'alice|o0', 'a pool of sessions: cleaning up leaves what the DBA fixed');
stop_pool($pool);
$pool = start_pool('unclean', pool_mode => 'session', server_reset_query => '');
through($pool, $session_wide{SET});
is((through($pool, $seen))[0], $own_of_u1, 'a pool of sessions without server_reset_query: the next one has it, as documented');
stop_pool($pool);

# A pool of statements has no transactions to set anything for.
$pool = start_pool('statements', pool_mode => 'statement');
is((through($pool, (be($u1))[0] . "\n$nothing"))[0], "u1\nnothing", 'a pool of statements: an identity ends with the statement');
like((through($pool, 'BEGIN;'))[1], qr/\AFATAL:  08P01|\AERROR:  08P01/, 'a pool of statements: no transaction');
is((through($pool, "SELECT skills.set_identity('u1', 'o1') \\; SELECT seen();"))[0], "u1\n$own_of_u1", 'a pool of statements: both in one message');
is((through($pool, "SELECT description FROM skills.ai_registry('u2', 'o2');"))[0], "u2\@o2\nall\@o2", 'a pool of statements: for a user that the call names');
is((through($pool, $nothing))[0], 'nothing', 'a pool of statements: nothing for the next one');
stop_pool($pool);

$node->stop;
done_testing();
