# What fails around the extension: processes and servers are killed, disks and
# memory run out, statements are cancelled, the extension is dropped, a standby
# takes over. Whatever happens, errors are clean, what was acknowledged is
# there, and every rule holds.
#
# The quick form tries each a few times; LONG=1 does it all, KILLS= another
# number of crashes. SEED= repeats what was random here, if not the moment at
# which a signal arrives.
use strict;
use warnings;

use FaultLoad;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $is_long = $ENV{LONG};
my $seed = $ENV{SEED} // int rand 1e9;
srand $seed;
note "SEED=$seed";

my $top = $ENV{SKILLS_TOP};
my $work = PostgreSQL::Test::Utils::tempdir();
my $started = time;

# Makes the library that takes memory away, see faults.c.
sub build_shim
{
	my $library = "$work/faults.so";
	my $log = '';
	IPC::Run::run([ $ENV{CC} // 'cc', qw(-O1 -fPIC -shared -fno-builtin), (split ' ', $ENV{SKILLS_CPPFLAGS}), "$top/test/t/faults.c", '-o', $library ], '>&', \$log)
	  or die "faults.c does not compile: $log";
	return $library;
}

my $shim = build_shim();
my $node = PostgreSQL::Test::Cluster->new('faults');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', <<"CONF");
synchronous_commit = on
fsync = @{[ $is_long ? 'on' : 'off' ]}
restart_after_crash = on
autovacuum_naptime = 1
max_wal_size = 32MB
wal_log_hints = on
deadlock_timeout = 100ms
log_statement = none
jit = off
CONF

sub start_node
{
	local $ENV{LD_PRELOAD} = $shim;
	return $node->start;
}

sub store
{
	my ($name, $content) = @_;
	$node->safe_psql('postgres', "INSERT INTO sample VALUES ('$name', '\\x" . unpack('H*', $content) . "');");
	return;
}

start_node();
$node->safe_psql('postgres', SETUP);
$node->safe_psql('postgres', q{GRANT SELECT ON sample TO app});
for my $folder (glob "$top/examples/skills/*")
{
	my ($name) = $folder =~ m{([^/]+)\z};
	store($name, scalar `tar -C '$top/examples/skills' -cf - '$name'`);
}

# A larger one: its files are half text, half what does not compress.
sub generate_archive
{
	my ($files, $bytes, $format) = @_;
	return qq{skills.write_archive('generated', '$format',
		(SELECT array_agg(CASE i WHEN 0 THEN '39 f SKILL.md' ELSE $bytes || ' f f/' || i END ORDER BY i) FROM generate_series(0, $files) AS i),
		(SELECT string_agg(CASE WHEN i = 0 THEN convert_to(E'---\\nname: generated\\ndescription: d\\n---\\n', 'UTF8')
			WHEN i % 2 = 0 THEN convert_to(rpad('', $bytes, 'what to do ' || i), 'UTF8')
			ELSE substr((SELECT string_agg(sha256((i || '/' || j)::bytea), '') FROM generate_series(0, $bytes / 32) AS j), 1, $bytes) END, '' ORDER BY i)
			FROM generate_series(0, $files) AS i))};
}
$node->safe_psql('postgres', "INSERT INTO sample SELECT 'generated', " . generate_archive(60, 5000, 'tar.gz'));

my $load = FaultLoad->new($node, own => 3, shared => 3);

# Crashes

# State and parent of a process; nothing if there is none.
sub process
{
	my ($pid) = @_;
	open my $file, '<', "/proc/$pid/stat" or return;
	my $stat = <$file> // '';
	close $file;
	return $stat =~ /\) (\S) (\d+)/;
}

sub children_of
{
	my ($parent) = @_;
	return grep { ((process($_))[1] // 0) == $parent } map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

# Server and backends at once, as when the power goes. The server first stands still, so that it has no new child.
sub kill_server
{
	my ($server) = slurp_file($node->data_dir . '/postmaster.pid') =~ /\A(\d+)/;
	kill 'STOP', $server;
	my @children = children_of($server);
	kill 'KILL', @children, $server;
	$node->kill9;
	# Its lock file holds as long as somebody has to learn of its death.
	sleep 0.01 while -e "/proc/$server" || grep { ((process($_))[0] // 'Z') ne 'Z' } @children;
	return;
}

sub kill_backend
{
	my $backend;
	sleep 0.01 until $backend = $load->backend;
	kill 'KILL', $backend;
	return;
}

sub is_up { return IPC::Run::run([ 'psql', '-XAtqc', 'SELECT', '-d', $node->connstr('postgres') ], '>&', '/dev/null'); }

subtest 'kill -9' => sub {
	my $kills = $ENV{KILLS} // ($is_long ? 200 : 6);
	my %kinds;
	for my $kill (1 .. $kills)
	{
		my $kind = rand 2 < 1 ? 'server' : 'backend';
		$kinds{$kind}++;
		$load->start($is_long ? 400 : 150);
		sleep 0.15 + rand($is_long ? 1.2 : 0.3);
		if ($kind eq 'server') { kill_server(); } else { kill_backend(); }
		$load->finish;
		if ($kind eq 'server') { start_node(); }
		else { my $until = time + 60; sleep 0.05 until is_up() || time > $until; }
		$load->verify("kill $kill, of a $kind");
		note "$kill of $kills, " . $load->told if $kill % 20 == 0;
	}
	note join ', ', map { "$kinds{$_} kills of a $_" } sort keys %kinds;
	note $load->told;
	cmp_ok($load->{acknowledged}, '>', 10 * $kills, 'there was a load');
};

# A standby takes over

sub wait_for_synchronous_standby
{
	$node->safe_psql('postgres', q{ALTER SYSTEM SET synchronous_standby_names = 'standby'});
	$node->reload;
	$node->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication}) or die 'no standby';
	return;
}

# The old server comes back as the standby of the new one.
sub come_back
{
	my ($standby) = @_;
	# Before its first checkpoint, it does not say that it has gone another way.
	$standby->safe_psql('postgres', 'CHECKPOINT');
	command_ok([ 'pg_rewind', '-D', $node->data_dir, '--source-server', $standby->connstr('postgres') ], 'the old server is rewound');
	$node->append_conf('postgresql.conf', 'port = ' . $node->port);
	$node->enable_streaming($standby);
	start_node();
	$standby->wait_for_catchup($node, 'replay', $standby->lsn('insert'));
	$load->{node} = $node;
	my ($err, $found) = $load->find;
	is($err, '', 'the old server, now a standby, can be read');
	$load->verify_states('on the old server', $found);
	$standby->stop;
	$node->promote;
	return;
}

# A bare server, without a standby to wait for.
sub stand_alone
{
	my ($server) = @_;
	$server->safe_psql('postgres', 'ALTER SYSTEM RESET synchronous_standby_names');
	$server->reload;
	return;
}

subtest 'failover' => sub {
	for my $failover (1 .. ($is_long ? 5 : 1))
	{
		my $standby = PostgreSQL::Test::Cluster->new("standby$failover");
		$node->backup("base$failover");
		$standby->init_from_backup($node, "base$failover", has_streaming => 1);
		$standby->append_conf('postgresql.conf', "primary_conninfo = '" . $node->connstr . " application_name=standby'");
		$standby->start;
		wait_for_synchronous_standby();
		$load->start($is_long ? 400 : 150);
		sleep 0.3 + rand($is_long ? 1.2 : 0.3);
		kill_server();
		$load->finish;
		$standby->promote;
		stand_alone($standby);
		$load->{node} = $standby;
		$load->verify("failover $failover");
		$load->start(30);
		$load->finish;
		$load->verify('the standby has gone on');
		if ($is_long) { come_back($standby); stand_alone($node); }
		else { $standby->stop('immediate'); $node->append_conf('postgresql.conf', "synchronous_standby_names = ''"); start_node(); }
	}
	stand_alone($node);
	$load->adopt($node);
	note $load->told;
};

# Memory that runs out

$node->safe_psql('postgres', join "\n", map { "CREATE FUNCTION $_ AS '$shim' LANGUAGE c STRICT;" }
	'fault_arm(nth integer, mode integer) RETURNS boolean', 'fault_disarm() RETURNS integer',
	'fault_held() RETURNS integer', 'fault_limit(kilobytes integer) RETURNS boolean');
$node->safe_psql('postgres', "INSERT INTO sample SELECT 'generated $_', " . generate_archive(12, 3000, $_)) for qw(zip tar tar.gz);
my $as_ann = q{SELECT skills.set_identity('ann', 'memory', false) \g /dev/null};
my (undef, $prepared) = session($node, qq{$as_ann
	SELECT skills.import_package(content) FROM sample WHERE name = 'generated zip' \\g /dev/null
	SELECT skills.update_version(skill_id, 1, 'When to edit: "now"', 'Edited') FROM skills.skill \\g /dev/null
	SELECT skills.create_skill('s' || i, 'When ' || i, repeat('body ' || i, 3000)) FROM generate_series(1, 20) AS i \\g /dev/null}, 'app');
is($prepared, '', 'what memory runs out on is prepared');

# What the server itself says of memory that its libraries lack.
my $of_the_server = qr/^(could not (initialize|compute|update|finalize) (SHA256|MD5) (context|hash)|regular expression failed: out of memory)/;

# What is called, and what it comes to.
my $files = q{SELECT md5(string_agg(concat_ws(' ', path, sha256, executable), ',' ORDER BY path)) AS digest FROM skills.skill_file WHERE skill_id = (SELECT skill_id FROM skills.skill WHERE name = 'taken')};
my $own = q{(SELECT skill_id FROM skills.skill WHERE name = 'generated')};
my %calls = (
	(map { ("import_package, $_" => [ "SELECT skills.import_package(content, name => 'taken') FROM sample WHERE name = 'generated $_'", $files ],
		"validate_package, $_" => [ "SELECT md5(count(*)::text || string_agg(v::text, ',')) AS digest FROM sample, skills.validate_package(content) AS v WHERE name = 'generated $_'" ],
		"export_package, $_" => [ "SELECT md5(skills.export_package($own, NULL, '$_')) AS digest" ]) } qw(zip tar tar.gz)),
	'import_skill_md' => [ q{SELECT skills.import_skill_md(E'---\\nname: taken\\ndescription: >\\n  a b\\nmetadata: {"a": [b, "c", ''d'']}\\nlicense: |\\n  e\\n---\\nBody')}, $files ],
	'export_skill_md' => [ "SELECT md5(skills.export_skill_md($own)) AS digest" ],
	'load_skill_tool' => [ 'SELECT md5(tool::text) AS digest FROM skills.load_skill_tool()' ],
	'freeze_registry' => [ 'SELECT md5(skills.freeze_registry()::text) AS digest' ],
	'find_references' => [ q{SELECT md5(string_agg(f::text, ',')) AS digest FROM skills.find_references(repeat('See /s1, /s2@v1 and `/s3` or /nothing' || chr(10), 1000)) AS f} ],
);

# The call, with what is done before and after it, as lines of psql: how it ended, and what it came to.
sub attempt
{
	my ($name, $label, $before, $after) = @_;
	my ($call, $check) = @{ $calls{$name} };
	my $get = $check ? "$call \\g /dev/null" : "$call \\gset";
	$check = $check ? "$check \\gset" : '';
	return <<~PSQL;
		BEGIN;
		\\set digest none
		SELECT $before \\g /dev/null
		$get
		\\set code :SQLSTATE
		\\if :ERROR
			\\set message :LAST_ERROR_MESSAGE
			ROLLBACK;
		\\else
			\\set message none
		\\endif
		SELECT $after AS after, fault_held() AS held \\gset
		$check
		\\echo ended $label :code :digest :held :after :message
		ROLLBACK;
		PSQL
}

# What the lines of attempts give: label, code, digest, allocations of libraries, what came after, message.
sub attempts
{
	my (@lines) = @_;
	my ($out, $err) = session($node, join('', "$as_ann\n", @lines), 'app');
	return ($err, map { [ split / /, $_, 6 ] } $out =~ /^ended (.*)$/mg);
}

# Memory runs out at the nth allocation, for one n after the other, three times
# each: what a failure leaves behind would be there once more the third time. A session that ends is
# noted, and the next one goes on.
sub fail_allocations
{
	my ($name, $mode, @nth) = @_;
	my (%codes, %bad);
	@nth = map { ($_) x 3 } @nth;
	while (@nth)
	{
		my ($err, undef, $warm, @ended) = attempts(map { attempt($name, $_, "fault_arm($_, $mode)", 'fault_disarm()') } (2000000000) x 2, @nth);
		my @before = ($warm) x 2;
		for (@ended)
		{
			my ($nth, $code, $digest, $held, undef, $message) = @$_;
			$codes{$code}++;
			$bad{"$code: $message"} //= $nth if $code !~ /^(00000|53200)$/ && $message !~ $of_the_server;
			$bad{"another result: $digest"} //= $nth if $code eq '00000' && $digest ne $warm->[2];
			$bad{'it holds more: ' . ($held - $before[1][3])} //= $nth if $nth == $before[0][0] && $held > $before[1][3];
			@before = ($before[1], $_);
		}
		splice @nth, 0, scalar @ended;
		next unless @nth;
		# The server itself ends a session whose parameters it cannot keep.
		if ($err =~ /FATAL:  53200/) { $codes{FATAL}++; shift @nth; }
		else { $bad{'the session ended'} = shift @nth; }
		sleep 0.1 until is_up();
	}
	return (\%codes, \%bad);
}

my %modes = (1 => 'allocations of libraries', 2 => 'allocations of more than there was');

sub runs_out_of_memory
{
	my ($name, $mode, $tries) = @_;
	my ($err, undef, $counted) = attempts((attempt($name, 0, "fault_arm(2000000000, $mode)", 'fault_disarm()')) x 2);
	is($err, '', "$name: no error where nothing fails");
	my $total = $counted->[4];
	my @nth = $total <= $tries ? 1 .. $total : sort { $a <=> $b } map { 1 + int rand $total } 1 .. $tries;
	my ($codes, $bad) = fail_allocations($name, $mode, @nth);
	note "$name, $total $modes{$mode}: " . join ', ', map { "$codes->{$_} x $_" } sort keys %$codes;
	is((join "\n", map { "$bad->{$_}: $_" } sort keys %$bad), '', "$name: errors are clean");
	return;
}

# As with "ulimit -v": a range of limits, and a session that goes on when there is memory again.
sub runs_into_limit
{
	my ($name, @kilobytes) = @_;
	my $free = 'fault_limit(-1)';
	my ($err, @ended) = attempts(attempt($name, 0, $free, $free), map { (attempt($name, $_, "fault_limit($_)", $free), "SELECT $free \\g /dev/null\n") } @kilobytes);
	my %codes;
	$codes{ $_->[1] }++ for @ended;
	is(scalar(@ended), @kilobytes + 1, "$name: no session ends at a limit");
	my @wrong = grep { $_->[1] ne '53200' && $_->[2] ne $ended[0][2] && $_->[5] !~ $of_the_server } @ended;
	is((join "\n", map { "@$_" } @wrong), '', "$name: out of memory, or the same result, at each limit");
	return %codes;
}

subtest 'memory is limited' => sub {
	my %seen;
	for my $name (sort keys %calls)
	{
		my %codes = runs_into_limit($name, $is_long ? map { 37 * $_ } 0 .. 300 : map { int rand 4000 } 1 .. 6);
		$seen{$_} += $codes{$_} for keys %codes;
	}
	note join ', ', map { "$seen{$_} x $_" } sort keys %seen;
	ok($seen{53200}, 'memory was short');
};

subtest 'memory runs out' => sub {
	for my $name (sort keys %calls)
	{
		# libarchive cannot do without some of the least, see skills_has_spare_memory().
		runs_out_of_memory($name, 1, $is_long ? 1000 : 6) if $name !~ /package|import/;
		runs_out_of_memory($name, 2, $is_long ? 1000 : 6);
	}
};

# What is cancelled

sub interrupt
{
	my ($signal, $seconds) = @_;
	my $until = time + $seconds;
	my $sent = 0;
	while (time < $until)
	{
		my $backend = $load->backend;
		$sent += kill $signal, $backend if $backend;
		sleep 0.002 + rand 0.03;
	}
	return $sent;
}

subtest 'cancelled, out of time and terminated' => sub {
	for my $round (1 .. ($is_long ? 10 : 1))
	{
		$load->start($is_long ? 300 : 60, timeouts => 1);
		$load->finish;
		$load->verify('statement_timeout');
		$load->start($is_long ? 1000 : 300);
		my $cancels = interrupt('INT', $is_long ? 10 : 1);
		my $ends = interrupt('TERM', 0.3);
		$load->finish;
		$load->verify('cancelled and terminated');
		note "$cancels cancels, $ends terminations";
	}
	note $load->told;
	ok($load->{errors}{57014}, 'statements were cancelled');
};

# The database's own writes meet fewer rules. One that fails is over: what a
# trigger of somebody else's writes then, one level down, is the caller's again.
subtest 'what the database does for itself ends with an error' => sub {
	$node->safe_psql('postgres', q{
		CREATE TABLE other (skill_id text);
		GRANT INSERT ON other TO app;
		CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE skills.skill SET tags = ''{x}'' WHERE skill_id = NEW.skill_id; RETURN NEW; END';
		CREATE TRIGGER other BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION other();
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
		CREATE TRIGGER refuse BEFORE DELETE ON skills.skill_subscription FOR EACH ROW WHEN (OLD.org_id = 'own write') EXECUTE FUNCTION refuse()});
	my ($out, $err) = session($node, q{
		SELECT skills.set_identity('ann', 'own write', false) \g /dev/null
		SELECT skills.create_skill('n', 'When', 'What', 'org') \g /dev/null
		SELECT skills.set_identity('bob', 'own write', false) \g /dev/null
		SELECT skills.subscribe(skill_id) FROM skills.skill \g /dev/null
		SELECT skills.set_identity('ann', 'own write', false) \g /dev/null
		SELECT skills.update_skill(skill_id, accessibility => 'private') FROM skills.skill;
		SELECT skills.set_identity('bob', 'own write', false) \g /dev/null
		INSERT INTO other SELECT skill_id FROM skills.skill;}, 'app');
	like($err, qr/\AERROR:  P0001: no\n.*ERROR:  42501:/s, 'the rules hold for it');
	$node->safe_psql('postgres', 'DROP TRIGGER refuse ON skills.skill_subscription');
};

# A cancel, in the middle of what takes long

my $rows = $is_long ? 1 : 0.05;
my $large = generate_archive(16, $is_long ? 1000000 : 200000, 'tar.gz');
my $prepare_large = sprintf q{
	INSERT INTO sample SELECT 'large', %s;
	INSERT INTO skills.skill (org_id, skill_id, name, created_by) SELECT 'large', 'sk_0000000000000000000000' || lpad(i::text, 4, '0'), 'n' || i, 'ann' FROM generate_series(1, %d) AS i;
	INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, created_by) SELECT org_id, skill_id, 1, repeat('When ', 80), repeat(name, 1000), 'ann', 'ann' FROM skills.skill WHERE org_id = 'large';
	INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) SELECT org_id, 'ann', skill_id, 1 FROM skills.skill WHERE org_id = 'large';
	UPDATE skills.skill SET accessibility = 'org' WHERE name = 'n1';
	INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version) SELECT org_id, 'u' || i, skill_id, 1 FROM skills.skill, generate_series(1, %d) AS i WHERE name = 'n1';
	SELECT skills.set_identity('ann', 'large', false);
	SELECT skills.import_package(content, name => 'large') FROM sample WHERE name = 'large';
}, $large, 5000 * $rows, 100000 * $rows;
my $message = sprintf q{repeat('See /n1, /n2@v1 and `/n3` or /nothing ', %d)}, 270000 * $rows;
my %long_calls = (
	'import_package' => q{SELECT skills.import_package(content, name => 'again') FROM sample WHERE name = 'large'},
	'validate_package' => q{SELECT count(*) FROM sample, skills.validate_package(content) WHERE name = 'large'},
	(map { ("export_package, $_" => "SELECT length(skills.export_package((SELECT skill_id FROM skills.skill WHERE name = 'large'), NULL, '$_'))") } qw(zip tar tar.gz)),
	'load_skill_tool' => 'SELECT digest FROM skills.load_skill_tool()',
	'freeze_registry' => 'SELECT length(skills.freeze_registry()::text)',
	'find_references' => "SELECT count(*) FROM skills.find_references($message)",
	'find_references, one word' => "SELECT count(*) FROM skills.find_references(repeat('`', 35) || $message)",
	'delete_skill' => q{SELECT skills.delete_skill(skill_id) FROM skills.skill WHERE name = 'n1'},
	'a flip' => q{SELECT skills.update_skill(skill_id, accessibility => 'private') FROM skills.skill WHERE name = 'n1'},
	'list_skills' => 'SELECT count(*) FROM skills.list_skills()',
);

# How long the call goes on after a cancel that comes after so many seconds; undef if it had ended. Nothing stays of it.
sub cancel_after
{
	my ($call, $seconds) = @_;
	my $journal = "$work/cancelled";
	FaultLoad::write_file("$journal.sql", "\\set VERBOSITY verbose\nSELECT set_config('skills.user_id', 'ann', false), set_config('skills.org_id', 'large', false);\n"
		. "BEGIN;\nSELECT 'pid', pg_backend_pid();\n$call;\n\\echo code :SQLSTATE\nROLLBACK;\n");
	FaultLoad::write_file("$journal.out", '');
	my $run = IPC::Run::start([ 'psql', '-XAt', '-f', "$journal.sql", '-d', $node->connstr('postgres') . ' user=app' ], '>', "$journal.out", '2>', "$journal.err");
	my $pid;
	sleep 0.005 until ($pid) = slurp_file("$journal.out") =~ /^pid\|(\d+)$/m;
	sleep $seconds;
	my $cancelled = time;
	kill 'INT', $pid;
	$run->finish;
	my ($code) = slurp_file("$journal.out") =~ /^code (\w+)$/m;
	return ($code, time - $cancelled);
}

subtest 'a cancel takes effect' => sub {
	my (undef, $err) = session($node, $prepare_large);
	is($err, '', 'what takes long is prepared');
	$node->safe_psql('postgres', 'VACUUM ANALYZE');
	for my $name (sort keys %long_calls)
	{
		my ($cancelled, $longest) = (0, 0);
		for (1 .. ($is_long ? 20 : 2))
		{
			my ($code, $delay) = cancel_after($long_calls{$name}, 0.002 + rand($is_long ? 1 : 0.1));
			ok($code eq '00000' || $code eq '57014', "$name: ends, or is cancelled: $code");
			next if $code eq '00000';
			$cancelled++;
			$longest = $delay if $delay > $longest;
		}
		note sprintf '%s: cancelled %d times, after %.3f s at most', $name, $cancelled, $longest;
		cmp_ok($longest, '<', 5, "$name: a cancel takes effect soon");
	}
	is($node->safe_psql('postgres', 'SELECT * FROM broken()'), '', 'and all rules hold');
};

# The extension goes, and comes back

my $again = q{
	DROP EXTENSION skills CASCADE;
	CREATE EXTENSION skills;
	SELECT skills.grant_usage('app', true) \g /dev/null
};

# One of each, so that what a session keeps of them is used before and after.
my @kept = (
	q{SELECT skills.set_identity('ann', 'drop', false)},
	q{SELECT (skills.create_skill('a', 'When', 'What', 'org')).name},
	q{SELECT (skills.import_package(content)).added FROM sample WHERE name = 'generated zip'},
	q{SELECT (skills.import_skill_md(E'---\nname: md\ndescription: d\n---\n')).added},
	q{SELECT (skills.create_version(skill_id, 'When', 'What')).version FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.update_version(skill_id, 1, body => 'New')).revision FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.update_skill(skill_id, put_tags => '{t}')).tags FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.put_file(skill_id, 1, 'f', 'x')).size FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.subscribe(skill_id)).ai_version FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.set_ai_version(skill_id, 2)).ai_version FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.get_skill(skill_id)).name, (skills.get_skill_summary(skill_id)).is_author, (skills.get_version(skill_id)).version FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.get_skill_by_name('a')).name, (skills.resolve_skill('/a@v1')).version},
	q{SELECT name, version FROM skills.ai_registry()},
	q{SELECT name, reason FROM skills.explain_registry()},
	q{SELECT digest FROM skills.load_skill_tool()},
	q{SELECT body FROM skills.load_skill('a')},
	q{SELECT size FROM skills.load_skill_file('generated', 'f/1')},
	q{SELECT jsonb_typeof(skills.freeze_registry()), length(skills.invocation_messages('{/a}')::text) > 0},
	q{SELECT name, version FROM skills.find_references('/a and /generated')},
	q{SELECT name, ai_version FROM skills.list_skills()},
	q{SELECT * FROM skills.list_known_tags()},
	q{SELECT (skills.list_versions(skill_id)).version FROM skills.skill WHERE name = 'a'},
	q{SELECT (skills.list_files(skill_id)).path FROM skills.skill WHERE name = 'generated'},
	q{SELECT md5(skills.export_package(skill_id)), md5(skills.export_skill_md(skill_id)) FROM skills.skill WHERE name = 'generated'},
	q{SELECT (skills.validate_package(content)).message FROM sample WHERE name = 'generated tar'},
	q{SELECT name, latest_version FROM skills.skill_summary ORDER BY name},
	q{UPDATE skills.skill SET accessibility = 'private' RETURNING name},
	q{SELECT skills.delete_file(skill_id, 1, 'f') FROM skills.skill WHERE name = 'a'},
	q{SELECT skills.delete_version(skill_id, 1) FROM skills.skill WHERE name = 'a'},
	q{SELECT skills.unsubscribe(skill_id) FROM skills.skill WHERE name = 'a'},
	q{SELECT skills.delete_skill(skill_id) FROM skills.skill WHERE name = 'a'},
);

subtest 'DROP EXTENSION' => sub {
	my $prepared = join '', map { "PREPARE p$_ AS $kept[$_];\n" } 0 .. $#kept;
	my $executed = join '', map { "EXECUTE p$_;\n" } 0 .. $#kept;
	my $plain = join '', map { "$_;\n" } @kept;
	my $all = "SET SESSION AUTHORIZATION app;\n";
	my $rounds = 3;
	$node->safe_psql('postgres', "DROP EXTENSION skills CASCADE; CREATE EXTENSION skills; SELECT skills.grant_usage('app', true)");
	# What a round writes, a prepared round writes again; so each has an extension of its own.
	my ($out, $err) = session($node, "$all$prepared" . join '', map { "$plain\\echo next\nRESET SESSION AUTHORIZATION;\n$again$all$executed\\echo next\nRESET SESSION AUTHORIZATION;\n$again$all" } 1 .. $rounds);
	is($err =~ s/^(?:NOTICE|DETAIL|LOCATION|drop cascades|and \d+ other).*\n//mgr, '', 'a session goes on with the new extension as with the old one');
	my @rounds = split /^next\n?/m, $out;
	is(scalar(@rounds), 2 * $rounds, 'all rounds ran');
	is(scalar(grep { $_ ne $rounds[0] } @rounds), 0, 'and each gave the same');
	like($rounds[0], qr/^generated\|t$|^generated\|1$/m, 'which is something');

	# Without it, each call is an error of the server's; with it again, none is.
	($out, $err) = session($node, "$all$prepared$executed RESET SESSION AUTHORIZATION;\nDROP EXTENSION skills CASCADE;\n$all$plain$executed");
	my %codes;
	$codes{$_}++ for $err =~ /ERROR:  (\w{5}):/g;
	is((join ' ', grep { !/^(3F000|42883|42P01|42704)$/ } keys %codes), '', 'without it, a call is an error that says so');
	$node->safe_psql('postgres', "CREATE EXTENSION skills; SELECT skills.grant_usage('app', true)");
	# What a call meets that has begun before.
	($out, $err) = session($node, "BEGIN; ALTER TABLE skills.skill_file RENAME TO gone; SET LOCAL ROLE app; $kept[0];\nSELECT * FROM skills.ai_registry(); ROLLBACK;");
	like($err, qr/\AERROR:  42P01: relation "skills.skill_file" does not exist/, 'a table that is gone is said to be');

	$load->prepare;
	$load->start($is_long ? 1000 : 200);
	my $until = time + ($is_long ? 30 : 1.5);
	my ($drops, %failed) = (0);
	while (time < $until)
	{
		(undef, $err) = session($node, "SET lock_timeout = '1s';\n$again");
		$failed{$_}++ for $err =~ /ERROR:  (\w{5}):/g;
		$drops++;
		sleep 0.05;
	}
	session($node, "CREATE EXTENSION IF NOT EXISTS skills; SELECT skills.grant_usage('app', true)");
	# The server locks no function: one that it reads as it is dropped names a row type that is gone.
	$load->finish(qr/: {2}(3F000|42883|42P01|42704|55P03|XX000: (could not open relation with OID|cache lookup failed))/);
	note "$drops times, in between: ", $load->told;
	is($node->safe_psql('postgres', 'SELECT * FROM broken()'), '', 'all rules hold');
	is((join ' ', grep { !/^(40P01|55P03|42710|3F000|42704|42P06)$/ } keys %failed), '', 'it was dropped while it was used');
};

# A disk that is full: a tablespace of the server's own in memory

sub start_on_small_disk
{
	my ($server, $disk) = @_;
	my $run = IPC::Run::start([ 'unshare', '-Urm', 'sh', '-c',
		'mount -t tmpfs -o size=32m none "$1" && exec unshare -U --map-user=1000 postgres -D "$2"', 'sh', $disk, $server->data_dir ], '>&', $server->logfile);
	$server->poll_query_until('postgres', 'SELECT true') or die 'the server does not start';
	return $run;
}

subtest 'the disk is full' => sub {
	my $disk = "$work/disk";
	mkdir $disk;
	my $can = IPC::Run::run([ 'unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs none "$1" && unshare -U --map-user=1000 true', 'sh', $disk ], '>&', '/dev/null');
	if (!$can && !$is_long) { plan skip_all => 'no mount in a name space of one\'s own: the disk cannot be small'; }
	ok($can, 'a small disk can be had');
	my $server = PostgreSQL::Test::Cluster->new('disk');
	$server->init;
	$server->append_conf('postgresql.conf', "log_statement = none\njit = off\nautovacuum_naptime = 1\n");
	my $run = start_on_small_disk($server, $disk);
	$server->safe_psql('postgres', "CREATE TABLESPACE disk LOCATION '$disk'");
	$server->safe_psql('postgres', "SET default_tablespace = disk;\n" . SETUP . 'GRANT SELECT ON sample TO app;');
	$server->safe_psql('postgres', "SET default_tablespace = ''; ALTER TABLE sample SET TABLESPACE pg_default; INSERT INTO sample SELECT 'generated', " . generate_archive(60, 5000, 'tar.gz'));
	my $load = FaultLoad->new($server, own => 2, shared => 1);
	for my $round (1 .. ($is_long ? 5 : 1))
	{
		# Full but for some pages, so that each write fails sooner or later.
		my $fill = 'INSERT INTO ballast SELECT repeat(\'x\', %d)::bytea;' . "\n";
		my (undef, $err) = session($server, "SET default_tablespace = disk; CREATE TABLE ballast (content bytea); ALTER TABLE ballast ALTER content SET STORAGE EXTERNAL;\n" . sprintf($fill, 1000000) x 40 . sprintf($fill, 50000) x 30);
		like($err, qr/53100/, 'the disk fills up');
		$load->start($is_long ? 300 : 100);
		$load->finish;
		$load->verify('the disk is full');
		# To truncate it would take a page.
		(undef, $err) = session($server, 'DROP TABLE ballast; CHECKPOINT;');
		is($err, '', 'room is made');
		my $full = $load->{errors}{53100};
		$load->start(30);
		$load->finish;
		$load->verify('the disk has room again');
		is($load->{errors}{53100}, $full, 'and is not full');
		session($server, "SELECT set_config('skills.user_id', 'ann', false), set_config('skills.org_id', o, false), (SELECT count(skills.delete_skill(skill_id)) FROM skills.skill WHERE created_by = 'ann' AND org_id = o AND name <> 'log') FROM unnest('{own1,own2,shared}'::text[]) AS o; VACUUM FULL;");
		$load->adopt($server);
	}
	note $load->told;
	ok($load->{errors}{53100}, 'writes failed for it');
	command_ok([ 'pg_ctl', '-D', $server->data_dir, '-m', 'fast', '-w', 'stop' ], 'and the server ends as it should');
	$run->finish;
};

# Nothing of this was a crash of the server's own.
unlike(slurp_file($_), qr/terminated by signal (?!9:)|PANIC|TRAP:/, 'no crash') for $node->logfile;

done_testing();
