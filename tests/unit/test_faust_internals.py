"""What may be committed of a log with holes, and the error if a library lost a private name that we use."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from agents.kafka import faust_internals
from agents.kafka.faust_internals import Consumer
from agents.kafka.held import Held
from pipeline.errors import BrokerError, InstallationError

ROOT = Path(__file__).resolve().parents[2]
HERE = TP("articles.raw", 0)


class Reading(Consumer):
    """Only the account: what Faust's own `__init__`, its client and its messages would bring is not here."""

    def __init__(self, *, committed: int | None = None) -> None:
        self._first, self._next, self._holes = {}, {}, {}
        self._read_offset = defaultdict(lambda: None, {HERE: committed})
        self._committed_offset = defaultdict(lambda: None, {HERE: committed})
        self._held = Held()
        self._acked, self._acked_index = defaultdict(list), defaultdict(set)
        self.app = SimpleNamespace(consumer_generation_id=1)

    def read(self, *offsets: int) -> None:
        for offset in offsets:
            record = SimpleNamespace(topic=HERE.topic, partition=0, offset=offset, timestamp=0, timestamp_type=1)
            record.headers, record.key, record.value, record.checksum = (), None, b"", None
            record.serialized_key_size = record.serialized_value_size = 0
            self._to_message(HERE, record)
            self._read_offset[HERE] = offset

    def answer(self, *offsets: int) -> int | None:
        self._acked[HERE] += offsets
        new = self._new_offset(HERE)
        if new is not None:
            self._committed_offset[HERE] = new
        return new


@pytest.mark.parametrize(
    ("committed", "read", "answered", "commits"),
    [
        (None, [0, 1, 2], [[0], [1, 2]], [1, 3]),
        (None, [5, 6], [[5]], [6]),  # a new group, on a log that was cut
        (3, [3, 4], [[3, 4]], [5]),
        (3, [4, 5], [[4], [5]], [5, 6]),  # a marker stands where the last commit was
        (None, [0, 5, 6], [[0], [5], [6]], [5, 6, 7]),  # a hole after the very first record
        (None, [0, 2, 4, 6, 8], [[0], [2], [4, 6]], [2, 4, 8]),  # a marker after each
        (None, [0, 2, 4, 6, 8], [[2], [0]], [None, 4]),  # never over what is not answered
        (10, [2_000_000_000], [[2_000_000_000]], [2_000_000_001]),  # a hole that no list of numbers would hold
    ],
)
def test_what_may_be_committed(
    committed: int | None, read: list[int], answered: list[list[int]], commits: list[int | None]
) -> None:
    """After each of `answered`, the offset to commit; None if there is no news."""
    consumer = Reading(committed=committed)
    consumer.read(*read)
    assert [consumer.answer(*offsets) for offsets in answered] == commits


def test_nothing_answered_is_no_news() -> None:
    """Read and not answered: nothing to commit, not the hole before it either."""
    consumer = Reading(committed=2)
    consumer.read(7, 8)
    assert consumer.answer() is None


def test_read_again_after_a_seek() -> None:
    """Sent back to what is committed, it reads the same records and the same holes again."""
    consumer = Reading(committed=2)
    consumer.read(4, 6, 8)
    assert consumer.answer(4) == 6
    consumer._read_offset[HERE] = 6
    consumer.read(6, 8)
    assert consumer.answer(6, 8) == 9


def test_a_log_that_begins_again() -> None:
    """Before anything was read, an offset that is gone is given up; in the middle of it, the worker ends."""
    consumer = Reading(committed=500)
    consumer.read(0, 1)
    assert consumer.answer(0, 1) == 2
    with pytest.raises(BrokerError, match="continues at offset 0, after 1"):
        consumer.read(0)


def test_the_locked_libraries_have_every_name() -> None:
    """Of the versions in the lock files nothing is missing."""
    faust_internals.check()


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in faust_internals.METHODS for name in names]
)
def test_a_name_that_is_gone_is_said(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with the versions, before the worker joins its group."""
    while hasattr(owner, name):
        holder = next((each for each in getattr(owner, "__mro__", (owner,)) if name in vars(each)), owner)
        monkeypatch.delattr(holder, name)
    with pytest.raises(InstallationError) as refused:
        faust_internals.check()
    said = str(refused.value)
    assert said.startswith(f"{owner.__name__}.{name} is missing from the installed faust-streaming ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in faust_internals.ATTRIBUTES for name in names]
)
def test_an_attribute_that_is_gone_is_said(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library calls otherwise from now on is missed by its old name."""
    before = faust_internals._attributes
    monkeypatch.setattr(
        faust_internals, "_attributes", lambda each: before(each) - ({name} if each in owner.__mro__ else set())
    )
    with pytest.raises(InstallationError, match=re.escape(f"{owner.__name__}.{name} is missing")):
        faust_internals.check()


def test_no_other_module_uses_private_names() -> None:
    """Private names of other objects stand in that one file; our own are `self._...`."""
    found = {}
    for path in (ROOT / "agents").rglob("*.py"):
        names = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr) and not _is_ours(node.value)
        }
        if names and path.name != "faust_internals.py":
            found[path.name] = names
    # os._exit and sys._getframe are documented; Faust's Worker is subclassed in app.py, and its methods are checked.
    assert found == {
        "app.py": {"_exit", "_on_sigterm", "_setproctitle"},
        "log_reduction.py": {"_getframe"},
    }


def _is_ours(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")
