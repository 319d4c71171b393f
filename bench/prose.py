"""Text that reads and compresses like prose: slices of one buffer of made-up words."""
import bisect
import itertools
import re

SYLLABLES = "ba con der en fi gra ho in ka lo mer no or pre qui re sta ti un ver wi ex ya zo shi tran por lu".split()
MULTIBYTE = "Größe Straße façade señor naïve żółw Привет заказ возврат 日本語 顧客 返金 注文 ✅ → 🚀 €".split()


class Prose:
    """About `size` characters; `share` of the words are of other scripts than ASCII."""

    def __init__(self, rng, size, share=0.0):
        words = ["".join(rng.choices(SYLLABLES, k=rng.choice((1, 1, 2, 2, 2, 3, 4)))) for _ in range(4000)]
        weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
        some = rng.choices(words, cum_weights=weights, k=size // 6)
        for place in rng.sample(range(len(some)), int(share * len(some))):
            some[place] = rng.choice(MULTIBYTE)
        lines = []
        while some:
            length = rng.randint(4, 30)
            lines.append(rng.choice(("", "", "", "", "- ", "\n", "\n## ")) + " ".join(some[-length:]).capitalize() + ".")
            del some[-length:]
        self.rng = rng
        self.text = "\n".join(lines)
        self.line = self.text.replace("\n", " ")
        # As COPY reads it, and where it may be cut.
        self.escaped = self.text.replace("\n", "\\n").encode()
        self.cuts = [match.start() for match in re.finditer(rb" ", self.escaped)]

    def body(self, size):
        """About so many bytes, in COPY's text format."""
        start = self.cuts[self.rng.randrange(len(self.cuts) - size)]
        return self.escaped[start + 1:self.cuts[bisect.bisect_left(self.cuts, start + size)]]

    def description(self, size):
        """So many characters in one line."""
        start = self.rng.randrange(len(self.line) - size)
        return self.line[start:start + size].encode()
