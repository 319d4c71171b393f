# Whatever other roles have prepared, and whatever a caller sets: what the extension runs is its own and the server's,
# and DROP EXTENSION leaves nothing.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Psql;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('hostile');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nlog_statement = none");
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE dba LOGIN SUPERUSER;
	CREATE ROLE mallory LOGIN;
	CREATE ROLE app LOGIN;
	CREATE DATABASE peaceful;
	CREATE DATABASE taken;
	CREATE DATABASE trapped;
	GRANT CREATE ON DATABASE taken, trapped TO mallory;
});

# Runs the statements in a session of their own: what came out, and the errors.
sub session
{
	my ($database, $role, $sql) = @_;
	my ($out, $err) = run_psql($node->connstr($database) . " user=$role", $sql, 'VERBOSITY=verbose', 'SHOW_CONTEXT=never');
	$err =~ s/^(LOCATION|LINE \d+| +\^).*\n//mg;
	return ($out, $err);
}

# A schema of that name is somebody's: it is refused, and stays as it was.

my ($out, $err) = session('taken', 'mallory', 'CREATE SCHEMA skills; CREATE FUNCTION skills.current_user_id() RETURNS text LANGUAGE sql RETURN $$mallory$$;');
is($err, '', 'a role makes a schema of that name first');
for my $how ('', ' CASCADE')
{
	(undef, $err) = session('taken', 'dba', "CREATE EXTENSION skills$how;");
	is($err, qq{ERROR:  42P06: schema "skills" already exists
DETAIL:  Extension "skills" makes its schema itself, so that nothing in it is anybody else's.
HINT:  Drop that schema, or rename it.
}, "CREATE EXTENSION$how says so");
}
(undef, $err) = session('taken', 'dba', 'CREATE EXTENSION skills SCHEMA public;');
like($err, qr/ERROR:  0A000: extension "skills" must be installed in schema "pg_catalog"/, 'no other schema can be asked for');
(undef, $err) = session('taken', 'mallory', 'ALTER SCHEMA skills RENAME TO mine; CREATE EXTENSION skills;');
like($err, qr/ERROR:  42501: permission denied to create extension "skills"/, 'an ordinary role installs nothing');

# The traps: for every operator of the server, and for every function that the extension's script or library names, one
# of the same name and arguments, and of those that take any type, one for the types that we use, which is the better
# match. Types, tables and views, too. LONG=1 does not ask what is named.

my $files = $node->safe_psql('postgres', q{SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_config WHERE name IN ('PKGLIBDIR', 'SHAREDIR')});
my ($libraries, $share) = split / /, $files;
my %named = map { $_ => 1 } map { slurp_file($_) =~ /\b([a-z][a-z0-9_]+)\b/g } "$libraries/skills.so", glob("$share/extension/skills--*.sql");
my $named = $ENV{LONG} ? 'true' : "proname = ANY ('{" . join(',', sort keys %named) . "}')";
my $traps = q{
	SET search_path = pg_catalog, pg_temp;
	CREATE FUNCTION public.sprung(what text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
		$$BEGIN RAISE EXCEPTION 'sprung: % by %', what, current_user; END$$;
	CREATE TYPE public.bait AS (bait text);
	CREATE FUNCTION public.take(public.bait) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'sprung: cast'; END$$;
	CREATE CAST (public.bait AS text) WITH FUNCTION public.take(public.bait) AS IMPLICIT;
	CREATE TABLE public.usual AS SELECT * FROM (VALUES
		('anyelement'::regtype, '{text,integer}'::text[]), ('anynonarray', '{text,integer,boolean,bigint}'), ('anycompatible', '{text}'),
		('anycompatiblenonarray', '{text}'), ('anyarray', '{text[],integer[]}'), ('anycompatiblearray', '{text[]}'), ('"any"', '{text,integer,boolean,bigint}'), ('record', '{record}')) AS u (general, types);
	CREATE FUNCTION public.variants(arguments oidvector) RETURNS SETOF text LANGUAGE plpgsql AS $$
	DECLARE
		variants text[] := '{""}';
	BEGIN
		FOR i IN 0 .. coalesce(array_upper(arguments, 1), -1) LOOP
			SELECT array_agg(v || CASE WHEN v = '' THEN '' ELSE ', ' END || t) INTO variants
			FROM unnest(variants) AS v, unnest(coalesce((SELECT types FROM public.usual WHERE general = arguments[i]), '{}') || arguments[i]::regtype::text) AS t;
		END LOOP;
		RETURN QUERY SELECT unnest(variants) LIMIT 12;
	END$$;
	CREATE PROCEDURE public.set_trap(statement text) LANGUAGE plpgsql AS $$BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END$$;
	DO $do$
	DECLARE
		f record;
		body text := ' IMMUTABLE LANGUAGE plpgsql AS ''BEGIN RAISE EXCEPTION $r$sprung: a function or operator by %$r$, current_user; END''';
	BEGIN
		FOR f IN
			SELECT proname, v, CASE WHEN prorettype::regtype::text ~ '^any|trigger|internal|void|handler' THEN 'text' ELSE prorettype::regtype::text END AS result, proretset
			FROM pg_proc, public.variants(proargtypes) AS v WHERE pronamespace = 'pg_catalog'::regnamespace AND $named
			UNION ALL
			SELECT name, v, 'text', false FROM unnest('{format,concat,concat_ws,jsonb_build_object,json_build_object,jsonb_build_array}'::text[]) AS name,
				unnest('{VARIADIC text[],"text, text","text, integer","text, bigint","text, text, text","text, integer, text","text, numeric, text","text, text, numeric"}'::text[]) AS v
		LOOP
			CALL public.set_trap(format('CREATE FUNCTION public.%I(%s) RETURNS %s%s', f.proname, f.v,
				CASE WHEN f.proretset THEN 'SETOF ' ELSE '' END, f.result) || body);
		END LOOP;
		FOR f IN SELECT DISTINCT oprname, oprleft, v, split_part(v, ', ', 1) AS left, split_part(v, ', ', 2) AS right
			FROM pg_operator, public.variants(format('%s %s', oprleft, oprright)::oidvector) AS v WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprleft <> 0
		LOOP
			CALL public.set_trap(format('CREATE FUNCTION public.operator(%s) RETURNS boolean', f.v) || body);
			CALL public.set_trap(format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.operator)', f.oprname, f.left, f.right));
		END LOOP;
		FOR f IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typcategory <> 'A' LOOP
			CALL public.set_trap(format('CREATE DOMAIN public.%I AS pg_catalog.%I CHECK (public.sprung(%L))', f.typname, f.typname, f.typname));
		END LOOP;
		FOR f IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
			UNION SELECT unnest('{skill,skill_version,skill_file,skill_subscription,skill_summary,s,v,f,t,r,e,p,d,n,i,l,parsed,resolved,rule,known,put,said,package}'::name[]) LOOP
			CALL public.set_trap(format('CREATE VIEW public.%I AS SELECT public.sprung(%L)', f.relname, f.relname));
		END LOOP;
	END
	$do$;
	DROP TABLE public.usual;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO mallory;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO mallory;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO mallory;
	GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO PUBLIC;
	GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
};
$node->safe_psql('trapped', 'GRANT CREATE ON SCHEMA public TO mallory');
(undef, $err) = session('trapped', 'mallory', $traps =~ s/\$named/$named/r);
is($err, '', 'the traps are set');
$node->safe_psql('postgres', 'ALTER DATABASE trapped SET search_path = public, pg_catalog');
my $HOSTILE = 'SET search_path = pg_temp, public, pg_catalog;';

# The same world in both databases: ann may see D, R and her own A, of bob's not H; she has pinned all.
sub id { return 'sk_' . '1' x 25 . shift }
my ($A, $D, $R, $H) = map { id($_) } qw(A D R H);
my $world = qq{
	SET search_path = pg_catalog, pg_temp;
	CREATE EXTENSION skills;
	SELECT skills.grant_usage('app', true), skills.grant_usage('mallory');
	SELECT skills.set_identity('bob', 'acme', false);
	BEGIN;
	INSERT INTO skills.skill (skill_id, name, accessibility, tags)
	VALUES ('$D', 'deploy', 'org', '{b,a}'), ('$R', 'review', 'org-editable', '{c}'), ('$H', 'hidden', 'private', '{d}');
	INSERT INTO skills.skill_version (skill_id, description, body, relevant_topics)
	VALUES ('$D', E'When\\n\\tünïcode "quotes" \\\\ NULL', E'Of bob\\r\\n', '{t,"u v"}'), ('$R', 'When to review', 'Step by step', '{}'), ('$H', 'Of bob', 'Hush', '{}');
	COMMIT;
	SELECT skills.create_version('$D', 'When 2', 'Two');
	SELECT skills.put_file('$R', 1, 'a.md', 'text'), skills.put_file('$R', 1, 'b/run.sh', E'\\\\x00ff', true);
	SELECT skills.set_identity('ann', 'acme', false);
	SELECT skills.set_ai_version('$D', 1), skills.set_ai_version('$R', 1);
	BEGIN;
	INSERT INTO skills.skill (skill_id, name) VALUES ('$A', 'deploy');
	INSERT INTO skills.skill_version (skill_id, description, body, frontmatter) VALUES ('$A', 'My own', 'Of ann', '{"license": "MIT"}');
	COMMIT;
	ANALYZE skills.skill, skills.skill_version, skills.skill_file, skills.skill_subscription;
};

# Installed under the hostile path of the database and of the session.
for my $database (qw(peaceful trapped))
{
	(undef, $err) = session($database, 'dba', ($database eq 'trapped' ? "$HOSTILE\nCREATE EXTENSION skills;\nDROP EXTENSION skills;\n" : '') . $world);
	is($err, '', "$database: the extension is installed and used");
}

# What the script made is the same in both.
my $definitions = q{
	SET search_path = pg_catalog, pg_temp;
	SELECT p.oid::regprocedure, pg_get_functiondef(p.oid), proacl FROM pg_proc AS p WHERE pronamespace = 'skills'::regnamespace ORDER BY p.oid::regprocedure::text COLLATE "C";
	SELECT pg_get_viewdef('skills.skill_summary');
	SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'skills'::regnamespace ORDER BY conrelid::regclass::text, conname;
	SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname;
	SELECT polrelid::regclass, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY polrelid::regclass::text;
	SELECT attrelid::regclass, attname, pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
	WHERE adrelid::regclass::text LIKE 'skills.%' ORDER BY 1, 2;
	SELECT relname, relacl, relowner::regrole FROM pg_class WHERE relnamespace = 'skills'::regnamespace ORDER BY relname;
};
my ($peaceful) = session('peaceful', 'dba', $definitions);
like($peaceful, qr/can_see.*skill_name_check.*skill_guard.*skill_summary/s, 'what was made can be read');
is((session('trapped', 'dba', $definitions))[0], $peaceful, 'the traps changed nothing that was made, nor who may use it');

# Every function and every kind of statement, with nothing of the caller's own that a search_path could mean.

my $frozen = (split /\n/, (session('peaceful', 'app', "SELECT skills.set_identity('ann', 'acme', false); SELECT skills.freeze_registry();"))[0])[-1] =~ s/'/''/gr;
my $package = "skills.export_package('$R', 1, 'tar')";
my $message = q{'/deploy! and /review@v1, /review@v9, /hidden, not `/deploy`'};
my @reads = (
	'SELECT skills.current_user_id(), skills.current_org_id(), skills.require_caller(), skills.taken_as_given()',
	"SELECT skills.can_see('bob', 'private'), skills.can_edit('bob', 'org-editable', true), skills.require_argument('a', true)",
	"SELECT skills.check_name('a'), skills.check_accessibility('org'), skills.check_tags('{a,b}'), skills.check_description('a', true),
		skills.check_frontmatter('{}'), skills.check_skill_id('$R'), skills.check_path('a'), skills.path_key('Ä/B'), skills.check_revision(1, 1)",
	(map { "SELECT r.* FROM skills.$_ AS r" } "ai_registry()", "ai_registry('bob', 'acme')", 'explain_registry()', "explain_registry('bob', 'acme')",
		(map { "load_skill_tool('$_')" } qw(anthropic openai openai-chat mcp)), "load_skill_tool('mcp', 7)", "load_skill_tool(frozen => '$frozen')",
		"load_skill('deploy')", "load_skill('review')", "load_skill('deploy', '$frozen')", "load_skill_file('review', 'a.md')", "load_skill_file('review', 'a.md', '$frozen')",
		"list_files('$R', 1)", "list_known_tags()", "find_references($message)", "parse_references($message)",
		qq{read_available('[{"skill_id": "$R"}, {"skill_id": "$D", "version": 1}]')}, "freeze_registry()", qq{freeze_registry('[{"skill_id": "$R", "version": 1}]')},
		"invocation_messages('{/deploy,/review\@v1}', 'openai', 'turn 7')", "validate_package($package)", "read_package($package, 'raise')",
		"read_skill_md('---\nname: a--b_\ndescription: d\nx: 1\n---\nbody\n', 'list')", "name_problems('A--b_', 'c')", "description_problems('', 'd')",
		qq{key_problems('{"x": 1, "metadata": {"a": ["b"]}, "compatibility": [], "license": {}}')}, "write_skill_md('a', 'd', '{\"license\": \"MIT\"}', 'b')",
		"skill_md_problems('---\nname: a--b_\ndescription: d\n---\n', 'c')", "require_importable_name('new', true)", "is_version('$R', 1, 'review', 'x', false, NULL)",
		"export_skill_md('$A')", "export_skill_md('$R', 1)"),
	(map { "SELECT pg_catalog.encode(skills.export_package('$R', 1, '$_'), 'hex')" } qw(zip tar tar.gz)),
	"SELECT pg_catalog.encode(skills.write_archive('a', 'tar', '{1 f b}', 'c'), 'hex')",
	"SELECT skills.load_skill('hidden')", "SELECT skills.get_skill('$H')", "SELECT skills.no_such('$H', 9)", "SELECT skills.no_such_file('$R', 1, 'b')",
	"SELECT skills.resolve_skill('/hidden')", "SELECT skills.list_skills('no scope')", "SELECT skills.freeze_registry('{}')", "SELECT skills.read_package('x', 'raise')",
);
my @rows = (
	(map { "SELECT r.* FROM skills.$_ AS r" } "get_skill('$R')", "get_skill_by_name('deploy')", "get_skill_summary('$R')", 'list_skills()',
		"list_skills('personal', 2)", "list_skills('org', 9, 'deploy:$D')", "get_version('$D')", "get_version('$D', 1)", "find_version('$D', '1')", "list_versions('$D')",
		"resolve_skill('deploy')", "resolve_skill('/review\@v1')", "resolve_skill('$D')", "lock_skill('$R')"),
	(map { "SELECT r.* FROM skills.$_ AS r ORDER BY r.org_id, r.skill_id" } qw(skill skill_summary skill_subscription)),
	"SELECT r.* FROM skills.skill_version AS r ORDER BY r.skill_id, r.version", "SELECT r.* FROM skills.skill_file AS r ORDER BY r.skill_id, r.version, r.path",
);
my @writes = (
	(map { "SELECT r.* FROM skills.$_ AS r" } "create_skill('new', 'When', 'What', 'org', '{t}', '{u}')", "update_skill('$R', 'renamed', NULL, '{new}', '{c}', 1)",
		"update_skill('$A', accessibility => 'org')", "delete_skill('$A')", "create_version('$R', 'When', 'What')", "update_version('$R', 1, 'Due', 'What', '{x}', 1)",
		"update_version('$R', 1, expected_revision => 7)", "delete_version('$R', 1)", "delete_version('$D', 9)", "subscribe('$R')", "unsubscribe('$R')", "set_ai_version('$D', 2)",
		"set_ai_version('$D', NULL)", "put_file('$A', 1, 'new', 'x')", "put_file('$R', 1, 'A.md', 'x')", "put_file('$R', 1, 'a.md', 'x')", "delete_file('$R', 1, 'a.md')",
		"import_package($package, name => 'new')", "import_package($package)", "import_skill_md('---\nname: deploy\ndescription: d\n---\nb', 'private', '{t}')",
		"set_identity('bob', 'acme')"),
	(map { "$_ RETURNING *" } "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ('$A', 'When', 'What')",
		"INSERT INTO skills.skill_file (skill_id, version, path, content) VALUES ('$A', 1, 'new', 'x')",
		"INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ('$R', 1) ON CONFLICT (org_id, user_id, skill_id) DO UPDATE SET ai_version = NULL",
		"UPDATE skills.skill SET name = 'new', accessibility = 'org'", "UPDATE skills.skill_version SET body = 'new'", "UPDATE skills.skill_file SET content = 'new'",
		"UPDATE skills.skill_subscription SET ai_version = NULL WHERE skill_id OPERATOR(pg_catalog.=) '$D'", 'DELETE FROM skills.skill', 'DELETE FROM skills.skill_version', 'DELETE FROM skills.skill_file',
		"DELETE FROM skills.skill_subscription WHERE skill_id OPERATOR(pg_catalog.=) '$D'"),
	"INSERT INTO skills.skill (name) VALUES ('new')", "SELECT skills.new_skill_id()",
);
my @dba = ("SELECT skills.usable_functions()", "SELECT skills.grant_usage('app', true)", "SELECT skills.revoke_usage('app')",
	"SELECT r.* FROM skills.transfer_skill('acme', '$R', 'ann') AS r", "SELECT r.* FROM skills.forget_user('acme', 'bob', 'ann') AS r",
	"SELECT r.* FROM skills.forget_user('acme', 'ann', NULL) AS r", "SELECT r.* FROM skills.forget_org('acme') AS r");

my $called = join ' ', @reads, @rows, @writes, @dba;
my @forgotten = grep { index($called, "skills.$_(") < 0 } split /\n/, $node->safe_psql('peaceful',
	q{SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'skills'::regnamespace AND prorettype <> 'trigger'::regtype});
is_deeply(\@forgotten, [], 'every function is called');

# What comes of them under the settings, each in a transaction that is undone; without what differs from run to run.
sub outcome
{
	my ($database, $role, $user, $settings, @statements) = @_;
	my $identity = $user ? "SELECT skills.set_identity('$user', 'acme', false);" : '';
	my ($out, $err) = session($database, $role, "$identity\n$settings\n\\echo begun\n" . join '', map { "BEGIN;\n$_;\nSET CONSTRAINTS ALL IMMEDIATE;\nROLLBACK;\n" } @statements);
	$out =~ s/\A.*?^begun(\n|\z)//ms;
	for ($out, $err)
	{
		s/sk_0[0-9A-Z]{25}/<id>/g;
		s/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[-+]\d\d/<time>/g;
	}
	return "$out\n$err";
}

# The lines that differ, and not the pages that do not.
sub same
{
	my ($got, $wanted, $name) = @_;
	my @got = split /\n/, $got;
	my @wanted = split /\n/, $wanted;
	my @differ = grep { ($got[$_] // '') ne ($wanted[$_] // '') } 0 .. ($#got > $#wanted ? $#got : $#wanted);
	return ok(@differ == 0, $name) || diag(join '', map { "line $_: " . ($got[$_] // 'none') . "\n  not:  " . ($wanted[$_] // 'none') . "\n" } grep { defined } @differ[ 0 .. 4 ]);
}

my @all = (@reads, @rows, @writes);
my %usual = (
	'an app' => [ 'app', 'ann', '', @all ],
	'a superuser who says who he is' => [ 'dba', 'ann', '', @all ],
	'a superuser who does not' => [ 'dba', '', '', @all, @dba ],
);

# The caller's own: temporary objects, and what a role makes that may use the extension.
my $temporary = join '', (map { "CREATE TEMPORARY TABLE $_ (org_id pg_catalog.int4);" } qw(skill skill_version skill_file skill_subscription skill_summary pg_proc pg_depend pg_extension)),
	"CREATE TYPE pg_temp.text AS ENUM (); CREATE TYPE pg_temp.jsonb AS (a pg_catalog.int4); CREATE DOMAIN pg_temp.bytea AS pg_catalog.int4;",
	'CREATE FUNCTION pg_temp.format(pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION $r$sprung: temporary$r$; END$$;';
my $own = 'SET search_path = pg_catalog, pg_temp;' . join '', map { qq{
	CREATE FUNCTION public.spring(skills.$_, skills.$_) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'sprung: row'; END\$\$;
	CREATE OPERATOR public.= (LEFTARG = skills.$_, RIGHTARG = skills.$_, FUNCTION = public.spring);
	CREATE OPERATOR public.<> (LEFTARG = skills.$_, RIGHTARG = skills.$_, FUNCTION = public.spring);
	CREATE FUNCTION public.name(skills.$_) RETURNS text IMMUTABLE LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'sprung: attribute'; END\$\$;
	CREATE FUNCTION public.text(skills.$_) RETURNS text IMMUTABLE LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'sprung: text'; END\$\$;
} } qw(skill skill_version skill_file skill_subscription);
$own .= $node->safe_psql('peaceful', q{SELECT format('CREATE FUNCTION public.%I(%s) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION %L; END$$;',
	proname, oidvectortypes(proargtypes), 'sprung: namesake') FROM pg_proc WHERE pronamespace = 'skills'::regnamespace AND prorettype <> 'trigger'::regtype AND proname !~ 'usage'});
(undef, $err) = session('trapped', 'mallory', $own);
is($err, '', 'a role that may use the extension sets more traps');
like((session('trapped', 'app', "$HOSTILE\nSELECT 'a'::pg_catalog.text || 'b'::pg_catalog.text;"))[1], qr/sprung: .* by app/, 'an operator springs a trap');
like((session('trapped', 'app', "SELECT pg_catalog.set_config('search_path', 'public, pg_catalog', false); SELECT lower('A'::pg_catalog.text), NULL::text;"))[1], qr/sprung: .* by app/, 'a function does');

my %expected;
for my $who (sort keys %usual)
{
	my ($role, $user, undef, @statements) = @{ $usual{$who} };
	$expected{$who} = outcome('peaceful', $role, $user, '', @statements);
	my $hostile = outcome('trapped', $role, $user, "$temporary\n$HOSTILE", @statements);
	same($hostile, $expected{$who}, "$who: the same outcome among the traps");
}
unlike($expected{'an app'}, qr/ERROR:  (?:XX|42883|42601|42P)/, 'and it is one');
my @sprung = slurp_file($node->logfile) =~ /(ERROR:  sprung.* by (?!app).*)/g;
is_deeply(\@sprung, [], 'no trap has sprung but the two that were tried');

# Settings of the caller.

my @without_bytes = grep { !/load_skill_file|read_package/ } @reads;
my $parallel = $node->pg_version < 16 ? 'force_parallel_mode' : 'debug_parallel_query';
my @all_settings = (
	(map { [ $_, 'app', \@all ] }
		'standard_conforming_strings = off', 'backslash_quote = off', 'transform_null_equals = on', 'array_nulls = off', 'extra_float_digits = -15', 'xmloption = document',
		'row_security = on', 'check_function_bodies = off', 'quote_all_identifiers = on', "default_transaction_isolation = 'serializable'", 'escape_string_warning = on',
		"search_path = ''", 'search_path = nowhere', 'search_path = skills, pg_catalog', "plpgsql.extra_errors = 'all'", "plpgsql.extra_warnings = 'all'", 'plpgsql.check_asserts = off',
		'jit_above_cost = 0', 'plan_cache_mode = force_generic_plan', 'plan_cache_mode = force_custom_plan', 'work_mem = 64', 'from_collapse_limit = 1', 'constraint_exclusion = on',
		"default_table_access_method = 'heap'", "default_tablespace = 'pg_default'", 'default_toast_compression = pglz', 'enable_indexscan = off', 'enable_seqscan = off', 'cursor_tuple_fraction = 0.0001',
		"lc_monetary = 'C'", "lc_time = 'C'", "lc_numeric = 'C'", "default_text_search_config = 'simple'", 'synchronize_seqscans = off', 'geqo_threshold = 2', "$parallel = on", 'parallel_setup_cost = 0'),
	(map { [ $_, 'app', \@reads ] } "DateStyle = 'German, DMY'", "IntervalStyle = 'iso_8601'", "TimeZone = 'Asia/Kathmandu'", 'default_transaction_read_only = on'),
	[ 'bytea_output = escape', 'app', \@without_bytes ],
	(map { [ $_, 'dba', \@all ] } 'session_replication_role = local', "lc_messages = 'C'", "plpgsql.variable_conflict = 'use_variable'", "plpgsql.variable_conflict = 'use_column'"),
);
if ($ENV{SETTING})
{
	@all_settings = [ $ENV{SETTING}, 'dba', \@all ];
}
# Each alone takes minutes.
elsif (!$ENV{LONG})
{
	my %together;
	my $place = 0;
	push @{ $together{ "$_->[1] " . @{ $_->[2] } . ' ' . $place++ % 4 } }, $_ for @all_settings;
	@all_settings = map { my $group = $_; [ join('; SET ', map { $_->[0] } @$group), @{ $group->[0] }[ 1, 2 ] ] } @together{ sort keys %together };
}
for my $each (@all_settings)
{
	my ($setting, $role, $statements) = @$each;
	my $usual = $expected{"$role @{[scalar @$statements]}"} //= outcome('peaceful', $role, 'ann', '', @$statements);
	same(outcome('peaceful', $role, 'ann', "SET $setting;", @$statements), $usual, "SET $setting: nothing differs");
}

# Without row security nothing is read: an error, or what needs no row.
my @with = split /\n/, outcome('peaceful', 'app', 'ann', 'SET row_security = off;', @all);
is_deeply([ grep { /Hush/ } @with ], [], 'SET row_security = off: nothing hidden is read');
is_deeply([ grep { /ERROR/ && !/42501: query would be affected by row-level security policy for table "skill|25P02|P0002|22023|23514/ } @with ], [], 'and the errors say so');

# A client's encoding is the client's: the registry's bytes are those that the database has, or it is told that it cannot have them.
my @digests = map { "SELECT t.digest, t.offered FROM skills.load_skill_tool('$_') AS t" } qw(anthropic openai openai-chat mcp);
my $digests = outcome('peaceful', 'app', 'bob', '', @digests);
like($digests, qr/^[0-9a-f]{64}\|3$/m, 'digests');
for my $encoding (qw(LATIN1 SQL_ASCII SJIS EUC_KR WIN1252))
{
	is(outcome('peaceful', 'app', 'bob', "SET client_encoding = '$encoding';", @digests), $digests, "SET client_encoding = $encoding: the same bytes");
	is_deeply([ grep { !/22P05: character with byte sequence .* in encoding "UTF8" has no equivalent|25P02|22021/ } outcome('peaceful', 'app', 'ann', "SET client_encoding = '$encoding';", @reads) =~ /ERROR:  (.*)/g ],
		[ grep { !/25P02/ } outcome('peaceful', 'app', 'ann', '', @reads) =~ /ERROR:  (.*)/g ], "SET client_encoding = $encoding: no other errors");
}

# What a role that may use the extension cannot do with it.

$node->safe_psql('peaceful', 'GRANT CREATE ON SCHEMA public TO mallory; GRANT CREATE ON DATABASE peaceful TO mallory');
$node->safe_psql('peaceful', 'CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; ALTER FUNCTION public.fire() OWNER TO mallory;');
my $before = $node->safe_psql('peaceful', $definitions);
my @refused;
for my $table (qw(skill skill_version skill_file skill_subscription skill_summary))
{
	push @refused, ("CREATE TRIGGER t BEFORE INSERT ON skills.$table FOR EACH ROW EXECUTE FUNCTION public.fire()",
		"CREATE RULE r AS ON UPDATE TO skills.$table DO INSTEAD NOTHING", "ALTER TABLE skills.$table OWNER TO mallory", "ALTER TABLE skills.$table RENAME TO mine",
		"ALTER TABLE skills.$table SET SCHEMA public", "TRUNCATE skills.$table", "DROP TABLE skills.$table", "COMMENT ON COLUMN skills.$table.org_id IS 'mine'",
		"ALTER EXTENSION skills DROP TABLE skills.$table", "CREATE CAST (skills.$table AS text) WITH INOUT AS IMPLICIT", "CREATE CAST (skills.$table AS jsonb) WITHOUT FUNCTION",
		"CREATE OPERATOR CLASS public.c DEFAULT FOR TYPE skills.$table USING btree AS OPERATOR 1 <", $table eq 'skill_summary' ? () : (
		"CREATE POLICY p ON skills.$table USING (true)", "ALTER POLICY visible ON skills.$table USING (true)", "DROP POLICY visible ON skills.$table",
		"ALTER TABLE skills.$table DISABLE ROW LEVEL SECURITY", "ALTER TABLE skills.$table NO FORCE ROW LEVEL SECURITY", "ALTER TABLE skills.$table DISABLE TRIGGER ALL",
		"CREATE TABLE public.heir () INHERITS (skills.$table)", "CREATE TABLE public.part PARTITION OF skills.$table DEFAULT", "CREATE INDEX ON skills.$table (org_id)",
		"CREATE STATISTICS public.st ON org_id, skill_id FROM skills.$table", "CREATE PUBLICATION p FOR TABLE skills.$table", "CLUSTER skills.$table", "REINDEX TABLE skills.$table",
		"ALTER TABLE skills.$table REPLICA IDENTITY FULL", "COPY skills.$table TO PROGRAM 'cat'", "COPY skills.$table TO '/tmp/x'"));
}
push @refused, ('CREATE TABLE public.probe (o text, s text, FOREIGN KEY (o, s) REFERENCES skills.skill)', 'CREATE TABLE public.probe (o text, u text, s text, FOREIGN KEY (o, u, s) REFERENCES skills.skill_subscription)',
	'CREATE TABLE skills.mine ()', 'CREATE FUNCTION skills.mine() RETURNS integer LANGUAGE sql RETURN 1', 'CREATE VIEW skills.mine AS SELECT 1', 'CREATE OPERATOR skills.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)',
	'CREATE OR REPLACE FUNCTION skills.can_see(author text, accessibility text) RETURNS boolean LANGUAGE sql RETURN true', 'ALTER FUNCTION skills.can_see(text, text) LEAKPROOF',
	'ALTER FUNCTION skills.get_skill(text) RESET search_path', 'ALTER FUNCTION skills.get_skill(text) SECURITY DEFINER', 'DROP FUNCTION skills.can_see(text, text)', 'ALTER SCHEMA skills RENAME TO mine', 'DROP SCHEMA skills CASCADE',
	'GRANT USAGE ON SCHEMA skills TO mallory WITH GRANT OPTION', 'ALTER EXTENSION skills ADD FUNCTION public.fire()', 'ALTER EXTENSION skills UPDATE', 'ALTER EXTENSION skills SET SCHEMA public', 'DROP EXTENSION skills', "COMMENT ON EXTENSION skills IS 'mine'",
	"SECURITY LABEL ON TABLE skills.skill IS 'mine'", 'CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.fire()', "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
	'CREATE CAST (text AS jsonb) WITH INOUT AS IMPLICIT', 'CREATE OPERATOR CLASS public.c DEFAULT FOR TYPE text USING btree AS STORAGE text', 'ALTER OPERATOR = (text, text) SET (RESTRICT = NONE)',
	'SET session_replication_role = replica', 'SET SESSION AUTHORIZATION dba', 'SET ROLE dba', 'SET ROLE app', 'ALTER ROLE mallory BYPASSRLS', "LOAD 'skills'",
	"ALTER DATABASE peaceful SET search_path = public", "ALTER ROLE app SET search_path = public", "ALTER SYSTEM SET search_path = public", "SELECT skills.grant_usage('mallory', true)", "SELECT skills.revoke_usage('app')", 'SELECT skills.usable_functions()',
	'SELECT skills.skill_guard()', 'ALTER DEFAULT PRIVILEGES FOR ROLE dba GRANT ALL ON TABLES TO mallory', 'GRANT SET ON PARAMETER skills.user_id TO mallory');
(undef, $err) = session('peaceful', 'mallory', join '', map { "\\warn begun\n$_;\n" } @refused);
my @told = split /^begun\n/m, $err;
shift @told;
is(scalar @told, scalar @refused, 'as many answers as attempts');
for my $i (0 .. $#refused)
{
	like($told[$i], qr/\A(ERROR:  (42501|42809|42P17|0A000|42P16|42P01|22023|2BP01|0LP01): |WARNING:  01007: no privileges were granted)/, $refused[$i]);
}
is($node->safe_psql('peaceful', $definitions), $before, 'nothing of it changed anything');

# What others' rows are like is not to be read from the statistics either, nor from a view that sees with its owner's eyes.
is((session('peaceful', 'mallory', q{SELECT (SELECT count(*) FROM pg_stats WHERE schemaname = 'skills'), (SELECT count(*) FROM pg_stats_ext WHERE schemaname = 'skills'), count(*) FROM skills.skill;}))[0], "0|0|0", 'no statistics');
($out) = session('peaceful', 'mallory', q{CREATE VIEW public.seen AS SELECT * FROM skills.skill_version; GRANT SELECT ON public.seen TO app; SELECT count(*) FROM public.seen;});
is($out, "0", 'a view of nobody shows nothing');
is((session('peaceful', 'app', "SELECT skills.set_identity('eve', 'acme', false); SELECT count(*) FROM public.seen WHERE body = 'Hush';"))[0], "eve\n0", 'and shows a caller what the caller sees');

# DROP EXTENSION leaves every catalog as it was.

sub catalogs
{
	my ($database) = @_;
	my $each = $node->safe_psql($database, q{SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM pg_catalog.%I AS t', relname, relname), ' UNION ALL ' ORDER BY relname)
		FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND relname NOT IN ('pg_largeobject', 'pg_stat_activity')});
	return join "\n", sort split /\n/, $node->safe_psql($database, $each);
}

$node->safe_psql('postgres', 'CREATE ROLE guest; CREATE ROLE visitor; CREATE DATABASE dropped; DROP DATABASE taken;');
for my $cascade ('', ' CASCADE')
{
	$before = catalogs('dropped');
	(undef, $err) = session('dropped', 'dba', "$world SELECT skills.grant_usage('guest', true), skills.grant_usage('visitor');");
	is($err, '', 'the extension is used');
	isnt(catalogs('dropped'), $before, 'the comparison sees it');
	$node->safe_psql('dropped', "SELECT skills.revoke_usage('guest')");
	$node->safe_psql('dropped', 'CREATE VIEW public.on_it AS SELECT * FROM skills.skill; CREATE TABLE public.of_it (s skills.skill); INSERT INTO public.of_it VALUES (NULL)') if $cascade;
	(undef, $err) = session('dropped', 'dba', 'DROP EXTENSION skills;');
	$cascade ? like($err, qr/ERROR:  2BP01: cannot drop extension skills because other objects depend on it/, 'what depends on it is not dropped unasked') : is($err, '', 'DROP EXTENSION');
	$node->safe_psql('dropped', "DROP EXTENSION skills CASCADE; DROP TABLE public.of_it") if $cascade;
	is(catalogs('dropped'), $before, "DROP EXTENSION$cascade leaves nothing in any catalog");
}

# The right to set the parameters is the cluster's: it stays where revoke_usage() or DROP OWNED did not take it.
my $parameters = q{SELECT count(*) FROM pg_parameter_acl, aclexplode(paracl) WHERE parname LIKE 'skills.%' AND grantee = 'guest'::regrole};
$node->safe_psql('dropped', "CREATE EXTENSION skills; SELECT skills.grant_usage('guest', true)");
(undef, $err) = session('dropped', 'dba', 'DROP ROLE guest;');
like($err, qr/ERROR:  2BP01: role "guest" cannot be dropped/, 'a role that was granted usage is not dropped');
$node->safe_psql('dropped', "SELECT skills.revoke_usage('guest'); DROP ROLE guest; DROP ROLE visitor");
$node->safe_psql('dropped', "CREATE ROLE guest; SELECT skills.grant_usage('guest', true); DROP EXTENSION skills");
is($node->safe_psql('dropped', $parameters), 2, 'without revoke_usage() the right on the two parameters outlives the extension');
$node->safe_psql('dropped', 'DROP OWNED BY guest');
is($node->safe_psql('dropped', $parameters), 0, 'DROP OWNED takes it back');
$node->safe_psql('dropped', 'DROP ROLE guest');
is_deeply([ slurp_file($node->logfile) =~ /(ERROR:  sprung.* by (?!app).*|terminated by signal.*|ERROR:  cache lookup.*)/g ], [], 'no trap, no crash');

$node->stop;
done_testing();
