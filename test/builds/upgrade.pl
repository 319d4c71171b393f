# A database of an older major version goes on in this one, by dump and restore
# and by pg_upgrade: doc/upgrade.md, with the commands that stand there.
#
# SKILLS_OLD is the folder of the older server, made by test/builds/pack, and
# SKILLS_EARLIER that of an earlier minor release of it, if there is one.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Population;
use Psql;

my ($old_path, $old_major, $old_version);
my ($new_bin) = run_command([ 'pg_config', '--bindir' ]);
my ($new_version, $new_major) = (run_command([ 'pg_config', '--version' ]))[0] =~ /((\d+)\S*)/;
my $work = PostgreSQL::Test::Utils::tempdir_short();
my @initdb = ('--encoding=UTF8', '--locale=C.UTF-8');
my $document = slurp_file("$ENV{SKILLS_TOP}/doc/upgrade.md");

# The server that is the older one from here on. Of the libraries that it links
# to those which this system has no longer are added, and no others: the
# programs of both versions are started from one environment.
sub use_old
{
	my ($root) = @_;
	($old_path) = glob "$root/usr/lib/postgresql/*";
	($old_major) = $old_path =~ /(\d+)$/;
	chomp($old_version = slurp_file("$root/version"));
	my ($known) = run_command([ '/sbin/ldconfig', '-p' ]);
	mkdir "$work/libraries";
	for my $file (glob "$root/libraries/*")
	{
		my ($name) = $file =~ m{([^/]+)$};
		symlink $file, "$work/libraries/$name" if index($known, "\t$name ") < 0;
	}
	$ENV{LD_LIBRARY_PATH} = "$work/libraries";
	return;
}

# The commands of a section of the document, for these servers. What is between
# "15" and "18" there is another pair here, and 17 lacks an option of 18.
sub commands
{
	my ($heading, $old, $new) = @_;
	my ($section) = $document =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms or die "no section $heading";
	my ($commands) = $section =~ /^```sh\n(.*?)^```/ms or die "no commands under $heading";
	my %here = (
		'/usr/lib/postgresql/15/bin' => "$old_path/bin",
		'/usr/lib/postgresql/18/bin' => $new_bin,
		'/srv/pg15' => $old->data_dir,
		'/srv/pg18' => $new->data_dir,
		'-p 5432' => '-h ' . $old->host . ' -p ' . $old->port,
		'-p 5433' => '-h ' . $new->host . ' -p ' . $new->port,
		' --no-data-checksums' => $new_major < 18 ? '' : ' --no-data-checksums');
	my $any = join '|', map { quotemeta } keys %here;
	return split /\n/, $commands =~ s/($any)/$here{$1}/gr;
}

# Runs them in a folder of their own; gives all that they print.
sub run_commands
{
	my ($name, @commands) = @_;
	my $all = '';
	for my $command (@commands)
	{
		my ($program) = $command =~ m{^\S*?([^/ ]+) };
		my $output;
		my $ended = IPC::Run::run([ 'sh', '-c', "cd $work && $command" ], '>&', \$output);
		ok($ended, "$name: $program") or diag("$command\n$output");
		$all .= $output;
	}
	return $all;
}

sub configure
{
	my ($node, @lines) = @_;
	$node->append_conf('postgresql.conf', join "\n", @lines, '');
	return;
}

# A server of the older version with a database, roles and settings of all kinds.
sub old_server
{
	my ($name, @lines) = @_;
	my $node = PostgreSQL::Test::Cluster->new("${name}_old", install_path => $old_path);
	$node->init(extra => [ @initdb, $old_major < 18 ? () : '--no-data-checksums' ]);
	configure($node, @lines);
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE mydb');
	populate($node, 'mydb');
	$node->safe_psql('mydb', q{
		CREATE ROLE alice LOGIN;
		SELECT skills.grant_usage('alice');
		ALTER ROLE alice SET skills.user_id = 'alice';
		ALTER ROLE alice SET skills.org_id = 'acme';
		ALTER ROLE app SET session_preload_libraries = 'skills';
		ALTER DATABASE mydb SET skills.max_package_files = 100;
		SELECT skills.set_identity('ann', 'acme', false);
		SELECT skills.import_skill_md(E'---\nname: imported\ndescription: >-\n  Folded\n  text\nlicense: MIT\nmetadata:\n  version: 1.50\n---\n# What\n', 'org', '{x}');
		SELECT skills.set_identity('bob', 'acme', false);
		SELECT skills.set_ai_version(skill_id, 1) FROM skills.skill WHERE name = 'imported';
	});
	return $node;
}

# One that the document's commands make; the framework knows it by its name only.
sub new_server
{
	my ($name, $old, @lines) = @_;
	my $node = PostgreSQL::Test::Cluster->new("${name}_new");
	mkdir $node->basedir;
	run_commands($name, commands('2. A new cluster', $old, $node));
	configure($node, 'port = ' . $node->port, q{listen_addresses = ''},
		"unix_socket_directories = '" . $node->host . q{'}, 'fsync = off', @lines);
	return $node;
}

# The document started it; the framework is to stop it, whatever happens.
sub adopt
{
	my ($node) = @_;
	$node->_update_pid(1);
	return;
}

# What the extension consists of, as the server itself describes it.
sub shape
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, <<~'SQL');
		SELECT 'member', pg_describe_object(classid, objid, 0) FROM pg_depend
			WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
				AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'skills')
		UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated
			FROM pg_constraint WHERE connamespace = 'skills'::regnamespace
		UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) || ' ' || tgenabled::text
			FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'skills.%'
		UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'skills'
		UNION ALL SELECT 'policy', tablename || ' ' || policyname || ' ' || cmd || coalesce(qual, '') || coalesce(with_check, '')
			FROM pg_policies WHERE schemaname = 'skills'
		UNION ALL SELECT 'function', pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'skills'::regnamespace
		UNION ALL SELECT 'view', pg_get_viewdef('skills.skill_summary'::regclass)
		UNION ALL SELECT 'column', attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
			|| ' ' || attstorage::text || ' ' || attcollation::regcollation || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
			FROM pg_attribute LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (attrelid, attnum)
			WHERE attnum > 0 AND attrelid::regclass::text LIKE 'skills.%'
		UNION ALL SELECT 'table', oid::regclass || ' ' || relrowsecurity || ' ' || relforcerowsecurity || ' ' || coalesce(reloptions::text, '')
			FROM pg_class WHERE relnamespace = 'skills'::regnamespace
		UNION ALL SELECT 'comment', pg_describe_object(classoid, objoid, objsubid) || ' ' || description
			FROM pg_description WHERE classoid IN ('pg_class'::regclass, 'pg_proc'::regclass)
				AND pg_describe_object(classoid, objoid, objsubid) LIKE '%skills.%'
		ORDER BY 1, 2
		SQL
}

# The lines that only one of two has. What has been written out and read again
# has other parentheses: "(a OR b) OR c".
sub differences
{
	my ($got, $expected) = map { { map { tr/()//dr => 1 } split /\n/ } } @_;
	return ((map { "+$_" } grep { !$expected->{$_} } sort keys %$got),
		(map { "-$_" } grep { !$got->{$_} } sort keys %$expected));
}

# All that apps and models are given, byte for byte.
sub given
{
	my ($node) = @_;
	return $node->safe_psql('mydb', <<~'SQL');
		SELECT user_id, format, t.digest, t.tool::text
		FROM (VALUES ('ann', 'acme'), ('bob', 'acme'), ('zoe', 'other')) AS u (user_id, org_id),
			unnest('{anthropic,openai,openai-chat,mcp}'::text[]) AS format,
			skills.load_skill_tool(format, NULL, user_id, org_id) AS t ORDER BY 1, 2;
		SELECT * FROM skills.explain_registry('bob', 'acme') AS e ORDER BY name COLLATE "C";
		SELECT skills.set_identity('ann', 'acme', false);
		SELECT skills.freeze_registry();
		SELECT l.* FROM skills.ai_registry() AS r, skills.load_skill(r.name) AS l ORDER BY r.name COLLATE "C";
		SELECT skill_id, version, format, encode(sha256(skills.export_package(skill_id, version, format)), 'hex')
		FROM skills.skill_version, unnest('{zip,tar,tar.gz}'::text[]) AS format WHERE org_id = 'acme' ORDER BY 1, 2, 3;
		SELECT skills.invocation_messages('{one,/imported}', 'openai', 'seed');
		SQL
}

# The rows in SQL, without what tells one run of pg_dump from another.
sub dumped
{
	my ($node) = @_;
	my ($dump) = run_command([ "$new_bin/pg_dump", '-h', $node->host, '-p', $node->port, 'mydb' ]);
	return $dump =~ s/^(--|\\(un)?restrict |SET transaction_timeout).*\n//mgr;
}

# What was there is there, and nothing is invalid.
sub check_carried
{
	my ($name, $node, $before) = @_;
	ok(contents($node, 'mydb') eq $before->{contents}, "$name: every row is the same, byte for byte");
	ok(dumped($node) eq $before->{dump}, "$name: the next dump is the same");
	ok(given($node) eq $before->{given}, "$name: tools, packages, messages and frozen registries have the same bytes");
	$node->safe_psql('postgres', 'CREATE DATABASE fresh');
	$node->safe_psql('fresh', 'CREATE EXTENSION skills');
	is_deeply([ differences(shape($node, 'mydb'), shape($node, 'fresh')) ], [], "$name: the extension is as if it were new");
	is($node->safe_psql('mydb', q{SELECT count(*) FROM pg_index WHERE NOT indisvalid}), '0', "$name: every index is valid");
	return;
}

# The rights came over: who may be whom, and who may not.
sub check_identity
{
	my ($name, $node) = @_;
	my ($status, $output, $error) = $node->psql('mydb',
		q{SELECT skills.current_user_id() || '/' || skills.current_org_id(); SELECT count(*) > 0 FROM skills.skill; SET skills.user_id = 'ann';},
		extra_params => [ '-U', 'alice' ]);
	is($output, "alice/acme\nt", "$name: a role's identity came over");
	like($error, qr/permission denied to set parameter "skills.user_id"/, "$name: and binds it");
	is($node->safe_psql('mydb', q{SELECT has_parameter_privilege('app', 'skills.user_id', 'SET') AND has_parameter_privilege('app', 'skills.org_id', 'SET')}),
		't', "$name: the app may set an identity");
	is($node->safe_psql('mydb', q{LOAD 'skills'; SHOW skills.max_package_files}), '100', "$name: the database's limit came over");
	return;
}

# The app goes on: numbers, pins, refusals, deletes.
sub check_writes
{
	my ($name, $node) = @_;
	my $id = q{(SELECT skill_id FROM skills.skill WHERE name = 'two')};
	is($node->safe_psql('mydb', qq{
		SET ROLE app;
		BEGIN; SELECT skills.set_identity('bob', 'acme');
		SELECT version FROM skills.create_version($id, 'When', 'What');
		INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($id, 'When', 'What') RETURNING version;
		SELECT ai_version FROM skills.set_ai_version($id, 4);
		SELECT offered FROM skills.load_skill_tool();
		SELECT name FROM skills.create_skill('new', 'When', 'What', 'org');
		SELECT path FROM skills.put_file((SELECT skill_id FROM skills.skill WHERE name = 'new'), 1, 'a/b', 'c');
		COMMIT;
		BEGIN; SELECT skills.set_identity('ann', 'acme');
		SELECT skills.delete_version($id, 4);
		SELECT skills.set_ai_version(skill_id, 1) IS NOT NULL FROM skills.skill WHERE name = 'new';
		SELECT accessibility FROM skills.update_skill((SELECT skill_id FROM skills.skill WHERE name = 'one'), accessibility => 'private');
		SELECT skills.delete_skill(skill_id) FROM skills.skill WHERE name = 'alpha';
		COMMIT;
		BEGIN; SELECT skills.set_identity('bob', 'acme');
		SELECT string_agg(name, ' ') FROM skills.ai_registry();
		SELECT ai_version IS NULL FROM skills.skill_subscription WHERE skill_id = $id;
		COMMIT;
	}), join("\n", 'bob', 3, 4, 4, 9, 'new', 'a/b', 'ann', 't', 't', 'private', 't', 'bob', '1st Beta Zulu _under imported new zulu', 't'),
		"$name: the app writes on");
	my (undef, undef, $error) = $node->psql('mydb', q{
		\set VERBOSITY sqlstate
		SET ROLE app;
		SELECT skills.set_identity('bob', 'acme', false);
		UPDATE skills.skill SET accessibility = 'private' WHERE name = 'two';
	});
	like($error, qr/ERROR:  42501/, "$name: and meets the rules");
	return;
}

sub check_all
{
	my ($name, $old, $node, $before) = @_;
	check_carried($name, $node, $before);
	check_identity($name, $node);
	my $said = run_commands($name, commands('4. What to look at', $old, $node));
	like($said, qr/\A *extversion/, "$name: no index or table has a fault");
	check_writes($name, $node);
	run_commands("$name, after writes", (commands('4. What to look at', $old, $node))[0]);
	return;
}

sub before
{
	my ($node) = @_;
	return { contents => contents($node, 'mydb'), dump => dumped($node), given => given($node) };
}

# A server that is to load it, and cannot, lets nobody in.
sub check_preload_without_library
{
	my ($node) = @_;
	my $error;
	configure($node, q{session_preload_libraries = 'skills'});
	without_library(sub { $node->start; (undef, $error) = run_psql($node->connstr('postgres'), 'SELECT 1'); $node->stop; });
	like($error, qr/FATAL:  could not access file "skills"/, 'a server without the library that it preloads lets nobody in');
	return;
}

sub check_dump_and_restore
{
	my ($old, $before) = @_;
	my $name = "$old_version to $new_version, custom dump";
	my $new = new_server('custom', $old);
	my $said = run_commands($name, commands('3a. Dump and restore', $old, $new));
	adopt($new);
	is(join("\n", $said =~ /ERROR:  (.*)/g), 'role "' . getpwuid($>) . '" already exists', "$name: the one error to expect");
	check_all($name, $old, $new, $before);
	$new->stop;
	check_preload_without_library($new);

	# By the programs of either version, in a plain dump.
	for my $bin ("$old_path/bin", $new_bin)
	{
		my $programs = $bin eq $new_bin ? 'new' : 'old';
		$name = "$old_version to $new_version, plain dump by the $programs programs";
		$new = new_server("plain_$programs", $old);
		my ($start, $globals, undef, $roles) = commands('3a. Dump and restore', $old, $new);
		my @at_old = ('-h', $old->host, '-p', $old->port);
		run_commands($name, $start, $globals =~ s/\Q$new_bin\E/$bin/r, $roles,
			"$bin/pg_dump @at_old -C -f mydb.sql mydb", "$bin/psql -h " . $new->host . ' -p ' . $new->port . ' -X -q -d postgres -v ON_ERROR_STOP=1 -f mydb.sql');
		adopt($new);
		check_all($name, $old, $new, $before);
		$new->stop;
	}
	return;
}

sub without_library
{
	my ($try) = @_;
	my $library = $new_bin =~ s{/bin$}{/lib/skills.so}r;
	rename $library, "$library.away" or die "$library: $!";
	$try->();
	rename "$library.away", $library or die "$library: $!";
	return;
}

# The check says what is missing.
sub check_without_library
{
	my ($name, $check) = @_;
	my ($ended, $output);
	without_library(sub { $ended = IPC::Run::run([ 'sh', '-c', "cd $work && $check" ], '>&', \$output) });
	ok(!$ended, "$name: --check fails without the new library");
	like($output, qr/references loadable libraries that are missing/, "$name: and says so");
	return;
}

# In November 2026 minor releases began to keep versions of columns, which
# pg_upgrade brings over, and a server from before does not know.
sub can_be_upgraded
{
	my ($old, $new) = map { index(slurp_file("$_/postgres"), 'pg_attver') >= 0 } "$old_path/bin", $new_bin;
	return $new || !$old;
}

# Such a one gives up halfway, and the old server is as it was.
sub check_refused_upgrade
{
	my $name = "$old_version to $new_version, pg_upgrade";
	my $old = old_server('refused');
	my $contents = contents($old, 'mydb');
	my $new = new_server('refused', $old);
	my ($stop, $check, $upgrade) = commands('3b. pg_upgrade', $old, $new);
	run_commands($name, $stop, $check);
	$old->_update_pid(0);
	ok(!IPC::Run::run([ 'sh', '-c', "cd $work && $upgrade" ], '>&', \my $output), "$name: fails");
	my ($log) = $output =~ m{"(/\S+\.log)"};
	like(slurp_file($log), qr/unrecognized parameter "pg_attver"/, "$name: for the reason that the document gives");
	$old->start;
	ok(contents($old, 'mydb') eq $contents, "$name: the old server has every row");
	$old->stop;
	return;
}

sub check_pg_upgrade
{
	my ($mode, $old_preloads, $new_preloads) = @_;
	my $name = "$old_version to $new_version, pg_upgrade --$mode" . ($old_preloads ? ', preloaded before' : '') . ($new_preloads ? ', preloaded after' : '');
	my $old = old_server("upgrade_$mode", $old_preloads ? q{session_preload_libraries = 'skills'} : ());
	my $before = before($old);
	my $new = new_server("upgrade_$mode", $old, $new_preloads ? q{session_preload_libraries = 'skills'} : ());
	my @commands = commands('3b. pg_upgrade', $old, $new);
	run_commands($name, shift @commands);
	$old->_update_pid(0);
	check_without_library($name, $commands[0]) if $mode eq 'copy';
	$commands[1] .= " --$mode" if $mode ne 'copy';
	run_commands($name, @commands);
	adopt($new);
	check_all($name, $old, $new, $before);
	$new->stop;
	return;
}

use_old($ENV{SKILLS_OLD} // die 'SKILLS_OLD is not set');
die "from $old_version to $new_version is no upgrade" if $old_major >= $new_major;
my $old = old_server('dump');
check_dump_and_restore($old, before($old));
$old->stop;

if (!can_be_upgraded())
{
	check_refused_upgrade();
	use_old($ENV{SKILLS_EARLIER}) if $ENV{SKILLS_EARLIER};
}
SKIP:
{
	skip "pg_upgrade from $old_version to $new_version, which came out before it", 1 if !can_be_upgraded();
	check_pg_upgrade('copy', 0, 0);
	check_pg_upgrade('link', 1, 1);
	check_pg_upgrade('swap', 1, 0) if $new_major >= 18;
}
done_testing();
