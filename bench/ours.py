"""Ours: what an app calls, each in one message, under row security."""
from contender import APP, OWNER, Contender, pin

AI_REGISTRY = "SELECT * FROM skills.ai_registry(%s, %s)"
MESSAGE = "My order 1001 came back broken. " * 60 + "/{} it. And /no-such-skill? " + "Thank you, and please be quick. " * 60


def caller(turn, i):
    return turn.user, turn.org


def turns():
    return [
        Contender("ours: ai_registry", AI_REGISTRY, caller, APP, "hand: registry"),
        Contender("ours: ai_registry, a smaller world", AI_REGISTRY, caller, APP, database="small"),
        Contender("ours: load_skill_tool (the turn)",
                  "SELECT tool::text, digest, offered FROM skills.load_skill_tool(user_id => %s, org_id => %s)",
                  caller, APP, "hand: name and description"),
    ]


contenders = [
    *turns(),
    Contender("hand: a version by primary key, and its body",
              "SELECT skill_id, version, description, body, relevant_topics FROM skills.skill_version"
              " WHERE org_id = %s AND skill_id = %s AND version = %s",
              lambda turn, i: (turn.org, pin(turn, i).skill_id, pin(turn, i).version), OWNER, as_caller=True),
    Contender("ours: load_skill", "SELECT * FROM skills.load_skill(%s)", lambda turn, i: (pin(turn, i).name,),
              APP, "hand: a version by primary key, and its body", as_caller=True),
    Contender("ours: get_skill_by_name", "SELECT * FROM skills.get_skill_by_name(%s)", lambda turn, i: (pin(turn, i).name,),
              APP, "floor: a primary-key look-up", as_caller=True),
    Contender("ours: find_references, 4 KB with two", "SELECT * FROM skills.find_references(%s)",
              lambda turn, i: (MESSAGE.format(pin(turn, i).name),), APP, as_caller=True),
]
