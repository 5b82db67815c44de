"""The ledger itself: a good run is green, and every law turns red for what it forbids."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.ledger import (
    LAWS,
    Coordinates,
    Counts,
    Facts,
    Message,
    Place,
    Sample,
    allowed_duplicates,
    broken,
)

RAW, CLEANED, ANNOTATED, ENRICHED, DEAD = "raw", "cleaned", "annotated", "enriched", "dead"
STAGES = {"cleaning": (RAW, CLEANED), "entities": (CLEANED, ANNOTATED), "classification": (ANNOTATED, ENRICHED)}


def raw(offset: int, partition: int = 0) -> Coordinates:
    return Coordinates(RAW, partition, offset)


def message(topic: str, offset: int, origin: int, *, digest: str = "", stage: str | None = None) -> Message:
    return Message(at=Coordinates(topic, 0, offset), origin=raw(origin), digest=digest or str(origin), stage=stage)


def sample(raw_committed: int, others: int, ends: dict[str, int]) -> Sample:
    committed = {Place(RAW, 0): raw_committed, Place(CLEANED, 0): others, Place(ANNOTATED, 0): others}
    return Sample(committed=committed, ends={Place(topic, 0): end for topic, end in ends.items()})


@pytest.fixture
def good() -> Facts:
    """Four inputs of two keys; the third is refused by cleaning; nothing twice."""
    going_on = [0, 1, 3]
    return Facts(
        acked=frozenset(raw(i) for i in range(4)),
        raw=tuple(replace(message(RAW, i, i), key=b"even" if i % 2 == 0 else b"odd") for i in range(4)),
        stages=STAGES,
        between={t: tuple(message(t, n, i) for n, i in enumerate(going_on)) for t in (CLEANED, ANNOTATED)},
        enriched=tuple(message(ENRICHED, n, i) for n, i in enumerate(going_on)),
        dead_letters=(message(DEAD, 0, 2, stage="cleaning"),),
        samples=(
            sample(0, 0, {RAW: 4, CLEANED: 0, ANNOTATED: 0, ENRICHED: 0, DEAD: 0}),
            sample(2, 1, {RAW: 4, CLEANED: 2, ANNOTATED: 2, ENRICHED: 1, DEAD: 0}),
        ),
        drained=sample(4, 3, {RAW: 4, CLEANED: 3, ANNOTATED: 3, ENRICHED: 3, DEAD: 1}),
        counts=(Counts(worker="one", stage="cleaning", consumed=4, produced=3, dead_letters=1),),
    )


def test_a_good_run_breaks_no_law(good: Facts) -> None:
    """Green is green."""
    assert broken(good) == {}


def test_every_law_has_a_test_that_turns_it_red() -> None:
    """No law is taken on trust."""
    named = {name.split("_")[1].upper() for name in globals() if name.startswith("test_l")}
    assert set(LAWS) == {name for name in named if name[1:].isdigit()}


def test_l1_a_lost_article(good: Facts) -> None:
    """Acked, no answer."""
    assert "raw:0:3 was acked" in broken(replace(good, enriched=good.enriched[:2]))["L1"][0]


def test_l2_an_answer_out_of_nothing(good: Facts) -> None:
    """An output whose origin nobody fed."""
    found = broken(replace(good, enriched=(*good.enriched, message(ENRICHED, 3, 99)), allowed_duplicates=1))
    assert list(found) == ["L2"]


def test_l3_enriched_and_refused(good: Facts) -> None:
    """Both verdicts for one input."""
    both = (*good.enriched, message(ENRICHED, 3, 2, digest="2"))
    assert "L3" in broken(replace(good, enriched=both, allowed_duplicates=1))


def test_l4_too_many_copies(good: Facts) -> None:
    """One more than allowed is red, as many as allowed is green."""
    twice = replace(good, enriched=(*good.enriched, message(ENRICHED, 3, 3)))
    assert list(broken(twice)) == ["L4"]
    assert broken(replace(twice, allowed_duplicates=1)) == {}


def test_l5_copies_that_differ(good: Facts) -> None:
    """The same input, another result."""
    other = message(ENRICHED, 3, 3, digest="something else")
    assert list(broken(replace(good, enriched=(*good.enriched, other), allowed_duplicates=1))) == ["L5"]


def test_l6_a_key_out_of_order(good: Facts) -> None:
    """Input 3 answered before input 1, which has the same key."""
    swapped = tuple(message(ENRICHED, n, i) for n, i in enumerate([0, 3, 1]))
    assert "L6" in broken(replace(good, enriched=swapped, samples=()))


def test_l6_an_old_copy_comes_last(good: Facts) -> None:
    """A reader of a compacted topic would keep the old one."""
    assert list(broken(replace(good, enriched=(*good.enriched, message(ENRICHED, 3, 1)), allowed_duplicates=1))) == [
        "L6"
    ]


@pytest.mark.parametrize(("partition", "red"), [(0, True), (1, False)])
def test_l6_dead_letters_in_each_partition(partition: int, red: bool, good: Facts) -> None:
    """A dead letter's key is its source's: only in one partition is there an order."""
    first, second = message(DEAD, 2, 0), replace(message(DEAD, 0, 2), at=Coordinates(DEAD, partition, 1))
    refused = replace(good, enriched=(), dead_letters=(second, first), samples=())
    assert ("L6" in broken(refused)) == red


def test_l7_a_commit_that_falls(good: Facts) -> None:
    """Committed 2, later 1."""
    fallen = sample(1, 1, {RAW: 4, CLEANED: 3, ANNOTATED: 3, ENRICHED: 3, DEAD: 1})
    assert "fell from 2 to 1" in broken(replace(good, samples=(*good.samples, fallen)))["L7"][0]


def test_l7_a_commit_that_falls_behind_a_gap(good: Facts) -> None:
    """A sample without an answer in between hides nothing; the same offset after it is no fall."""
    silent = Sample(committed={}, ends=good.samples[-1].ends)
    assert broken(replace(good, samples=(*good.samples, silent))) == {}
    fallen = sample(1, 1, {RAW: 4, CLEANED: 3, ANNOTATED: 3, ENRICHED: 3, DEAD: 1})
    assert "fell from 2 to 1" in broken(replace(good, samples=(*good.samples, silent, fallen)))["L7"][0]


def test_l7_a_commit_past_an_unanswered_record(good: Facts) -> None:
    """Everything is answered in the end, but this was committed before."""
    early = sample(2, 0, {RAW: 4, CLEANED: 1, ANNOTATED: 0, ENRICHED: 0, DEAD: 0})
    found = broken(replace(good, samples=(early,)))
    assert found == {"L7": ["cleaning: raw:0:1 was committed before it was answered"]}


def test_l7_not_drained(good: Facts) -> None:
    """The last record was answered but never committed."""
    short = sample(3, 3, {RAW: 4, CLEANED: 3, ANNOTATED: 3, ENRICHED: 3, DEAD: 1})
    assert broken(replace(good, drained=short)) == {"L7": ["raw:0: committed 3, end 4"]}


def test_l8_the_broker_lost_it(good: Facts) -> None:
    """Acked, and not in the raw topic any more."""
    found = broken(replace(good, acked=good.acked | {raw(7)}))
    assert "does not have it" in found["L8"][0]


def test_l9_counters_that_do_not_add_up(good: Facts) -> None:
    """One record vanished between consumed and produced."""
    wrong = Counts(worker="one", stage="entities", consumed=3, produced=2, dead_letters=0)
    assert list(broken(replace(good, counts=(wrong,)))) == ["L9"]


def test_duplicates_allowed_grow_with_rate_and_faults() -> None:
    """Rate x commit interval + one batch, for each stage, for each fault."""
    assert allowed_duplicates(rate=100, faults=2, stages=3, commit=1.0, batch=64) == 984


@pytest.fixture
def taken(good: Facts) -> Facts:
    """The same run, whose last input is a take-down: of the key "odd", on every topic."""

    def down(messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return tuple(replace(m, null=True, key=b"odd") if m.origin == raw(3) else m for m in messages)

    between = {topic: down(messages) for topic, messages in good.between.items()}
    return replace(good, raw=down(good.raw), between=between, enriched=down(good.enriched))


def test_l10_a_take_down_that_becomes_something_else(taken: Facts) -> None:
    """Answered with a value, or under another key; green as it should be."""
    assert broken(taken) == {}
    *others, last = taken.enriched
    for wrong in (replace(last, null=False), replace(last, key=b"even")):
        assert list(broken(replace(taken, enriched=(*others, wrong)))) == ["L10"]


def test_l10_an_article_that_becomes_a_take_down(good: Facts) -> None:
    """On a topic between, too: it would be gone behind it."""
    first, *others = good.between[CLEANED]
    between = {**good.between, CLEANED: (replace(first, null=True), *others)}
    assert list(broken(replace(good, between=between))) == ["L10"]
