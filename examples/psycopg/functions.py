"""The story through the functions."""
from functools import partial
from skills import ChangedMeanwhile, NameTaken, NoIdentity, NotAllowed, NotFound, as_user, pool, refused, run

alice = partial(run, "alice", "acme")
bob = partial(run, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
PIN = "SELECT ai_version FROM skills.set_ai_version(%s, %s)"
LOAD = "SELECT version, body FROM skills.load_skill(%s)"
PAGE = "SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => %s)"
EDIT = "SELECT revision FROM skills.update_version(%s, %s, body => %s, expected_revision => %s)"

skill = alice("SELECT skill_id FROM skills.create_skill('refund', %s, %s)", DESCRIPTION, TEXT1).fetchone().skill_id
mine = alice("SELECT name, version FROM skills.ai_registry()").fetchone()
print(f"created {mine.name}: version {mine.version}, pinned by its author")

if not bob("SELECT name FROM skills.list_skills()").rowcount:
    print("hidden from bob while it is private")
alice("SELECT revision FROM skills.update_skill(%s, accessibility => 'org')", skill)

with as_user("bob", "acme") as connection:
    mine = connection.execute(PIN, (skill, 1)).fetchone()
    tool = connection.execute("SELECT tool FROM skills.load_skill_tool()").fetchone().tool
    loaded = connection.execute(LOAD, ("refund",)).fetchone()
print(f"shared: bob subscribes and pins version {mine.ai_version}")
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
print(f"loaded by bob: version {loaded.version}, {loaded.body}")

version = alice("SELECT version FROM skills.create_version(%s, %s, %s)", skill, DESCRIPTION, TEXT2).fetchone().version
print(f"edited: version {version}, bob still loads version {bob(LOAD, 'refund').fetchone().version}")
bob(PIN, skill, version)
loaded = bob(LOAD, "refund").fetchone()
print(f"bob pins version {loaded.version}: {loaded.body}")

for name in ("archive", "billing", "travel"):
    alice("SELECT skill_id FROM skills.create_skill(%s, %s, 'Ask first.', 'org')", name, f"Use for {name}.")

# Pages go on from the last row that was seen.
page1 = bob(PAGE, None).fetchall()
print("page 1:", ", ".join(row.name for row in page1))
print("page 2:", ", ".join(row.name for row in bob(PAGE, page1[-1].page_token)))

print("not found:", refused(NotFound, bob, PIN, skill, 9))
print("not allowed:", refused(NotAllowed, bob, "SELECT skills.update_skill(%s, name => 'repay')", skill))
print("name taken:", refused(NameTaken, bob, "SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')"))

# Read, changed by another session, written from the old copy.
copy = alice("SELECT body, revision FROM skills.get_version(%s, %s)", skill, version).fetchone()
alice(EDIT, skill, version, copy.body + " Once.", copy.revision)
if refused(ChangedMeanwhile, alice, EDIT, skill, version, TEXT1, copy.revision):
    print("changed meanwhile: read it again")

with pool.connection() as nobody:
    print("no identity:", refused(NoIdentity, nobody.execute, "SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')"))
print("dave of globex sees", run("dave", "globex", "SELECT name FROM skills.list_skills()").rowcount, "skills")
pool.close()
