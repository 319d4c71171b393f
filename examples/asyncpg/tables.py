"""The story through the tables. The tool and its answer are functions in any case."""
import asyncio
import json
from functools import partial
from skills import NameTaken, NoIdentity, NotAllowed, NotFound, as_user, refused, run, with_pool

DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
ADD = "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3) RETURNING version"
PINNED = """SELECT version, body FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
    WHERE skill_id = $1 AND version = ai_version"""
PAGE = "SELECT name, skill_id FROM skills.skill_summary WHERE (name, skill_id) > ($1, $2) ORDER BY name, skill_id LIMIT 2"
PIN = "UPDATE skills.skill_subscription SET ai_version = $1 WHERE skill_id = $2"
EDIT = "UPDATE skills.skill_version SET body = $1 WHERE skill_id = $2 AND version = $3 AND revision = $4 RETURNING revision"


async def create(connection, name, accessibility, description, body):
    skill = await connection.fetchval("INSERT INTO skills.skill (name, accessibility) VALUES ($1, $2) RETURNING skill_id",
                                      name, accessibility)
    await connection.execute(ADD, skill, description, body)
    return skill


async def story(pool):
    alice = partial(run, pool, "alice", "acme")
    bob = partial(run, pool, "bob", "acme")

    async with as_user(pool, "alice", "acme") as connection:
        skill = await create(connection, "refund", "private", DESCRIPTION, TEXT1)
        mine = await connection.fetchrow("SELECT name, ai_version FROM skills.skill_summary WHERE is_subscribed")
    print(f"created {mine['name']}: version {mine['ai_version']}, pinned by its author")

    if not await bob("SELECT FROM skills.skill"):
        print("hidden from bob while it is private")
    await alice("UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = $1", skill)

    async with as_user(pool, "bob", "acme") as connection:
        pin = await connection.fetchval(
            "INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($1, 1) RETURNING ai_version", skill)
        tool = json.loads(await connection.fetchval("SELECT tool FROM skills.load_skill_tool()"))
        loaded = await connection.fetchrow(PINNED, skill)
    print(f"shared: bob subscribes and pins version {pin}")
    print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
    print(f"loaded by bob: version {loaded['version']}, {loaded['body']}")

    version = (await alice(ADD, skill, DESCRIPTION, TEXT2))[0]["version"]
    print(f"edited: version {version}, bob still loads version {(await bob(PINNED, skill))[0]['version']}")
    await bob(PIN, version, skill)
    loaded = (await bob(PINNED, skill))[0]
    print(f"bob pins version {loaded['version']}: {loaded['body']}")

    async with as_user(pool, "alice", "acme") as connection:
        for name in ("archive", "billing", "travel"):
            await create(connection, name, "org", f"Use for {name}.", "Ask first.")

    # Pages go on from the last row that was seen.
    page1 = await bob(PAGE, "", "")
    print("page 1:", ", ".join(row["name"] for row in page1))
    print("page 2:", ", ".join(row["name"] for row in await bob(PAGE, *page1[-1])))

    print("not found:", await refused(NotFound, bob(PIN, 9, skill)))
    print("not allowed:", await refused(NotAllowed, bob("UPDATE skills.skill SET name = 'repay' WHERE skill_id = $1", skill)))
    print("name taken:", await refused(
        NameTaken, bob("INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')")))

    # Read, changed by another session, written from the old copy.
    body, revision = (await alice(
        "SELECT body, revision FROM skills.skill_version WHERE skill_id = $1 AND version = $2", skill, version))[0]
    await alice(EDIT, body + " Once.", skill, version, revision)
    if not await alice(EDIT, TEXT1, skill, version, revision):
        print("changed meanwhile: read it again")

    print("no identity:", await refused(NoIdentity, pool.execute("INSERT INTO skills.skill (name) VALUES ('refund')")))
    print("dave of globex sees", len(await run(pool, "dave", "globex", "SELECT FROM skills.skill")), "skills")


asyncio.run(with_pool(story))
