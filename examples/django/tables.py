"""The story through the tables. The tool and its answer are functions in any case."""
from functools import partial
import django
from django.db.models import Q

django.setup()
from skills.identity import NameTaken, NoIdentity, NotAllowed, NotFound, as_user, own_transaction, refused
from skills.models import Skill, SkillSubscription, SkillSummary, SkillVersion

alice = partial(as_user, "alice", "acme")
bob = partial(as_user, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."


def create(who, name, accessibility, description, body):
    with who():
        skill = Skill.objects.create(name=name, accessibility=accessibility)
        skill.versions.create(description=description, body=body)
        return skill


def change(who, model, values, **where):
    """How many rows were changed. A revision among the conditions makes it optimistic locking."""
    with who():
        return model.objects.filter(**where).update(**values)


def load():
    with bob():
        return SkillSubscription.objects.select_related("pinned").get(skill_id=skill.skill_id).pinned


def page(name, skill_id):
    """A list: a query set asks the database when it is looked at, and then nobody is asking."""
    with bob():
        after = Q(name__gt=name) | Q(name=name, skill_id__gt=skill_id)
        return list(SkillSummary.objects.filter(after).order_by("name", "skill_id").only("org_id", "name", "skill_id")[:2])


skill = create(alice, "refund", "private", DESCRIPTION, TEXT1)
with alice():
    mine = SkillSummary.objects.get(is_subscribed=True)
print(f"created {mine.name}: version {mine.ai_version}, pinned by its author")

with bob():
    if not Skill.objects.exists():
        print("hidden from bob while it is private")
change(alice, Skill, {"accessibility": "org"}, pk=skill.pk)

with bob() as cursor:
    mine = SkillSubscription.objects.create(skill=skill, ai_version=1)
    cursor.execute("SELECT tool FROM skills.load_skill_tool()")
    tool, = cursor.fetchone()
print(f"shared: bob subscribes and pins version {mine.ai_version}")
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
print(f"loaded by bob: version {load().version}, {load().body}")

with alice():
    version = skill.versions.create(description=DESCRIPTION, body=TEXT2)
print(f"edited: version {version.version}, bob still loads version {load().version}")
change(bob, SkillSubscription, {"ai_version": version.version}, pk=mine.pk)
print(f"bob pins version {load().version}: {load().body}")

for name in ("archive", "billing", "travel"):
    create(alice, name, "org", f"Use for {name}.", "Ask first.")

# Pages go on from the last row that was seen.
page1 = page("", "")
print("page 1:", ", ".join(row.name for row in page1))
print("page 2:", ", ".join(row.name for row in page(page1[-1].name, page1[-1].skill_id)))

print("not found:", refused(NotFound, partial(change, bob, SkillSubscription, {"ai_version": 9}, pk=mine.pk)))
print("not allowed:", refused(NotAllowed, partial(change, bob, Skill, {"name": "repay"}, pk=skill.pk)))
print("name taken:", refused(NameTaken, create, bob, "refund", "org", "Mine.", "Never."))

# Read, changed by another session, written from the old copy.
with alice():
    copy = SkillVersion.objects.get(pk=version.pk)
change(alice, SkillVersion, {"body": copy.body + " Once."}, pk=copy.pk, revision=copy.revision)
if change(alice, SkillVersion, {"body": TEXT1}, pk=copy.pk, revision=copy.revision) == 0:
    print("changed meanwhile: read it again")

print("no identity:", refused(NoIdentity, create, own_transaction, "refund", "private", "Nobody's.", "Never."))
with as_user("dave", "globex"):
    print("dave of globex sees", Skill.objects.count(), "skills")
