"""The server as the tests see it: batches of statements by the simple protocol, errors with all their fields."""
import json

from psycopg import pq

FIELDS = {name: getattr(pq.DiagnosticField, name) for name in (
    "SEVERITY", "SQLSTATE", "MESSAGE_PRIMARY", "MESSAGE_DETAIL", "MESSAGE_HINT", "STATEMENT_POSITION",
    "INTERNAL_QUERY", "CONTEXT", "SCHEMA_NAME", "TABLE_NAME", "COLUMN_NAME", "DATATYPE_NAME", "CONSTRAINT_NAME")}


def quote(value):
    """The value as an SQL literal; a text of hex digits behind \\x is a bytea's."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(map(quote, value)) + "]::text[]"
    if isinstance(value, dict):
        return quote(json.dumps(value)) + "::jsonb"
    return "'" + value.replace("'", "''") + "'"


def fields(result):
    """An error or a notice, as the fields that a client can read."""
    found = {name: result.error_field(number) for name, number in FIELDS.items()}
    return {name: value.decode() for name, value in found.items() if value is not None}


class Answer:
    """Of one statement: its rows, or how many it wrote, or its error."""

    def __init__(self, result):
        self.error = fields(result) if result.status == pq.ExecStatus.FATAL_ERROR else None
        self.rows = None
        self.count = result.command_tuples
        if result.status == pq.ExecStatus.TUPLES_OK:
            self.rows = [tuple(cell and cell.decode() for cell in (result.get_value(row, column) for column in range(result.nfields)))
                         for row in range(result.ntuples)]

    @property
    def json(self):
        """The only column of its rows."""
        return [cell and json.loads(cell) for (cell,) in self.rows]

    @property
    def sqlstate(self):
        return self.error and self.error["SQLSTATE"]


class Server:
    def __init__(self, user, database):
        self.pgconn = pq.PGconn.connect(f"user={user} dbname={database}".encode())
        if self.pgconn.status != pq.ConnStatus.OK:
            raise RuntimeError(self.pgconn.error_message.decode())
        self.notices = []
        self.pgconn.notice_handler = lambda result: self.notices.append(fields(result))

    def batch(self, *statements):
        """Their answers, in one round trip; none follows an error."""
        self.pgconn.send_query("; ".join(statements).encode())
        answers = []
        while (result := self.pgconn.get_result()) is not None:
            answers.append(Answer(result))
        return answers

    def run(self, *statements):
        """The answer to the last one; an error ends the test."""
        last = self.batch(*statements)[-1]
        if last.error:
            raise RuntimeError(f"{last.error}\n" + ";\n".join(statements))
        return last


def make_database(name):
    """A database with the extension, an app's role, and what tells the outcome of a call that fails."""
    administrator = Server("postgres", "postgres")
    administrator.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    administrator.run(f"CREATE DATABASE {name}")
    owner = Server("postgres", name)
    owner.run("CREATE EXTENSION skills")
    if not owner.run("SELECT FROM pg_roles WHERE rolname = 'app'").rows:
        owner.run("CREATE ROLE app LOGIN")
    owner.run("SELECT skills.grant_usage('app', true)")
    owner.run("""CREATE FUNCTION public.outcome(query text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    given json;
BEGIN
    EXECUTE query INTO given;
    RETURN given;
EXCEPTION WHEN OTHERS THEN
    RETURN to_json(SQLSTATE);
END $$""")
    return owner


INVARIANTS = {
    "a skill has a version": "SELECT FROM skills.skill s WHERE NOT EXISTS (SELECT FROM skills.skill_version v"
    " WHERE (v.org_id, v.skill_id) = (s.org_id, s.skill_id))",
    "a pin names a version": "SELECT FROM skills.skill_subscription t WHERE ai_version IS NOT NULL AND NOT EXISTS"
    " (SELECT FROM skills.skill_version v WHERE (v.org_id, v.skill_id, v.version) = (t.org_id, t.skill_id, t.ai_version))",
    "a version, file or subscription has a skill": "SELECT FROM (SELECT org_id, skill_id FROM skills.skill_version UNION ALL"
    " SELECT org_id, skill_id FROM skills.skill_file UNION ALL SELECT org_id, skill_id FROM skills.skill_subscription) p"
    " WHERE NOT EXISTS (SELECT FROM skills.skill s WHERE (s.org_id, s.skill_id) = (p.org_id, p.skill_id))",
    "a file has a version": "SELECT FROM skills.skill_file f WHERE NOT EXISTS (SELECT FROM skills.skill_version v"
    " WHERE (v.org_id, v.skill_id, v.version) = (f.org_id, f.skill_id, f.version))",
    "a private skill has no foreign subscription": "SELECT FROM skills.skill_subscription t JOIN skills.skill s"
    " USING (org_id, skill_id) WHERE s.accessibility = 'private' AND t.user_id <> s.created_by",
    "versions and files say who sees them": "SELECT FROM (SELECT org_id, skill_id, author, accessibility FROM skills.skill_version"
    " UNION ALL SELECT org_id, skill_id, author, accessibility FROM skills.skill_file) p JOIN skills.skill s"
    " USING (org_id, skill_id) WHERE (p.author, p.accessibility) <> (s.created_by, s.accessibility)",
    "names are unique": "SELECT FROM skills.skill GROUP BY org_id, name, accessibility = 'private',"
    " CASE WHEN accessibility = 'private' THEN created_by END HAVING count(*) > 1",
    "size and digest are the content's": "SELECT FROM skills.skill_file WHERE size <> octet_length(content)"
    " OR sha256 <> encode(sha256(content), 'hex')",
    "files stand side by side": "SELECT FROM skills.skill_file f JOIN skills.skill_file g USING (org_id, skill_id, version)"
    " WHERE lower(g.path) LIKE lower(f.path) || '/%'",
}


def broken_invariants(owner):
    answers = owner.run("SELECT " + ", ".join(f"EXISTS ({query})" for query in INVARIANTS.values()))
    return [name for name, broken in zip(INVARIANTS, answers.rows[0]) if broken == "t"]
