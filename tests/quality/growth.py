"""How the work of a function grows with its input: by ratios of processor time, never by seconds.

A function of linear time takes four times as long for four times as much, one of quadratic time sixteen times. Between
the two is room enough for a busy machine; and what looks like more than linear is measured again before it is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

FACTOR = 4  # from one size to the next
MOST = 1.8 * FACTOR  # n log n, caches and noise included; quadratic is FACTOR * FACTOR
TELLING = 0.006  # seconds of processor time: what takes less at the larger size tells nothing
AGAIN = 4  # measurements before a growth is believed
Work = Callable[[], object]


def beyond_linear(prepare: Callable[[int], Work], sizes: Sequence[int]) -> str | None:
    """What grew beyond linear from one of `sizes` to FACTOR times it, None where nothing did.

    `prepare` makes the work of a size, untimed. Small sizes first: a fault shows before it takes minutes.
    """
    prepare(400)()  # tables are read, patterns compiled, caches filled
    for size in sizes:
        small, large = prepare(size), prepare(size * FACTOR)
        few, many = _spent(small), _spent(large)
        for _ in range(AGAIN):
            if many < TELLING or many <= MOST * few:
                break
            few, many = max(few, _spent(small)), min(many, _spent(large))
        else:
            if many > MOST * few:
                return f"{size} characters take {few:.4f} s, {size * FACTOR} take {many:.4f} s: {many / few:.1f} times"
    return None


def _spent(work: Work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
