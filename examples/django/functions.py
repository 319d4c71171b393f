"""The story through the functions."""
from functools import partial
import django

django.setup()
from django.db import connection
from skills.identity import ChangedMeanwhile, NameTaken, NoIdentity, NotAllowed, NotFound, as_user, own_transaction, refused

alice = partial(as_user, "alice", "acme")
bob = partial(as_user, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
PIN = "SELECT ai_version FROM skills.set_ai_version(%s, %s)"
PAGE = "SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => %s)"
EDIT = "SELECT revision FROM skills.update_version(%s, %s, body => %s, expected_revision => %s)"


def run(transaction, statement, *values):
    with transaction(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def load():
    return run(bob, "SELECT version, body FROM skills.load_skill('refund')")[0]


(skill,), = run(alice, "SELECT skill_id FROM skills.create_skill('refund', %s, %s)", DESCRIPTION, TEXT1)
(name, version), = run(alice, "SELECT name, version FROM skills.ai_registry()")
print(f"created {name}: version {version}, pinned by its author")

if not run(bob, "SELECT name FROM skills.list_skills()"):
    print("hidden from bob while it is private")
run(alice, "SELECT revision FROM skills.update_skill(%s, accessibility => 'org')", skill)

(pin,), = run(bob, PIN, skill, 1)
print(f"shared: bob subscribes and pins version {pin}")
(tool,), = run(bob, "SELECT tool FROM skills.load_skill_tool()")
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
version, body = load()
print(f"loaded by bob: version {version}, {body}")

(new,), = run(alice, "SELECT version FROM skills.create_version(%s, %s, %s)", skill, DESCRIPTION, TEXT2)
print(f"edited: version {new}, bob still loads version {load()[0]}")
run(bob, PIN, skill, new)
version, body = load()
print(f"bob pins version {version}: {body}")

for name in ("archive", "billing", "travel"):
    run(alice, "SELECT skill_id FROM skills.create_skill(%s, %s, 'Ask first.', 'org')", name, f"Use for {name}.")

# Pages go on from the last row that was seen.
page1 = run(bob, PAGE, None)
print("page 1:", ", ".join(name for name, _ in page1))
print("page 2:", ", ".join(name for name, _ in run(bob, PAGE, page1[-1][1])))

print("not found:", refused(NotFound, run, bob, PIN, skill, 9))
print("not allowed:", refused(NotAllowed, run, bob, "SELECT skills.update_skill(%s, name => 'repay')", skill))
print("name taken:", refused(NameTaken, run, bob, "SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')"))

# Read, changed by another session, written from the old copy.
(body, read), = run(alice, "SELECT body, revision FROM skills.get_version(%s, %s)", skill, new)
run(alice, EDIT, skill, new, body + " Once.", read)
if refused(ChangedMeanwhile, run, alice, EDIT, skill, new, TEXT1, read):
    print("changed meanwhile: read it again")

print("no identity:", refused(NoIdentity, run, own_transaction, "SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')"))
print("dave of globex sees", len(run(partial(as_user, "dave", "globex"), "SELECT name FROM skills.list_skills()")), "skills")
