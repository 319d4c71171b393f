"""The story through the tables. The tool and its answer are functions in any case."""
from functools import partial
from skills import NameTaken, NoIdentity, NotAllowed, NotFound, as_user, pool, refused, run

alice = partial(run, "alice", "acme")
bob = partial(run, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
ADD = "INSERT INTO skills.skill_version (skill_id, description, body) VALUES (%s, %s, %s) RETURNING version"
PINNED = """SELECT version, body FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
    WHERE skill_id = %s AND version = ai_version"""
PAGE = "SELECT name, skill_id FROM skills.skill_summary WHERE (name, skill_id) > (%s, %s) ORDER BY name, skill_id LIMIT 2"
PIN = "UPDATE skills.skill_subscription SET ai_version = %s WHERE skill_id = %s"
EDIT = "UPDATE skills.skill_version SET body = %s WHERE skill_id = %s AND version = %s AND revision = %s"


def create(connection, name, accessibility, description, body):
    skill = connection.execute("INSERT INTO skills.skill (name, accessibility) VALUES (%s, %s) RETURNING skill_id",
                               (name, accessibility)).fetchone()
    connection.execute(ADD, (skill.skill_id, description, body))
    return skill.skill_id


with as_user("alice", "acme") as connection:
    skill = create(connection, "refund", "private", DESCRIPTION, TEXT1)
    mine = connection.execute("SELECT name, ai_version FROM skills.skill_summary WHERE is_subscribed").fetchone()
print(f"created {mine.name}: version {mine.ai_version}, pinned by its author")

if not bob("SELECT FROM skills.skill").rowcount:
    print("hidden from bob while it is private")
alice("UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = %s", skill)

with as_user("bob", "acme") as connection:
    mine = connection.execute("INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (%s, 1) RETURNING ai_version",
                              (skill,)).fetchone()
    tool = connection.execute("SELECT tool FROM skills.load_skill_tool()").fetchone().tool
    loaded = connection.execute(PINNED, (skill,)).fetchone()
print(f"shared: bob subscribes and pins version {mine.ai_version}")
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
print(f"loaded by bob: version {loaded.version}, {loaded.body}")

version = alice(ADD, skill, DESCRIPTION, TEXT2).fetchone().version
print(f"edited: version {version}, bob still loads version {bob(PINNED, skill).fetchone().version}")
bob(PIN, version, skill)
loaded = bob(PINNED, skill).fetchone()
print(f"bob pins version {loaded.version}: {loaded.body}")

with as_user("alice", "acme") as connection:
    for name in ("archive", "billing", "travel"):
        create(connection, name, "org", f"Use for {name}.", "Ask first.")

# Pages go on from the last row that was seen.
page1 = bob(PAGE, "", "").fetchall()
print("page 1:", ", ".join(row.name for row in page1))
print("page 2:", ", ".join(row.name for row in bob(PAGE, page1[-1].name, page1[-1].skill_id)))

print("not found:", refused(NotFound, bob, PIN, 9, skill))
print("not allowed:", refused(NotAllowed, bob, "UPDATE skills.skill SET name = 'repay' WHERE skill_id = %s", skill))
print("name taken:", refused(NameTaken, bob, "INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')"))

# Read, changed by another session, written from the old copy.
copy = alice("SELECT body, revision FROM skills.skill_version WHERE skill_id = %s AND version = %s", skill, version).fetchone()
alice(EDIT, copy.body + " Once.", skill, version, copy.revision)
if alice(EDIT, TEXT1, skill, version, copy.revision).rowcount == 0:
    print("changed meanwhile: read it again")

with pool.connection() as nobody:
    print("no identity:", refused(NoIdentity, nobody.execute, "INSERT INTO skills.skill (name) VALUES ('refund')"))
print("dave of globex sees", run("dave", "globex", "SELECT FROM skills.skill").rowcount, "skills")
pool.close()
