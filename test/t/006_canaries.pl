# Every text of a world says whose it is. Each reader asks for what it may not
# see, in every way that SQL has, and nothing that comes back, nor what the
# server's log says of it, has a text that the rules do not show that reader.
#
# LONG=1 asks in every way of planning, and of every column.
use strict;
use warnings;
use IO::Handle;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use Canaries;
use Psql;

my $long = $ENV{LONG};
my ($id, @skills) = make_world();
my %table_key = (
	skill => [qw(org_id skill_id)],
	skill_version => [qw(org_id skill_id version)],
	skill_file => [qw(org_id skill_id version path)],
	skill_subscription => [qw(org_id user_id skill_id)],
);
my @tables = sort keys %table_key;

# Who reads: a role of its own, to which the DBA gave an identity, half of one, or none.
my %reader = map { $_->[0] => { role => "reader_$_->[0]", user => $_->[1], org => $_->[2] } } (
	[ 'alice', @$id{qw(alice acme)} ],
	[ 'bob', @$id{qw(bob acme)} ],
	[ 'carol', @$id{qw(carol acme)} ],
	[ 'mallory', @$id{qw(mallory globex)} ],
	[ 'namesake', @$id{qw(alice globex)} ],
	[ 'ghost', @$id{qw(ghost initech)} ],
	[ 'half_user', $id->{alice}, '' ],
	[ 'half_org', '', $id->{acme} ],
	[ 'nobody', '', '' ],
	[ 'outsider', @$id{qw(alice acme)} ]);
my @readers = sort grep { $_ ne 'outsider' } keys %reader;

my $node = PostgreSQL::Test::Cluster->new('canaries');
$node->init;
# As a server is at first; a Cluster logs every statement. Who wrote a line is in it.
$node->append_conf('postgresql.conf', q{
log_statement = none
log_line_prefix = '<%q%u> '
log_min_messages = warning
max_worker_processes = 8
statement_timeout = 60s
session_preload_libraries = 'skills'
});
$node->start;

my $has_jit = $node->safe_psql('postgres', 'SET jit = on; SELECT pg_jit_available()') eq 't';
my $parallel_mode = $node->safe_psql('postgres',
	q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});

# The world

sub as
{
	my ($user, $org) = @_;
	return sprintf "SELECT skills.set_identity(%s, %s);\n", literal($user), literal($org);
}

sub sql_of_version
{
	my ($skill, $version) = @_;
	my ($of, $content) = (literal($skill->{id}), literal($version->{content}));
	return as($version->{writer}, $skill->{org})
	  . "INSERT INTO skills.skill_version (skill_id, description, body, relevant_topics, frontmatter) VALUES ("
	  . join(', ', $of, map { literal($_) } $version->{description}, $version->{body}, "{$version->{topic}}",
		qq({"$version->{key}": "$version->{value}"}))
	  . ");\nSELECT skills.put_file($of, $version->{number}, " . literal($version->{path}) . ", $content) IS NULL;\n";
}

# The skill as its author makes it, its subscribers, pinned to version 1, and what became of it.
sub sql_of
{
	my ($skill) = @_;
	my $of = literal($skill->{id});
	my ($first, @later) = @{ $skill->{versions} };
	my $sql = "BEGIN;\n" . as(@$skill{qw(author org)})
	  . "INSERT INTO skills.skill (skill_id, name, tags, accessibility) VALUES ($of, "
	  . join(', ', map { literal($_) } $skill->{name}, "{$skill->{tag}}", $skill->{before} // $skill->{accessibility}) . ");\n"
	  . sql_of_version($skill, $first);
	$sql .= as($_, $skill->{org}) . "SELECT skills.set_ai_version($of, 1) IS NULL;\n" for @{ $skill->{subscribers} };
	$sql .= sql_of_version($skill, $_) for @later;
	$sql .= as(@$skill{qw(author org)}) . "UPDATE skills.skill SET accessibility = 'private' WHERE skill_id = $of;\n" if $skill->{before};
	return $sql . "COMMIT;\n";
}

# What was there and is no longer: a body before its edit, and a skill that was deleted.
sub sql_of_the_past
{
	my ($shared) = grep { $_->{accessibility} eq 'org' } @skills;
	my $of = literal($shared->{id});
	return "BEGIN;\n" . as(@$shared{qw(author org)})
	  . "UPDATE skills.skill_version SET body = '" . canary('body before the edit') . "' WHERE skill_id = $of AND version = 1;\n"
	  . "UPDATE skills.skill_version SET body = '$shared->{versions}[0]{body}' WHERE skill_id = $of AND version = 1;\n"
	  . "SELECT skills.create_skill(" . join(', ', map { "'" . canary("deleted_$_") . "'" } qw(name description body)) . ", 'org') IS NULL;\n"
	  . "COMMIT;\n"
	  . "BEGIN;\n" . as(@$shared{qw(author org)}) . "DELETE FROM skills.skill WHERE name LIKE '%deleted_name';\nCOMMIT;\n";
}

# What readers have of their own, in WHERE clauses: all of it shows what it is given.
my $leaks = q{
CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$BEGIN RAISE NOTICE 'leak %', $1; RETURN true; END$$;
CREATE FUNCTION leak_text(text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$BEGIN RAISE NOTICE 'leak %', $1; RETURN $1; END$$;
CREATE FUNCTION leak_rows(text) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE COST 0.0000001 ROWS 1 AS $$BEGIN RAISE NOTICE 'leak %', $1; RETURN NEXT $1; END$$;
CREATE FUNCTION leak_state(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'leak %', $2; RETURN $2; END$$;
CREATE FUNCTION leak_equal(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$BEGIN RAISE NOTICE 'leak % and %', $1, $2; RETURN $1 = $2; END$$;
CREATE FUNCTION leak_less(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$BEGIN RAISE NOTICE 'leak % and %', $1, $2; RETURN $1 < $2; END$$;
CREATE FUNCTION leak_raise(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0000001 AS $$BEGIN RAISE EXCEPTION 'leak' USING DETAIL = $1, HINT = $1; END$$;
CREATE AGGREGATE leak_all (text) (SFUNC = leak_state, STYPE = text);
CREATE OPERATOR === (PROCEDURE = leak_equal, LEFTARG = text, RIGHTARG = text, RESTRICT = eqsel, JOIN = eqjoinsel, COMMUTATOR = ===, HASHES, MERGES);
CREATE OPERATOR <<< (PROCEDURE = leak_less, LEFTARG = text, RIGHTARG = text, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR ~== (PROCEDURE = leak_equal, LEFTARG = text, RIGHTARG = text, RESTRICT = matchingsel, JOIN = matchingjoinsel);
GRANT CREATE ON SCHEMA public TO PUBLIC;
};

sub sql_of_reader
{
	my ($name) = @_;
	my ($role, $user, $org) = @{ $reader{$name} }{qw(role user org)};
	return "CREATE ROLE $role LOGIN;\n"
	  . ($user eq '' ? '' : "ALTER ROLE $role SET skills.user_id = '$user';\n")
	  . ($org eq '' ? '' : "ALTER ROLE $role SET skills.org_id = '$org';\n")
	  . ($name eq 'outsider' ? '' : "SELECT skills.grant_usage('$role');\n");
}

$node->safe_psql('postgres', "CREATE EXTENSION skills; CREATE ROLE app LOGIN; SELECT skills.grant_usage('app', true);$leaks"
	  . join '', map { sql_of_reader($_) } sort keys %reader);
$node->safe_psql('postgres', join '', map { sql_of($_) } @skills);
$node->safe_psql('postgres', sql_of_the_past());
$node->safe_psql('postgres', 'ANALYZE ' . join ', ', map { "skills.$_" } @tables);

# Asking, and looking through the answers

# Runs each [reader, SQL] in one session of the role: what a client gets for each, in order.
sub answers
{
	my ($role, @questions) = @_;
	my ($out, $err) = run_psql($node->connstr('postgres') . " user=$role",
		"\\t off\n" . (join '', map { "\\echo \@\@ $_\n\\warn \@\@ $_\n$questions[$_][1];\n" } 0 .. $#questions),
		'VERBOSITY=verbose', 'SHOW_CONTEXT=always');
	my @answers = ('') x @questions;
	for my $stream ($out, $err)
	{
		my (undef, @parts) = split /^@@ (\d+)\n/m, $stream, -1;
		$answers[ shift @parts ] .= shift @parts while @parts;
	}
	return @answers;
}

my %allowed = map { $_ => allowed($reader{$_}, $_ eq 'outsider' ? () : @skills) } keys %reader;
my ($questions, $shown, @leaks) = (0, 0);

# The canaries in a text that the reader may not see, and did not write itself.
sub forbidden
{
	my ($reader, $text, $sent) = @_;
	my ($found, $known) = (found($text), found($sent));
	$shown += grep { $allowed{$reader}{$_} } keys %$found;
	return grep { !$allowed{$reader}{$_} && !$known->{$_} } sort { $a <=> $b } keys %$found;
}

sub note_leaks
{
	my ($what, $reader, $sent, $text) = @_;
	my @forbidden = forbidden($reader, $text, $sent) or return;
	push @leaks, "$what: $reader was shown " . join(', ', map { meaning($_) } @forbidden) . "\n  by: " . substr($sent, 0, 600)
	  . "\n  got: " . substr($text, 0, 1500);
	return;
}

sub ask
{
	my ($what, $role, @questions) = @_;
	my @answers = answers($role, @questions);
	note_leaks($what, @{ $questions[$_] }, $answers[$_]) for 0 .. $#questions;
	$questions += @questions;
	return @answers;
}

# That nothing leaked since the last time, and something was asked, and of what may be shown so many were.
sub no_leak
{
	my ($name, $least) = @_;
	ok(!@leaks && $questions && $shown >= ($least // 100), "$name: $questions statements, $shown times what may be shown, and nothing that may not")
	  or diag(scalar(@leaks) . " leaks\n", map { "$_\n" } @leaks[ 0 .. ($#leaks < 9 ? $#leaks : 9) ]);
	($questions, $shown, @leaks) = (0, 0);
	return;
}

# The statement before is undone, and this one run, with the constraints that it defers, in one message: a statement is then one round trip, and the
# log says by what a constraint was met.
sub undone
{
	my ($sql) = @_;
	return "ROLLBACK\\;\nBEGIN\\;\n$sql" . ($sql =~ /^(SELECT|TABLE|EXPLAIN|COPY)/ ? '' : "\\;\nSET CONSTRAINTS ALL IMMEDIATE");
}

sub ask_as
{
	my ($what, $reader, @statements) = @_;
	return ask($what, $reader{$reader}{role}, map { [ $reader, $_ ] } @statements);
}

# What there is to ask

# Those that the reader may not see, and one that it may; all in the long form.
sub targets
{
	my ($reader) = @_;
	my @hidden = grep { !may_see($reader{$reader}, $_) } @skills;
	my @visible = grep { may_see($reader{$reader}, $_) } @skills;
	return $long ? @skills : (@hidden[ 0, -1 ], @visible[ 0 .. ($#visible < 0 ? -1 : 0) ]);
}

# What an argument of that name says to mean the skill, or to fit; else any value of its type.
sub value_of
{
	my ($function, $argument, $type, $skill) = @_;
	my ($name, $skill_id, $version) = (@$skill{qw(name id)}, $skill->{versions}[-1]);
	my $markdown = "---\nname: $name\ndescription: d\n---\nb";
	my %value = (
		skill_id => literal($skill_id), name => literal($name), user_id => literal($skill->{author}), org_id => literal($skill->{org}),
		path => literal($version->{path}), reference => literal("/$name"), message => literal("/$name /$skill_id /$skill_id\@v1"),
		available => literal(qq([{"skill_id": "$skill_id"}])), refs => "ARRAY['/$name', '/$skill_id']", after => literal("$name:$skill_id"),
		markdown => literal($markdown), archive => sprintf("skills.write_archive('', 'tar', '{%d f SKILL.md}', %s)", length $markdown, literal($markdown)),
		put_tags => "'{$skill->{tag}}'", accessibility => "'org'", format => $function =~ /export|archive/ ? "'tar'" : "'anthropic'",
		on_problem => "'list'", scope => "'org'", frozen => 'NULL', number => "'1'", seed => literal($name), role => "'reader_carol'",
		may_set_identity => 'true', version => $version->{number});
	my %any = (text => "'x'", integer => 1, boolean => 'true', jsonb => "'{}'", bytea => "'x'", 'text[]' => "'{}'");
	return $value{$argument} // $any{$type} // 'NULL';
}

my @functions = map { [ split /\|/ ] } split /\n/, $node->safe_psql('postgres', q{
	SELECT proname, prorettype = 'trigger'::regtype, pronargs - pronargdefaults, pg_get_function_identity_arguments(oid) FROM pg_proc
	WHERE pronamespace = 'skills'::regnamespace ORDER BY 1});

# Every function of the schema with what it needs, and with all that it takes.
sub calls_with
{
	my ($skill) = @_;
	my @calls;
	for (@functions)
	{
		my ($function, $is_trigger, $needed, $arguments) = @$_;
		my @given = map { my ($name, $type) = split / /, $_, 2; "$name => " . value_of($function, $name, $type, $skill) } split /, /, $arguments // '';
		push @calls, map { ($is_trigger eq 't' ? 'SELECT' : 'SELECT * FROM') . " skills.$function(" . join(', ', @given[ 0 .. $_ - 1 ]) . ')' }
		  $needed == @given ? ($needed) : ($needed, scalar @given);
	}
	return @calls;
}

my %columns;
push @{ $columns{ $_->[0] } }, $_->[1] for map { [ split /\|/ ] } split /\n/, $node->safe_psql('postgres', q{
	SELECT relname, attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
	WHERE relnamespace = 'skills'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped ORDER BY 1, attnum});

# Reading a table or view as it is.
sub readings
{
	my ($relation) = @_;
	my $of = "skills.$relation";
	my @columns = map { "max(t.$_\::text), string_agg(t.$_\::text, ','), array_agg(DISTINCT t.$_)" } @{ $columns{$relation} };
	return (
		"SELECT * FROM $of", "TABLE $of", "SELECT t FROM $of AS t", "SELECT t.*::text, row_to_json(t), to_jsonb(t), hash_record(t) IS NULL FROM $of AS t",
		"SELECT count(*), " . join(', ', @columns) . " FROM $of AS t", "SELECT json_agg(t), xmlforest(max(t::text) AS row) FROM $of AS t",
		"COPY (SELECT * FROM $of) TO STDOUT", "COPY $of TO STDOUT", "COPY $of TO STDOUT (FORMAT csv, FORCE_QUOTE *)",
		"SELECT query_to_xml('TABLE $of', true, false, ''), table_to_xml('$of', true, true, '')", "SELECT * FROM $of ORDER BY 2 LIMIT 3 OFFSET 1",
		"SELECT a.*, b.* FROM $of AS a FULL JOIN $of AS b ON a.skill_id = b.skill_id AND a.org_id = b.org_id", "SELECT * FROM $of WHERE skill_id > '' OR org_id > ''");
}

sub readings_of_table
{
	my ($table) = @_;
	my $of = "skills.$table";
	return (
		"SELECT ctid, tableoid::regclass, xmin, xmax, cmin, cmax, * FROM $of", "SELECT * FROM ONLY $of",
		"SELECT * FROM $of TABLESAMPLE SYSTEM (100)", "SELECT * FROM $of WHERE ctid >= '(0,0)'",
		"SELECT * FROM $of WHERE ctid = ANY (ARRAY(SELECT format('(%s,%s)', b, i)::tid FROM generate_series(0, 2) AS b, generate_series(1, 40) AS i))",
		(map { "SELECT * FROM $of FOR $_" } 'UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE', 'UPDATE SKIP LOCKED'),
		"UPDATE $of SET skill_id = skill_id RETURNING *, ctid, xmax", "DELETE FROM $of RETURNING *",
		"WITH gone AS (DELETE FROM $of RETURNING *) SELECT t FROM gone AS t", "TRUNCATE $of", "LOCK TABLE $of NOWAIT",
		"MERGE INTO $of AS t USING (VALUES (1)) AS s (i) ON true WHEN MATCHED THEN DELETE",
		"SELECT currtid2('$of', '(0,1)')", "ANALYZE VERBOSE $of", "VACUUM VERBOSE $of", "CLUSTER $of", "REINDEX TABLE $of");
}

# Reading with what shows the value wherever an expression may stand. C stands for the value, T for the table.
my @leaky_reads = (
	'SELECT count(*) FROM T WHERE leak(C)', 'SELECT count(*) FROM T WHERE NOT leak(C) OR leak(C)', "SELECT count(*) FROM T WHERE C === 'x'",
	"SELECT count(*) FROM T WHERE C <<< 'x'", "SELECT count(*) FROM T WHERE C ~== 'x'", 'SELECT count(*) FROM T WHERE leak_raise(C)',
	'SELECT count(*) FROM T WHERE (C)::int > 0', "SELECT count(*) FROM T WHERE (C)::json IS NULL", "SELECT count(*) FROM T WHERE (C)::regclass IS NULL",
	'SELECT count(*) FROM T WHERE 1 / (length(C) - length(C)) = 1', 'SELECT count(*) FROM T WHERE CASE WHEN leak(C) THEN leak(C) END',
	'SELECT 1 FROM T ORDER BY leak_text(C) LIMIT 1 OFFSET 0', 'SELECT count(*) FROM T GROUP BY leak_text(C) HAVING leak(max(C))',
	'SELECT DISTINCT ON (leak_text(C)) 1 FROM T', 'SELECT row_number() OVER (PARTITION BY leak_text(C) ORDER BY leak_text(C)) FROM T',
	'SELECT leak_all(C) FROM T', 'SELECT count(*) FILTER (WHERE leak(C)) FROM T', "SELECT 1 FROM T JOIN (VALUES ('x')) AS v (x) ON leak(C)",
	"SELECT 1 FROM T JOIN (VALUES ('x')) AS v (x) ON C === v.x", "SELECT 1 FROM T LEFT JOIN (VALUES ('x')) AS v (x) ON leak(C)",
	"SELECT 1 FROM T WHERE EXISTS (SELECT FROM (VALUES (1)) AS v WHERE leak(C))", "SELECT 1 WHERE 'x' IN (SELECT leak_text(C) FROM T)",
	'SELECT count(*) FROM T, LATERAL leak_rows(C)', 'WITH q AS NOT MATERIALIZED (SELECT C AS c FROM T) SELECT count(*) FROM q WHERE leak(c)',
	'SELECT count(*) FROM (SELECT C AS c FROM T OFFSET 0) AS q WHERE leak(c)', "SELECT count(*) FROM T WHERE t.org_id = H.org AND leak(C)",
	"SELECT count(*) FROM T WHERE t.skill_id = H.id AND leak(C)", "SELECT count(*) FROM T WHERE t.skill_id >= H.id AND leak(C) LIMIT 1",
	"SELECT count(*) FROM T AS t JOIN skills.skill AS s ON s.skill_id = t.skill_id AND leak(s::text || C)", 'COPY (SELECT 1 FROM T WHERE leak(C)) TO STDOUT',
	"DECLARE c SCROLL CURSOR FOR SELECT C FROM T WHERE leak(C);\nFETCH ALL FROM c;\nMOVE BACKWARD ALL FROM c;\nFETCH 1 FROM c");
my @leaky_writes = (
	'SELECT 1 FROM T WHERE leak(C) FOR UPDATE', 'UPDATE T SET skill_id = t.skill_id WHERE leak(C) RETURNING leak_text(C)',
	'DELETE FROM T WHERE leak(C) RETURNING leak_text(C)', "UPDATE T SET skill_id = t.skill_id FROM skills.skill AS s WHERE leak(s::text || C) RETURNING *",
	"MERGE INTO T USING (VALUES ('x')) AS s (x) ON leak(C) WHEN MATCHED AND leak(C) THEN DELETE",
	"WITH w AS (UPDATE T SET skill_id = t.skill_id WHERE leak(C) RETURNING C AS c) SELECT leak_text(c) FROM w",
	"DECLARE c CURSOR FOR SELECT * FROM T WHERE leak(C) FOR UPDATE;\nFETCH c;\nDELETE FROM T WHERE CURRENT OF c",
	"SELECT count(*) FROM T WHERE t.ctid = ANY ('{\"(0,1)\",\"(0,2)\",\"(0,3)\",\"(0,4)\",\"(0,5)\",\"(0,6)\",\"(0,7)\"}'::tid[]) AND leak(C)",
	"SELECT count(*) FROM T TABLESAMPLE BERNOULLI (100) WHERE leak(C)");

sub filled_in
{
	my ($form, $relation, $value, $hidden) = @_;
	return $form =~ s/\bT( AS t)?\b/skills.$relation AS t/gr =~ s/\bC\b/$value/gr
	  =~ s/\bH\.(\w+)/literal($hidden->{$1})/ger;
}

# Of the whole row, and of one column or of all.
sub leaky_statements
{
	my ($relation, $hidden, $all_columns, @forms) = @_;
	my %short = (skill => 'name', skill_version => 'body', skill_file => 'path', skill_subscription => 'user_id', skill_summary => 'latest_body');
	my @values = ('t::text', map { "t.$_\::text" } $all_columns ? @{ $columns{$relation} } : ($short{$relation}));
	return map { my $value = $_; map { filled_in($_, $relation, $value, $hidden) } @forms } @values;
}

# The keys of what is hidden, written: what a conflict or a violation says.
sub key_probes
{
	my ($skill) = @_;
	my ($of, $name, $org, $author) = map { literal($_) } @$skill{qw(id name org author)};
	my ($version, $path) = ($skill->{versions}[0]{number}, literal($skill->{versions}[0]{path}));
	my %rows = (
		skill => [ "(skill_id, name) VALUES ($of, 'n')", "(name) VALUES ($name)", "(name, accessibility) VALUES ($name, 'org')",
			"(org_id, skill_id, name, created_by) VALUES ($org, $of, $name, $author)", "(skill_id, name, tags) VALUES ($of, NULL, NULL)",
			"(skill_id, name, accessibility) VALUES ($of, $name, 'x')" ],
		skill_version => [ "(skill_id, description, body) VALUES ($of, 'd', 'b')", "(org_id, skill_id, version, description, body) VALUES ($org, $of, $version, 'd', 'b')",
			"(skill_id, description, body, created_by, author) VALUES ($of, NULL, NULL, $author, $author)", "(skill_id, description, body, frontmatter) VALUES ($of, '', '', '[]')" ],
		skill_file => [ "(skill_id, version, path, content) VALUES ($of, $version, $path, 'x')", "(skill_id, version, path, content) VALUES ($of, $version, upper($path), 'x')",
			"(org_id, skill_id, version, path, content) VALUES ($org, $of, 99, NULL, NULL)", "(org_id, skill_id, version, path, content) VALUES ($org, $of, $version, $path || '/x', '')" ],
		skill_subscription => [ "(skill_id) VALUES ($of)", "(skill_id, ai_version) VALUES ($of, 1)", "(skill_id, ai_version) VALUES ($of, 99)",
			"(org_id, user_id, skill_id, ai_version) VALUES ($org, $author, $of, 99)" ]);
	return map { my $table = $_; map { key_probes_of_row($table, $_, $of) } @{ $rows{$table} } } @tables;
}

sub key_probes_of_row
{
	my ($table, $row, $of) = @_;
	my $key = join ', ', @{ $table_key{$table} };
	my $insert = "INSERT INTO skills.$table AS t $row";
	return (
		"$insert RETURNING *", "$insert ON CONFLICT DO NOTHING RETURNING *",
		"$insert ON CONFLICT ($key) DO UPDATE SET skill_id = excluded.skill_id WHERE leak(t::text) RETURNING t, leak_text(t::text)",
		"WITH w AS ($insert ON CONFLICT ($key) DO UPDATE SET org_id = t.org_id RETURNING *) SELECT leak_text(w::text) FROM w",
		"UPDATE skills.$table SET ($row) WHERE skill_id = $of" =~ s/SET \(\((.*?)\) VALUES \((.*)\)\)/SET ($1) = ROW ($2)/r . ' RETURNING *',
		"MERGE INTO skills.$table AS t USING (VALUES ($of)) AS s (id) ON t.skill_id = s.id AND leak(t::text) WHEN MATCHED THEN UPDATE SET skill_id = s.id"
		  . ($row =~ /^\((.*?)\) VALUES \((.*)\)$/ ? " WHEN NOT MATCHED THEN INSERT ($1) VALUES ($2)" : ''));
}

# What an ordinary role may try against row security itself. V stands for the table of bodies, H for what is hidden, DBA for a superuser.
my $superuser = $node->safe_psql('postgres', 'SELECT quote_ident(current_user)');
my @attempts = (
	(map { "SET row_security = off;\nTABLE skills.$_" } @tables), "SET row_security = off;\nSELECT * FROM skills.list_skills()",
	"SET row_security = off;\nSELECT * FROM skills.ai_registry()", "SET row_security = off;\nCOPY V TO STDOUT",
	(map { "$_;\nTABLE V" } 'SET ROLE DBA', 'SET ROLE app', 'SET SESSION AUTHORIZATION DBA', 'ALTER TABLE V DISABLE ROW LEVEL SECURITY',
		'ALTER TABLE V NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE V OWNER TO CURRENT_USER', 'CREATE POLICY mine ON V USING (true)', 'DROP POLICY visible ON V',
		'ALTER POLICY visible ON V USING (true)', 'ALTER ROLE CURRENT_USER BYPASSRLS', 'SET session_replication_role = replica', 'GRANT DBA TO CURRENT_USER',
		'SET skills.user_id = H.author', 'SET LOCAL skills.org_id = H.org', "SELECT set_config('skills.user_id', H.author, false)",
		'ALTER ROLE CURRENT_USER SET skills.user_id = H.author', 'ALTER FUNCTION leak(text) LEAKPROOF', 'ALTER FUNCTION skills.can_see(text, text) RENAME TO could_see',
		'ALTER VIEW skills.skill_summary SET (security_invoker = false)', 'ALTER EXTENSION skills DROP TABLE V', 'DROP EXTENSION skills'),
	'CREATE TRIGGER mine BEFORE UPDATE ON V FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE INDEX ON V (leak_text(body))',
	'CREATE RULE mine AS ON UPDATE TO V DO ALSO SELECT leak(OLD.body)', 'CREATE STATISTICS mine ON (leak_text(body)), version FROM V', 'CREATE TABLE mine () INHERITS (V)',
	'CREATE TABLE mine (o text, s text, FOREIGN KEY (o, s) REFERENCES skills.skill)', "CREATE FUNCTION mine(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true'",
	"CREATE OR REPLACE FUNCTION skills.can_see(author text, accessibility text) RETURNS boolean LANGUAGE sql RETURN true",
	(map { "CREATE VIEW mine $_ AS TABLE V;\nTABLE mine;\nSELECT count(*) FROM mine WHERE leak(body);\nDELETE FROM mine WHERE leak(body)" } '', 'WITH (security_invoker)',
		'WITH (security_barrier)'),
	"CREATE MATERIALIZED VIEW mine AS TABLE V;\nTABLE mine", "CREATE TABLE mine AS TABLE V;\nTABLE mine", "SELECT * INTO mine FROM V;\nTABLE mine",
	"CREATE FUNCTION mine() RETURNS SETOF V LANGUAGE sql SECURITY DEFINER AS 'TABLE V';\nSELECT * FROM mine()",
	"CREATE FUNCTION mine() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT body FROM V WHERE leak(body)';\nSELECT * FROM mine()",
	# What it means to be equal, and who is asking, of one's own.
	"CREATE FUNCTION yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';\nCREATE OPERATOR public.= (FUNCTION = yes, LEFTARG = text, RIGHTARG = text);\n"
	  . "CREATE OPERATOR public.<> (FUNCTION = yes, LEFTARG = text, RIGHTARG = text);\nSET LOCAL search_path = public, pg_catalog;\nTABLE V;\nSELECT * FROM skills.skill_summary;\n"
	  . 'SELECT * FROM skills.list_skills();SELECT * FROM skills.ai_registry(); SELECT skills.subscribe(H.id)',
	"CREATE FUNCTION pg_temp.current_user_id() RETURNS text LANGUAGE sql AS 'SELECT H.author';\nSET LOCAL search_path = pg_temp, skills;\nTABLE V;\nSELECT * FROM list_skills()" =~ s/'SELECT H.author'/\$\$SELECT H.author\$\$/r,
	"CREATE TEMP TABLE skill_version AS SELECT 'x' AS body;\nSET LOCAL search_path = pg_temp, skills;\nSELECT * FROM get_version(H.id)",
	"COPY V TO '/dev/stdout'", "COPY V TO PROGRAM 'cat'", "SELECT pg_read_binary_file(pg_relation_filepath('V'))", "SELECT lo_import('/etc/passwd')",
	"SELECT lo_get(lo_from_bytea(0, body::bytea)) FROM V", "SELECT loid, data FROM pg_largeobject", 'CREATE EXTENSION pageinspect', "LOAD 'auto_explain'",
	"SELECT * FROM pg_get_wal_records_info('0/0', '0/1')", "SELECT pg_logical_slot_get_changes('x', NULL, NULL)", 'CREATE PUBLICATION mine FOR TABLE V',
	"DO \$\$DECLARE r record; BEGIN FOR r IN TABLE V LOOP RAISE NOTICE '%', r; PERFORM r.body::int; END LOOP; EXCEPTION WHEN OTHERS THEN RAISE WARNING '%', SQLERRM; END\$\$",
	"SAVEPOINT s;\nSELECT body::int FROM V;\nROLLBACK TO s;\nTABLE V;\nSAVEPOINT s;\nSELECT skills.get_skill(H.id);\nROLLBACK TO s;\nTABLE V",
	"LISTEN mine;\nNOTIFY mine, 'x';\nSELECT pg_notify('mine', body) FROM V", "SELECT ts_stat('SELECT to_tsvector(body) FROM V')", "SELECT cursor_to_xml('c', 9, true, true, '')",
	"COPY skills.skill (skill_id, name) FROM STDIN;\nN\tM\n\\.\n", "COPY V (skill_id, version, description, body) FROM STDIN;\nN\t1\td\tb\n\\.\n",
	"CREATE TABLE mine (t text);\nINSERT INTO mine SELECT body FROM V;\nUPDATE mine SET t = v.body FROM V AS v WHERE leak(v.body) RETURNING v.*",
	# As much as a client can be told.
	(map { "SET LOCAL client_min_messages = debug5;\nSET LOCAL debug_print_parse = on;\nSET LOCAL debug_print_rewritten = on;\nSET LOCAL debug_print_plan = on;\nSELECT * FROM skills.$_" }
		'subscribe(H.id)', "create_version(H.id, 'd', 'b')", "update_skill(H.id, accessibility => 'private')", 'delete_version(H.id, 1)', "put_file(H.id, 1, 'a', 'x')", 'ai_registry()'));

sub attempts_at
{
	my ($hidden) = @_;
	return map { s/\bV\b/skills.skill_version/gr =~ s/\bDBA\b/$superuser/gr =~ s/\bH\.(\w+)/literal($hidden->{$1})/ger =~ s/^N\t/$hidden->{id}\t/mr =~ s/\tM$/\t$hidden->{name}/mr } @attempts;
}

# What PostgreSQL tells of others' rows and sessions. Whose identity the DBA gave to which role it tells everybody: not looked at.
sub catalogs
{
	my $some = $long ? '' : q{AND relname ~ 'stat|locks|cursors|prepared|settings|largeobject|policies|seclabel|shmem|replication'};
	return map { "SELECT * FROM $_" } split /\n/, $node->safe_psql('postgres', qq{
		SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
			AND relname NOT IN ('pg_db_role_setting', 'pg_roles', 'pg_user', 'pg_shadow') $some ORDER BY 1});
}

# Ways of planning and running

my @settings = $long ? map { [ split /; / ] } (
	'SET enable_seqscan = off', 'SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off', 'SET enable_hashjoin = off; SET enable_mergejoin = off',
	'SET enable_nestloop = off; SET enable_hashagg = off', 'SET enable_sort = off; SET enable_tidscan = off; SET enable_material = off') : ();
push @settings, [ 'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0', 'SET min_parallel_index_scan_size = 0',
	'SET max_parallel_workers_per_gather = 2', 'SET parallel_leader_participation = off', $long ? "SET $parallel_mode = on" : "SET $parallel_mode = regress" ];
push @settings, [ "SET $parallel_mode = regress" ], [ 'SET enable_seqscan = off', "SET $parallel_mode = on" ] if $long;
push @settings, [ 'SET jit_above_cost = 0' ] if $long && $has_jit;

# Everything, once, as one reader.
sub ask_everything
{
	my ($reader) = @_;
	my @targets = targets($reader);
	my %seen;
	ask_as('functions', $reader, map { undone($_) } grep { !$seen{$_}++ } map { calls_with($_) } @targets);
	ask_as('tables and views', $reader, map { undone($_) } (map { readings($_) } @tables, 'skill_summary'), map { readings_of_table($_) } @tables);
	ask_as('leaky functions', $reader, map { undone($_) } map { leaky_statements($_, $targets[0], $long, @leaky_reads, $_ eq 'skill_summary' ? () : @leaky_writes) } @tables, 'skill_summary');
	ask_as('keys', $reader, map { undone($_) } map { key_probes($_) } $long ? @targets : $targets[0]);
	ask_as('attempts', $reader, map { undone($_) } map { attempts_at($_) } $long ? @targets : $targets[0]);
	ask_as('catalogs', $reader, catalogs());
	return;
}

sub ask_for_plans
{
	my ($reader) = @_;
	my ($hidden) = targets($reader);
	for my $options ('ANALYZE, VERBOSE, BUFFERS', $long ? 'ANALYZE, VERBOSE, FORMAT json' : 'VERBOSE, FORMAT json')
	{
		ask_as("EXPLAIN ($options)", $reader, map { undone("EXPLAIN ($options) $_") } grep { !/^(COPY|DECLARE)/ }
			  (map { filled_in($_, $long ? 'skill_summary' : 'skill_version', 't::text', $hidden) } @leaky_reads),
			(map { filled_in($_, 'skill_version', 't.body', $hidden) } @leaky_reads, @leaky_writes), $long ? key_probes($hidden) : (), calls_with($hidden));
	}
	return;
}

# Workers and compilers take their time to start: for those, what shows the value in one place of each kind.
sub ask_planned
{
	my ($reader, @set) = @_;
	my ($hidden) = targets($reader);
	my @leaky = map { leaky_statements($_, $hidden, 0, @leaky_reads, $_ eq 'skill_summary' ? () : @leaky_writes) } @tables, 'skill_summary';
	@leaky = grep { /WHERE leak|===|SELECT leak/ } @leaky if "@set" =~ /parallel|jit/;
	ask_as(join('; ', @set), $reader, @set, map { undone($_) } (map { readings($_) } @tables, 'skill_summary'), @leaky);
	return;
}

# A session that stays.

sub open_session
{
	my ($role) = @_;
	my %session = (in => '', out => '', timer => IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$session{psql} = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') . " user=$role" ],
		'<', \$session{in}, '>', \$session{out}, '2>', \$session{out}, $session{timer});
	return \%session;
}

# Returns when the statements have run.
sub run_in
{
	my ($session, $statements) = @_;
	$session->{timer}->start;
	$session->{out} = '';
	$session->{in} .= "$statements;\n\\echo done\n";
	$session->{psql}->pump until $session->{out} =~ /^done$/m;
	$session->{timer}->reset;
	return;
}

sub close_session
{
	my ($session) = @_;
	$session->{psql}->finish;
	return;
}

# Sessions whose identity changes

my @identities = qw(alice bob mallory carol namesake half_user nobody);

sub become
{
	my ($reader, $scope) = @_;
	return join '', map { "SET $scope skills.$_->[0] = " . literal($_->[1]) . ";\n" } [ 'user_id', $reader{$reader}{user} ], [ 'org_id', $reader{$reader}{org} ];
}

sub with_a_savepoint
{
	my ($reader, $statements) = @_;
	return "BEGIN;\n" . become($reader, 'LOCAL') . "SAVEPOINT s;\nSET LOCAL skills.user_id = '$id->{zoe}';\nSELECT 1 / 0;\nROLLBACK TO s;\n"
	  . "$statements;\nCOMMIT;\nTABLE skills.skill";
}

# The same prepared statements and functions, for one identity after the other.
sub ask_prepared
{
	my ($mode) = @_;
	my @hidden = map { $_->{id} } grep { $_->{accessibility} eq 'private' } @skills;
	my $ids = literal('{' . join(',', @hidden) . '}');
	my @prepared = map { ("PREPARE all_$_ AS SELECT * FROM skills.$_", "PREPARE one_$_(text) AS SELECT * FROM skills.$_ WHERE skill_id = \$1") } sort keys %columns;
	my @made = (
		"CREATE FUNCTION pg_temp.of_sql(text) RETURNS SETOF skills.skill_version LANGUAGE sql AS 'SELECT * FROM skills.skill_version WHERE skill_id = \$1'",
		"CREATE FUNCTION pg_temp.of_plpgsql(text) RETURNS SETOF skills.skill_version LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT * FROM skills.skill_version WHERE skill_id = \$1; END'",
		"CREATE FUNCTION pg_temp.in_words(text) RETURNS text LANGUAGE plpgsql AS 'DECLARE s skills.skill; BEGIN s := skills.get_skill(\$1); RETURN s::text; EXCEPTION WHEN OTHERS THEN RETURN SQLERRM; END'");
	my @executed = map { my $relation = $_; ("EXECUTE all_$relation", map { "EXECUTE one_$relation('$_')" } @hidden[ 0, -1 ]) } sort keys %columns;
	my $each = join ";\n", @executed,
	  (map { "SELECT pg_temp.$_(i) FROM unnest(${ids}::text[]) AS i" } qw(of_sql of_plpgsql in_words)),
	  'SELECT * FROM skills.ai_registry()', 'SELECT * FROM skills.explain_registry()', 'SELECT * FROM skills.list_skills()', 'SELECT * FROM skills.list_known_tags()',
	  'SELECT tool::text FROM skills.load_skill_tool()', 'SELECT skills.freeze_registry()', (map { "SELECT * FROM skills.load_skill('$_->{name}')" } @skills);
	my @turns = (@identities) x ($long ? 8 : 2);
	ask("plan_cache_mode = $mode", 'app', (map { [ 'nobody', $_ ] } "SET plan_cache_mode = $mode", @prepared, @made),
		(map { [ $_, become($_, 'SESSION') . $each ] } @turns),
		# Six times as one, and then as another: from the sixth on a plan may be generic.
		[ 'alice', become('alice', 'SESSION') . join ";\n", ($each) x 6 ], [ 'bob', become('bob', 'SESSION') . $each ], [ 'nobody', become('nobody', 'SESSION') . $each ],
		# What was set in a savepoint goes with it.
		map { [ $_, with_a_savepoint($_, $each) ] } @identities);
	return;
}

# A cursor gives what either who opened it or who fetches may see, whatever way it is read. One exception, of who may be anybody: a scan
# that began in one org stays there, and asks of each private row whether its author has the id that the user has by then.
sub allowed_of_cursor
{
	my ($open, $fetch) = @_;
	my $between = { user => $reader{$fetch}{user}, org => $reader{$open}{org} };
	return { map { %$_ } @allowed{ $open, $fetch }, allowed($between, @skills) };
}

sub ask_cursors
{
	for my $open (@identities)
	{
		my @questions;
		for my $fetch (grep { $_ ne $open } @identities)
		{
			$allowed{"$open, then $fetch"} = allowed_of_cursor($open, $fetch);
			for my $table ($long ? sort keys %columns : qw(skill_version skill_summary))
			{
				push @questions, map { [ "$open, then $fetch", "BEGIN;\n$_->[0]" . become($open, 'LOCAL') . "DECLARE c $_->[1] CURSOR FOR SELECT * FROM skills.$table;\n$_->[2];\n"
						  . become($fetch, 'LOCAL') . "FETCH ALL FROM c;\nMOVE ABSOLUTE 0 FROM c;\nFETCH ALL FROM c;\nROLLBACK" ] }
				  [ '', 'SCROLL', 'FETCH 1 FROM c' ], [ '', 'SCROLL', 'SELECT 1' ], [ "SET LOCAL enable_seqscan = off;\n", 'NO SCROLL', 'FETCH 1 FROM c' ];
				push @questions, [ "$open, then $fetch", "BEGIN;\n" . become($open, 'LOCAL') . "DECLARE h SCROLL CURSOR WITH HOLD FOR SELECT * FROM skills.$table;\nCOMMIT;\n"
					  . become($fetch, 'SESSION') . "FETCH ALL FROM h;\nFETCH ABSOLUTE 1 FROM h;\nCLOSE h;\n" . become('nobody', 'SESSION') ];
			}
		}
		ask('cursors', 'app', @questions);
	}
	return;
}

# Two sessions: alice edits and hides a skill while bob, who is subscribed to it, waits for its rows.

my @waiting = (
	'SELECT * FROM skills.skill_version WHERE skill_id = S FOR UPDATE', 'UPDATE skills.skill_version SET relevant_topics = relevant_topics WHERE skill_id = S RETURNING *',
	'SELECT * FROM skills.skill AS s JOIN skills.skill_version AS v USING (org_id, skill_id) WHERE s.skill_id = S FOR SHARE',
	"INSERT INTO skills.skill AS t (skill_id, name) VALUES (S, 'n') ON CONFLICT (org_id, skill_id) DO UPDATE SET tags = '{bob}' WHERE leak(t::text) RETURNING *",
	"SELECT * FROM skills.update_version(S, 1, 'of bob')", 'SELECT skills.lock_skill(S)', 'SELECT 1 FROM skills.skill_version AS t WHERE skill_id = S AND leak(t::text) FOR UPDATE',
	"UPDATE skills.skill SET tags = '{bob}' WHERE skill_id = S RETURNING *", 'DELETE FROM skills.skill_file WHERE skill_id = S RETURNING *',
	"SELECT * FROM skills.create_version(S, 'of bob', 'of bob')", "SELECT * FROM skills.put_file(S, 1, 'a', 'x')", 'SELECT * FROM skills.set_ai_version(S, 1)',
	"INSERT INTO skills.skill_file AS t (skill_id, version, path, content) VALUES (S, 1, 'a', 'x') ON CONFLICT (org_id, skill_id, version, path) DO UPDATE SET content = 'y' WHERE leak(t::text) RETURNING *",
	"MERGE INTO skills.skill_version AS t USING (VALUES (S)) AS s (id) ON t.skill_id = s.id AND leak(t::text) WHEN MATCHED THEN UPDATE SET description = leak_text(body)");

sub wait_for_lock
{
	my ($waiter) = @_;
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		$waiter->pump_nb;
		return 0 if !$waiter->pumpable;
		return 1 if $node->safe_psql('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'reader_bob' AND wait_event_type = 'Lock')}) eq 't';
		usleep(50_000);
	}
	return 0;
}

# Whether bob's statement waited for alice's session, and all that bob got when that had committed.
sub while_alice_commits
{
	my ($alice, $level, $statement) = @_;
	my ($out, $err) = ('', '');
	my $input = "\\set VERBOSITY verbose\nBEGIN ISOLATION LEVEL $level;\n$statement;\nROLLBACK;\n";
	my $bob = IPC::Run::start([ 'psql', '-XAq', '-d', $node->connstr('postgres') . ' user=reader_bob' ], '<', \$input, '>', \$out, '2>', \$err);
	my $waited = wait_for_lock($bob);
	run_in($alice, 'COMMIT');
	$bob->finish;
	close_session($alice);
	return ($waited, "$out$err");
}

sub race
{
	my ($number, $statement, $level) = @_;
	my $skill = literal(sprintf 'sk_0RACE%021d', $number);
	my %secret = map { $_ => canary("${_}_after_the_flip") } qw(name description body content);
	$node->safe_psql('postgres', "BEGIN;\n" . as(@$id{qw(alice acme)}) . "INSERT INTO skills.skill (skill_id, name, accessibility) VALUES ($skill, 'race-$number', 'org-editable');\n"
		  . "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($skill, 'd', 'b');\nSELECT skills.put_file($skill, 1, 'a', 'x');\n"
		  . as(@$id{qw(bob acme)}) . "SELECT skills.subscribe($skill);\nCOMMIT;");
	my $alice = open_session('reader_alice');
	run_in($alice, "BEGIN;
		UPDATE skills.skill SET accessibility = 'private', name = '$secret{name}' WHERE skill_id = $skill;
		UPDATE skills.skill_version SET description = '$secret{description}', body = '$secret{body}' WHERE skill_id = $skill;
		UPDATE skills.skill_file SET content = '$secret{content}' WHERE skill_id = $skill");
	my ($waited, $answer) = while_alice_commits($alice, $level, $statement =~ s/\bS\b/$skill/gr);
	$questions++;
	push @leaks, "bob did not wait for $statement: $answer" if !$waited;
	note_leaks("a flip meanwhile, $level", 'bob', $statement, $answer);
	return;
}

# What the server's log says of a reader's statements, beyond what the reader wrote.
sub look_through_log
{
	my ($from) = @_;
	my %name = map { $reader{$_}{role} => $_ } keys %reader;
	my $entries = 0;
	for my $entry (split /^(?=<\w*> (?!DETAIL|HINT|CONTEXT|QUERY|LOCATION|STATEMENT))/m, slurp_file($node->logfile, $from))
	{
		my ($role) = $entry =~ /^<(\w+)>/ or next;
		my ($said, $sent) = split /^<\w+> STATEMENT:/m, $entry;
		note_leaks('the log', $name{$role}, $sent // '', $said) if $name{$role};
		$entries++;
	}
	$questions += $entries;
	return;
}

# What PostgreSQL itself tells, and no extension can change: printed, so that it is known.
sub finding
{
	my ($what, $role, $sql) = @_;
	my ($status, $out) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ]);
	note("of PostgreSQL's own: $what: " . $out =~ tr/\n/ /r);
	return;
}

# Where a server shows a conflicting row to DO UPDATE before it asks row security, the guard refuses the ids of hidden skills. It
# cannot know one that a transaction is just about to make.
sub finding_of_unborn_id
{
	my ($skill, $secret) = (literal('sk_0RACE' . '0' x 21), canary('name_of_a_skill_that_was_not_yet_there'));
	my $alice = open_session('reader_alice');
	run_in($alice, "BEGIN;
		INSERT INTO skills.skill (skill_id, name) VALUES ($skill, '$secret');
		INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($skill, 'd', 'b')");
	my ($waited, $answer) = while_alice_commits($alice, 'READ COMMITTED', $waiting[3] =~ s/\bS\b/$skill/gr);
	ok($waited, 'an INSERT of an id that is about to be there waits');
	note("of PostgreSQL's own: to who knew its id before it was there, ON CONFLICT DO UPDATE shows a skill that another session then made: ",
		index($answer, $secret) < 0 ? 'no' : 'yes');
	return;
}

# The tests

# Each reader sees all that the rules show it, and nothing else: the canaries are there to be found.
for my $reader (@readers)
{
	my @relations = (@tables, 'skill_summary');
	my @answers = ask_as('all rows', $reader, map { "SELECT * FROM skills.$_" } @relations);
	my %expected = map { my $relation = $_; $relation => found(join ' ', map { shown_by($relation, $_, $reader{$reader}) } grep { may_see($reader{$reader}, $_) } @skills) } @relations;
	is_deeply({ map { $relations[$_] => found($answers[$_]) } 0 .. $#relations }, \%expected, "$reader sees what is for $reader");
}
no_leak('all rows');
cmp_ok(scalar keys %{ found($node->safe_psql('postgres', q{SELECT * FROM pg_stats WHERE schemaname = 'skills'})) }, '>', 50, 'statistics have the texts');

# Others are at work meanwhile, and what they say has texts, too.
my $busy = open_session('app');
run_in($busy, as(@$id{qw(zoe acme)}) =~ s/\)/, false)/r . "SELECT * FROM skills.skill_version WHERE body <> '" . canary('query of another session') . "'");

for my $reader (sort keys %reader)
{
	ask_everything($reader);
	ask_for_plans($reader) if $long || $reader =~ /^(carol|mallory)$/;
	ask_planned($reader, @$_) for $reader =~ ($long ? qr/^(bob|carol|namesake)$/ : qr/^(bob|namesake)$/) ? grep { "@$_" !~ /jit/ || $reader eq 'bob' } @settings : ();
	no_leak($reader, %{ $allowed{$reader} } > 2 ? 1000 : 0);
}
for my $skill_id ($skills[0]{id}, 'sk_7ZZZZZZZZZZZZZZZZZZZZZZZZZ')
{
	finding("the planner's estimate, by statistics of all rows, of a hidden id or of none", 'reader_carol',
		"EXPLAIN SELECT FROM skills.skill_version WHERE skill_id >= '$skill_id'");
}
finding('how many sessions of the same role show their statements', 'app',
	q{SELECT count(*) FILTER (WHERE query NOT LIKE '<%') || ' of ' || count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'});
finding('how many identities that ALTER ROLE gave are read in pg_roles', 'reader_nobody', q{SELECT count(*) FROM pg_roles WHERE rolconfig::text LIKE '%skills.user_id%'});
close_session($busy);

ask_prepared($_) for qw(auto force_generic_plan force_custom_plan);
no_leak('prepared statements');
ask_cursors();
no_leak('cursors');

for my $reader (qw(alice carol nobody))
{
	for my $options ([], ['--enable-row-security'], [ '--enable-row-security', '--inserts', '--data-only' ])
	{
		my @command = ('pg_dump', '-d', $node->connstr('postgres') . " user=$reader{$reader}{role}", '--table', 'skills.*', '--data-only', @$options);
		my ($out, $err) = ('', '');
		IPC::Run::run(\@command, '>', \$out, '2>', \$err);
		$questions++;
		note_leaks("pg_dump @$options", $reader, '', "$out$err");
	}
}
no_leak('pg_dump');

my $races = 0;
for my $level ('READ COMMITTED', $long ? ('REPEATABLE READ', 'SERIALIZABLE') : ())
{
	race(++$races, $_, $level) for $long ? @waiting : @waiting[ 0 .. 3 ];
}
no_leak('while a skill becomes private', 0);
finding_of_unborn_id();

look_through_log(0);
no_leak('the log', 0);
is_deeply([ slurp_file($node->logfile) =~ /ERROR:  syntax error.*\n.*/g ], [], 'what is asked is SQL');

# What would be shown is found: the rules, broken one at a time.
sub bites
{
	my ($name, $break, $mend, $statement) = @_;
	my $from = -s $node->logfile;
	$node->safe_psql('postgres', $break);
	ask_as($name, 'carol', map { undone($_) } ref $statement ? @$statement : $statement);
	look_through_log($from);
	ok(scalar @leaks, "found out: $name");
	($questions, $shown, @leaks) = (0, 0);
	$node->safe_psql('postgres', $mend);
	return;
}

for my $table (@tables)
{
	my ($rule) = $node->safe_psql('postgres', "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'skills.$table'::regclass");
	bites("a policy of $table that lets everything pass", "ALTER POLICY visible ON skills.$table USING (true)", "ALTER POLICY visible ON skills.$table USING ($rule)", "SELECT * FROM skills.$table");
	bites("a policy of $table without its org", "ALTER POLICY visible ON skills.$table USING (" . ($rule =~ s/\(org_id = skills\.current_org_id\(\)\)/true/r) . ')',
		"ALTER POLICY visible ON skills.$table USING ($rule)", "SELECT * FROM skills.$table") if $table ne 'skill_subscription';
}
bites("a reader's function that is trusted", 'ALTER FUNCTION leak(text) LEAKPROOF', 'ALTER FUNCTION leak(text) NOT LEAKPROOF', 'SELECT count(*) FROM skills.skill_version WHERE leak(body)');
my $no_such = $node->safe_psql('postgres', q{SELECT pg_get_functiondef('skills.no_such(text, integer)'::regprocedure)});
my $hidden = $skills[0]{id};
for my $say ("RAISE EXCEPTION 'none' USING DETAIL =", "RAISE NOTICE '%',", "RAISE LOG '%',")
{
	bites("a refusal that says a hidden name by $say", qq{CREATE OR REPLACE FUNCTION skills.no_such(skill_id text, version integer DEFAULT NULL) RETURNS boolean
		LANGUAGE plpgsql SECURITY DEFINER AS \$\$BEGIN $say (SELECT s.name FROM skills.skill AS s WHERE s.skill_id = no_such.skill_id); RETURN true; END\$\$},
		$no_such, "SELECT skills.get_skill('$hidden')");
}
ask_as('mended', 'carol', map { undone($_) } map { readings($_) } @tables);
no_leak('all mended');

$node->stop;
done_testing();
