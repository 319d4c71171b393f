"""The floor: nothing that reads 20 descriptions is cheaper than this."""
from contender import Contender, pin

LOOK_UP = "SELECT description FROM skills.skill_version WHERE org_id = %s AND skill_id = %s AND version = %s"


class LookUps(Contender):
    """As many messages as pins."""

    def call(self, turn, i):
        return [super(LookUps, self).call(turn, place) for place in range(len(turn.pins))]


def key(turn, i):
    return turn.org, pin(turn, i).skill_id, pin(turn, i).version


contenders = [
    Contender("floor: a primary-key look-up", LOOK_UP, key),
    LookUps("floor: 20 of them, 20 messages", LOOK_UP, key),
    Contender("floor: 20 of them, one message", """
        SELECT v.description FROM unnest(%s::text[], %s::integer[]) AS k (skill_id, version)
        JOIN skills.skill_version AS v ON v.org_id = %s AND v.skill_id = k.skill_id AND v.version = k.version""",
        lambda turn, i: ([p.skill_id for p in turn.pins], [p.version for p in turn.pins], turn.org)),
]
