"""The story through the functions."""
import asyncio
import json
from functools import partial
from skills import ChangedMeanwhile, NameTaken, NoIdentity, NotAllowed, NotFound, as_user, refused, run, with_pool

DESCRIPTION = "Use when a customer wants money back."
TEXT1 = "Up to 30 days after the order: pay it back."
TEXT2 = "Up to 60 days after the order: pay it back."
PIN = "SELECT ai_version FROM skills.set_ai_version($1, $2)"
LOAD = "SELECT version, body FROM skills.load_skill($1)"
PAGE = "SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => $1)"
EDIT = "SELECT revision FROM skills.update_version($1, $2, body => $3, expected_revision => $4)"


async def story(pool):
    alice = partial(run, pool, "alice", "acme")
    bob = partial(run, pool, "bob", "acme")

    skill = (await alice("SELECT skill_id FROM skills.create_skill('refund', $1, $2)", DESCRIPTION, TEXT1))[0]["skill_id"]
    mine = (await alice("SELECT name, version FROM skills.ai_registry()"))[0]
    print(f"created {mine['name']}: version {mine['version']}, pinned by its author")

    if not await bob("SELECT name FROM skills.list_skills()"):
        print("hidden from bob while it is private")
    await alice("SELECT revision FROM skills.update_skill($1, accessibility => 'org')", skill)

    async with as_user(pool, "bob", "acme") as connection:
        pin = await connection.fetchval(PIN, skill, 1)
        tool = json.loads(await connection.fetchval("SELECT tool FROM skills.load_skill_tool()"))
        loaded = await connection.fetchrow(LOAD, "refund")
    print(f"shared: bob subscribes and pins version {pin}")
    print("the tool offers bob:", ", ".join(tool["input_schema"]["properties"]["name"]["enum"]))
    print(f"loaded by bob: version {loaded['version']}, {loaded['body']}")

    version = (await alice("SELECT version FROM skills.create_version($1, $2, $3)", skill, DESCRIPTION, TEXT2))[0]["version"]
    print(f"edited: version {version}, bob still loads version {(await bob(LOAD, 'refund'))[0]['version']}")
    await bob(PIN, skill, version)
    loaded = (await bob(LOAD, "refund"))[0]
    print(f"bob pins version {loaded['version']}: {loaded['body']}")

    for name in ("archive", "billing", "travel"):
        await alice("SELECT skill_id FROM skills.create_skill($1, $2, 'Ask first.', 'org')", name, f"Use for {name}.")

    # Pages go on from the last row that was seen.
    page1 = await bob(PAGE, None)
    print("page 1:", ", ".join(row["name"] for row in page1))
    print("page 2:", ", ".join(row["name"] for row in await bob(PAGE, page1[-1]["page_token"])))

    print("not found:", await refused(NotFound, bob(PIN, skill, 9)))
    print("not allowed:", await refused(NotAllowed, bob("SELECT skills.update_skill($1, name => 'repay')", skill)))
    print("name taken:", await refused(NameTaken, bob("SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')")))

    # Read, changed by another session, written from the old copy.
    body, revision = (await alice("SELECT body, revision FROM skills.get_version($1, $2)", skill, version))[0]
    await alice(EDIT, skill, version, body + " Once.", revision)
    if await refused(ChangedMeanwhile, alice(EDIT, skill, version, TEXT1, revision)):
        print("changed meanwhile: read it again")

    print("no identity:", await refused(NoIdentity, pool.execute("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')")))
    print("dave of globex sees", len(await run(pool, "dave", "globex", "SELECT name FROM skills.list_skills()")), "skills")


asyncio.run(with_pool(story))
