"""Row security against the same predicates written out: point reads and a page of 50."""
from contender import APP, OWNER, Contender, pin

VISIBLE = "(s.accessibility <> 'private' OR s.created_by = %(user)s)"
SKILL = "SELECT s.* FROM skills.skill AS s WHERE s.org_id = %(org)s AND s.skill_id = %(skill_id)s"
VERSION = ("SELECT s.version, s.description, s.relevant_topics, s.author, s.accessibility, s.created, s.revision FROM skills.skill_version AS s"
           " WHERE s.org_id = %(org)s AND s.skill_id = %(skill_id)s AND s.version = %(version)s")

# All columns of the page but the bodies, which no list shows.
COLUMNS = """org_id, skill_id, name, accessibility, tags, created, created_by, modified, modified_by, revision,
    latest_version, latest_description, latest_relevant_topics, latest_created, latest_modified,
    is_subscribed, ai_version, subscribed, is_author, can_edit"""
PAGE_BY_HAND = f"""
    SELECT s.org_id, s.skill_id, s.name, s.accessibility, s.tags, s.created, s.created_by, s.modified, s.modified_by, s.revision,
        v.version, v.description, v.relevant_topics, v.created, v.modified,
        t.user_id IS NOT NULL, t.ai_version, t.subscribed, s.created_by = %(user)s,
        s.created_by = %(user)s OR s.accessibility = 'org-editable' AND t.user_id IS NOT NULL, s.name || ':' || s.skill_id
    FROM skills.skill AS s
    LEFT JOIN LATERAL (
        SELECT l.version, l.description, l.relevant_topics, l.created, l.modified FROM skills.skill_version AS l
        WHERE l.org_id = s.org_id AND l.skill_id = s.skill_id ORDER BY l.version DESC LIMIT 1) AS v ON true
    LEFT JOIN skills.skill_subscription AS t ON t.org_id = s.org_id AND t.user_id = %(user)s AND t.skill_id = s.skill_id
    WHERE s.org_id = %(org)s AND {VISIBLE}
    ORDER BY s.name, s.skill_id LIMIT 50"""


def key(turn, i):
    return {"org": turn.org, "user": turn.user, "skill_id": pin(turn, i).skill_id, "version": pin(turn, i).version}


def pair(name, ruled, by_hand, *more):
    base = Contender(f"hand: {name}", by_hand, key, OWNER, as_caller=True)
    return [base] + [Contender(f"ours: {what}", sql, key, APP, base.name, as_caller=True)
                     for what, sql in ((name, ruled), *more)]


contenders = [
    *pair("a skill by primary key", SKILL, f"{SKILL} AND {VISIBLE}"),
    *pair("a version by primary key", VERSION, f"{VERSION} AND {VISIBLE.replace('created_by', 'author')}"),
    *pair("list_skills, a page of 50", f"SELECT {COLUMNS}, page_token FROM skills.list_skills(max_rows => 50)", PAGE_BY_HAND,
          ("skill_summary, a page of 50",
           f"SELECT {COLUMNS}, name || ':' || skill_id FROM skills.skill_summary ORDER BY name, skill_id LIMIT 50")),
]
