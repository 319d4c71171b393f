"""The story through the functions."""
from functools import partial
from sqlalchemy import text
from skills import ChangedMeanwhile, NameTaken, NoIdentity, NotAllowed, NotFound, as_user, engine, refused, transaction

alice = partial(as_user, "alice", "acme")
bob = partial(as_user, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."


def run(transaction, statement, **values):
    with transaction() as session:
        return session.execute(text(statement), values).all()


def pin(version):
    return run(bob, "SELECT ai_version FROM skills.set_ai_version(:skill, :version)", skill=skill, version=version)[0].ai_version


def load():
    return run(bob, "SELECT version, body FROM skills.load_skill('refund')")[0]


def page(token):
    return run(bob, "SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => :token)", token=token)


def edit(body):
    return run(alice, "SELECT revision FROM skills.update_version(:skill, :version, body => :body, expected_revision => :read)",
               skill=skill, version=version, body=body, read=copy.revision)


skill = run(alice, "SELECT skill_id FROM skills.create_skill('refund', :when, :what)", when=DESCRIPTION, what=TEXT1)[0].skill_id
mine = run(alice, "SELECT name, version FROM skills.ai_registry()")[0]
print(f"created {mine.name}: version {mine.version}, pinned by its author")

if not run(bob, "SELECT name FROM skills.list_skills()"):
    print("hidden from bob while it is private")
run(alice, "SELECT revision FROM skills.update_skill(:skill, accessibility => 'org')", skill=skill)

print(f"shared: bob subscribes and pins version {pin(1)}")
tool = run(bob, "SELECT tool FROM skills.load_skill_tool()")[0].tool
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
print(f"loaded by bob: version {load().version}, {load().body}")

version = run(alice, "SELECT version FROM skills.create_version(:skill, :when, :what)",
              skill=skill, when=DESCRIPTION, what=TEXT2)[0].version
print(f"edited: version {version}, bob still loads version {load().version}")
print(f"bob pins version {pin(version)}: {load().body}")

for name in ("archive", "billing", "travel"):
    run(alice, "SELECT skill_id FROM skills.create_skill(:name, :when, 'Ask first.', 'org')", name=name, when=f"Use for {name}.")

# Pages go on from the last row that was seen.
page1 = page(None)
print("page 1:", ", ".join(row.name for row in page1))
print("page 2:", ", ".join(row.name for row in page(page1[-1].page_token)))

print("not found:", refused(NotFound, pin, 9))
print("not allowed:", refused(NotAllowed, partial(run, bob, "SELECT skills.update_skill(:skill, name => 'repay')", skill=skill)))
print("name taken:", refused(NameTaken, run, bob, "SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')"))

# Read, changed by another session, written from the old copy.
copy = run(alice, "SELECT body, revision FROM skills.get_version(:skill, :version)", skill=skill, version=version)[0]
edit(copy.body + " Once.")
if refused(ChangedMeanwhile, edit, TEXT1):
    print("changed meanwhile: read it again")

print("no identity:", refused(NoIdentity, run, transaction, "SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')"))
print("dave of globex sees", len(run(partial(as_user, "dave", "globex"), "SELECT name FROM skills.list_skills()")), "skills")
engine.dispose()
