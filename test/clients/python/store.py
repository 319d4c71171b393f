"""The database, as an app uses it, and one line a check for test/clients/run."""
import json
import traceback

import psycopg

FORMATS = ["anthropic", "openai", "openai-chat", "mcp"]
REFERENCES = ["/deploy", "/deploy@v1", "deploy@v2"]

connection = psycopg.connect(user="app", autocommit=True)


def value(user, statement, *values):
    """The one value that the statement gives to this user of the org acme."""
    with connection.transaction():
        connection.execute("SELECT skills.set_identity(%s, 'acme')", [user])
        return connection.execute(statement, values).fetchone()[0]


def tool_text(user, format):
    """The very bytes of the tool's definition: the driver would parse json."""
    return value(user, "SELECT tool::text FROM skills.load_skill_tool(%s)", format)


def messages_text(user, refs, format):
    return value(user, "SELECT skills.invocation_messages(%s, %s, 'turn 1')::text", refs, format)


def references(user):
    """References of each kind, an id and the body that is hardest to carry among them."""
    skill_id = value(user, "SELECT skill_id FROM skills.get_skill_by_name('deploy')")
    return REFERENCES + [skill_id] + (["/translate"] if user == "bob" else [])


def tool(user, format):
    return json.loads(tool_text(user, format))


def messages(user, format):
    return json.loads(messages_text(user, references(user), format))


def check(name):
    """Runs the function at once, and says how it went."""
    def run(body):
        try:
            body()
            print(f"ok - {name}", flush=True)
        except Exception:
            print(f"not ok - {name}", flush=True)
            traceback.print_exc()
    return run
