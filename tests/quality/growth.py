"""How the work of a function grows with its input: by ratios of processor time, never by seconds.

A function of linear time takes four times as long for four times as much, one of quadratic time sixteen times. Between
the two is room enough. What disturbs a measurement only makes it longer, so the shortest of several is the true one;
it is taken for both sizes, without the garbage collector.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

FACTOR = 4  # from one size to the next
MOST = 1.8 * FACTOR  # n log n and caches included; quadratic is FACTOR * FACTOR
TELLING = 0.006  # seconds of processor time: what takes less at the larger size tells nothing
ROUNDS = 8  # measurements of both sizes before a growth is believed
Work = Callable[[], object]


def beyond_linear(prepare: Callable[[int], Work], sizes: Sequence[int]) -> str | None:
    """What grew beyond linear from one of `sizes` to FACTOR times it, and again from there; None if nothing did.

    `prepare` makes the work of a size, untimed. Small sizes first: a fault shows before it takes minutes. Growth is
    believed when it goes on: what leaves the processor's cache, or meets a table for the first time, jumps only once.
    """
    prepare(400)()  # tables are read, patterns compiled, caches filled
    with _undisturbed():
        for size in sizes:
            if _growth(prepare, size) > MOST and (growth := _growth(prepare, size * FACTOR)) > MOST:
                return f"from {size * FACTOR} to {size * FACTOR * FACTOR} characters: {growth:.1f} times the time"
    return None


def _growth(prepare: Callable[[int], Work], size: int) -> float:
    small, large = prepare(size), prepare(size * FACTOR)
    few, many = min(_spent(small), _spent(small)), _spent(large)
    for _ in range(ROUNDS):
        if many < TELLING or many <= MOST * few:
            break
        few, many = min(few, _spent(small)), min(many, _spent(large))
    return many / few if many >= TELLING else 0.0


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect(0)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _spent(work: Work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
