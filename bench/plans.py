"""The plans inside the extension's functions, as auto_explain tells them to the client."""
import contextlib
import json
import re

import psycopg

TABLES = {"skill", "skill_version", "skill_file", "skill_subscription"}
WITHOUT_A_PLAN = {"ai_registry", "load_skill_tool", "load_skill"}


def readers(turn):
    """A call of every function that reads, as that user."""
    pin = turn.pins[0]
    return {
        "ai_registry": ("SELECT * FROM skills.ai_registry()", ()),
        "explain_registry": ("SELECT * FROM skills.explain_registry()", ()),
        "load_skill_tool": ("SELECT tool::text, digest, offered, trimmed FROM skills.load_skill_tool()", ()),
        "load_skill": ("SELECT * FROM skills.load_skill(%s)", (pin.name,)),
        "freeze_registry": ("SELECT skills.freeze_registry()::text", ()),
        "list_skills": ("SELECT * FROM skills.list_skills(max_rows => 50)", ()),
        "get_skill": ("SELECT * FROM skills.get_skill(%s)", (pin.skill_id,)),
        "get_skill_by_name": ("SELECT * FROM skills.get_skill_by_name(%s)", (pin.name,)),
        "get_skill_summary": ("SELECT * FROM skills.get_skill_summary(%s)", (pin.skill_id,)),
        "get_version": ("SELECT * FROM skills.get_version(%s)", (pin.skill_id,)),
        "list_versions": ("SELECT * FROM skills.list_versions(%s)", (pin.skill_id,)),
        "resolve_skill": ("SELECT * FROM skills.resolve_skill(%s)", (f"/{pin.name}",)),
        "find_references": ("SELECT * FROM skills.find_references(%s)", (f"Now /{pin.name} and /{pin.skill_id}@v1 it.",)),
    }


def explained_role():
    """Under row security as the app's, and its plans come as notices."""
    with psycopg.connect(dbname="bench", user="postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE explained LOGIN")
        connection.execute("SELECT skills.grant_usage('explained', may_set_identity => true)")
        for setting in ("session_preload_libraries = skills, auto_explain", "auto_explain.log_min_duration = 0",
                        "auto_explain.log_nested_statements = on", "auto_explain.log_analyze = on",
                        "auto_explain.log_format = json", "auto_explain.log_level = notice"):
            connection.execute(f"ALTER ROLE explained SET {setting}")


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def plans_of(connection, call):
    """The nodes of all plans of one call, when plans are settled."""
    plans = []

    def keep(notice):
        plans.append(json.loads(notice.message_primary.partition("plan:\n")[2]))

    for _ in range(8):
        connection.execute(*call, prepare=True)
    connection.add_notice_handler(keep)
    connection.execute(*call, prepare=True)
    connection.remove_notice_handler(keep)
    return [node for plan in plans for node in nodes(plan["Plan"])]


def sequential(found):
    return {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan" and node["Relation Name"] in TABLES}


def called_per_row(found):
    """
    Filters that call functions of ours. Who is asking has to be asked of a private
    row, because a policy may have no subquery; of no other row, and nothing else.
    """
    filters = [node[key] for node in found for key in ("Filter", "Join Filter") if key in node]
    filters = [re.sub(r"\(\w+ <> 'private'::text\) OR \(\w+ = skills.current_user_id\(\)\)", "", text) for text in filters]
    return {text for text in filters if re.search(r"skills\.\w+\(", text)}


def not_index_only(found):
    return [f"{node['Node Type']}, {node.get('Heap Fetches')} heap fetches" for node in found
            if node.get("Relation Name") == "skill_subscription"
            and not (node["Node Type"] == "Index Only Scan" and node["Heap Fetches"] == 0)]


def check(turn, ok):
    explained_role()
    with psycopg.connect(dbname="bench", user="explained", autocommit=True) as connection:
        connection.execute("SELECT skills.set_identity(%s, %s, false)", (turn.user, turn.org))
        calls = readers(turn)
        for name in WITHOUT_A_PLAN:
            used = {node.get("Relation Name") for node in plans_of(connection, calls[name])} & TABLES
            ok(not used, f"{name}: is read without a plan", used)
        with another_policy():
            for name, call in calls.items():
                check_plans(name, plans_of(connection, call), ok)


@contextlib.contextmanager
def another_policy():
    """Then the registry, too, is read by plans."""
    with psycopg.connect(dbname="bench", user="postgres", autocommit=True) as connection:
        connection.execute("CREATE POLICY bench ON skills.skill AS RESTRICTIVE USING (true)")
        yield
        connection.execute("DROP POLICY bench ON skills.skill")


def check_plans(name, found, ok):
    used = {node.get("Relation Name") for node in found} & TABLES
    ok(used, f"{name}: its plans are seen", "no table is read")
    ok(not sequential(found), f"{name}: no sequential scan", sequential(found))
    ok(not called_per_row(found), f"{name}: no function is called per row", called_per_row(found))
    if name in WITHOUT_A_PLAN:
        ok("skill_subscription" in used and not not_index_only(found), f"{name}: subscriptions by index only", not_index_only(found))
