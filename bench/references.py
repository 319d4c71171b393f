"""find_references() on long messages, one of prose and some made to be slow."""
import random

from contender import APP, Contender
from prose import Prose

SIZE = 16_000_000
prose = Prose(random.Random(4), 1_000_000)
MESSAGES = {
    "prose": (prose.text + " /refund-order, and /no-such-skill@v2 too. ") * (SIZE // len(prose.text)),
    "slashes": "/" * SIZE,
    "empty lines": "\n" * SIZE,
    "backticks": "`" * SIZE,
}


class Message(Contender):
    """Of a table of messages, out of line and not compressed: no network, next to no reading."""

    def __init__(self, kind):
        super().__init__(f"ours: find_references, 16 MB of {kind}",
                         "SELECT count(*) FROM bench_message AS m, skills.find_references(m.message)", role=APP, as_caller=True)
        self.message = MESSAGES[kind]

    def connect(self):
        super().connect()
        self.admin("CREATE TEMPORARY TABLE bench_message (message text)")
        self.admin("ALTER TABLE bench_message ALTER message SET STORAGE EXTERNAL")
        self.admin("INSERT INTO bench_message VALUES (%s)", (self.message,))

    def megabytes_a_second(self, result):
        """Of the backend's CPU: nothing here waits, unless other programs want the machine."""
        return len(self.message.encode()) / 1e6 / result.cpu_median()


contenders = [Message(kind) for kind in MESSAGES]
