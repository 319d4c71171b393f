"""By hand: the registry as one prepared statement of the tables' owner, on the extension's tables, without row security."""
from contender import Contender

REGISTRY = """
    SELECT DISTINCT ON (s.name) {columns}
    FROM skills.skill_subscription AS t
    JOIN skills.skill AS s ON s.org_id = %(org)s AND s.skill_id = t.skill_id
        AND (s.accessibility <> 'private' OR s.created_by = %(user)s)
    JOIN skills.skill_version AS v ON v.org_id = %(org)s AND v.skill_id = t.skill_id AND v.version = t.ai_version
    WHERE t.org_id = %(org)s AND t.user_id = %(user)s
    ORDER BY s.name, (s.accessibility = 'private') DESC"""


def registry(columns):
    return REGISTRY.format(columns=columns)


def caller(turn, i):
    return {"org": turn.org, "user": turn.user}


contenders = [
    Contender("hand: registry", registry(
        "s.name, s.skill_id, v.version, v.description, v.relevant_topics, s.accessibility, s.created_by"), caller),
    Contender("hand: name and description", registry("s.name, v.description"), caller),
]
