"""The story through the tables. The tool and its answer are functions in any case."""
from functools import partial
from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm.exc import StaleDataError
from models import Skill, SkillSubscription, SkillSummary, SkillVersion
from skills import NameTaken, NoIdentity, NotAllowed, NotFound, as_user, engine, refused, transaction

alice = partial(as_user, "alice", "acme")
bob = partial(as_user, "bob", "acme")
DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
HOW_MANY = select(func.count()).select_from(Skill)


def save(transaction, row, **values):
    """A new row, or one that was read in an earlier transaction, with these values."""
    with transaction() as session:
        session.add(row)
        for name, value in values.items():
            setattr(row, name, value)


def subscription(session):
    return session.scalars(select(SkillSubscription).filter_by(skill_id=skill_id)).one()


def pin(version):
    with bob() as session:
        subscription(session).ai_version = version


def load():
    with bob() as session:
        return subscription(session).pinned


def page(*last):
    key = tuple_(SkillSummary.name, SkillSummary.skill_id)
    with bob() as session:
        return session.scalars(select(SkillSummary).where(key > last).order_by(*key).limit(2)).all()


with alice() as session:
    skill = Skill(name="refund", versions=[SkillVersion(description=DESCRIPTION, body=TEXT1)])
    session.add(skill)
    session.flush()
    mine = session.scalars(select(SkillSummary).where(SkillSummary.is_subscribed)).one()
    skill_id = skill.skill_id
print(f"created {mine.name}: version {mine.ai_version}, pinned by its author")

with bob() as session:
    if not session.scalar(HOW_MANY):
        print("hidden from bob while it is private")
save(alice, skill, accessibility="org")

save(bob, mine := SkillSubscription(skill_id=skill_id, ai_version=1))
print(f"shared: bob subscribes and pins version {mine.ai_version}")
with bob() as session:
    tool = session.scalar(text("SELECT tool FROM skills.load_skill_tool()"))
print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
print(f"loaded by bob: version {load().version}, {load().body}")

save(alice, new := SkillVersion(skill_id=skill_id, description=DESCRIPTION, body=TEXT2))
print(f"edited: version {new.version}, bob still loads version {load().version}")
pin(new.version)
print(f"bob pins version {load().version}: {load().body}")

with alice() as session:
    session.add_all(Skill(name=name, accessibility="org", versions=[
        SkillVersion(description=f"Use for {name}.", body="Ask first.")]) for name in ("archive", "billing", "travel"))

# Pages go on from the last row that was seen.
page1 = page("", "")
print("page 1:", ", ".join(row.name for row in page1))
print("page 2:", ", ".join(row.name for row in page(page1[-1].name, page1[-1].skill_id)))

print("not found:", refused(NotFound, pin, 9))
print("not allowed:", refused(NotAllowed, partial(save, bob, skill, name="repay")))
print("name taken:", refused(NameTaken, save, bob, Skill(name="refund", accessibility="org")))

# Read, changed by another session, written from the old copy.
with alice() as session:
    copy = session.get_one(SkillVersion, ("acme", skill_id, new.version))
save(alice, new, body=TEXT2 + " Once.")
try:
    save(alice, copy, body=TEXT1)
except StaleDataError:
    print("changed meanwhile: read it again")

print("no identity:", refused(NoIdentity, save, transaction, Skill(name="refund")))
with as_user("dave", "globex") as session:
    print("dave of globex sees", session.scalar(HOW_MANY), "skills")
engine.dispose()
