"""Short invented articles, as many as a run needs, and now and then something that is not one.

The same number gives the same article, always. Three or four sentences with people, places and organisations that do
not exist, so that the real models have real work and two cores get through thousands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

_PEOPLE = ("Mara Lindqvist", "Tobias Renn", "Adaeze Okoro", "Jun Hashimoto", "Clara Whitfield", "Piotr Zielak")
_BODIES = ("the Harbour Bank", "Norvik Shipping", "the Ministry of Transport", "Osk University", "Brannoc Hospital")
_PLACES = ("Lisbon", "Norway", "Chicago", "Hamburg", "Nairobi", "Osaka")
_NEWS = (
    "{who} told reporters in {where} on Tuesday that {body} would cut its interest rate for the third time this year. "
    "Shares rose within minutes of the announcement. Economists had expected the bank to wait until spring.",
    "A fire broke out in a warehouse of {body} near {where} early on Monday. {who}, who leads the rescue service, said "
    "forty firefighters were at the scene. Nobody was hurt, and the cause is not yet known.",
    "{body} has opened a new school in {where}, the first of five that {who} promised before the election. Parents "
    "queued from six in the morning. Lessons will begin after the holidays.",
    "The team from {where} won the final on Sunday after extra time. {who} scored twice in the second half. Thousands "
    "of supporters celebrated in front of {body} until midnight.",
    "Researchers at {body} say that the glacier above {where} has lost a third of its ice. {who}, the lead author, "
    "measured it for eleven summers. The study appeared in a journal on Thursday.",
    "A court in {where} has ruled that {body} must pay damages to former employees. {who} called the verdict a relief. "
    "The company said that it would appeal.",
)
_BROKEN = (
    b'{"uri": "urn:test:%d", "title": "Cut off in tra',
    b'\xff\xfe{"title": "%d"}',
    b'["an", "array", %d]',
    b'{"uri": "urn:test:%d", "title": "No text at all"}',
    b'{"uri": "urn:test:%d", "body": {"not": "a string"}}',
)


class Input(NamedTuple):
    """What is fed: Kafka's key and value (None takes the key's article down), and whether it must be refused."""

    key: bytes | None
    value: bytes | None
    broken: bool


def article(number: int, *, keys: int | None = None) -> Input:
    """One good article. With `keys`, so many uris are used again and again (updates of the same article)."""
    uri = f"urn:test:{number if keys is None else number % keys}"
    facts = {
        "who": _PEOPLE[number % len(_PEOPLE)],
        "body": _BODIES[number % len(_BODIES)],
        "where": _PLACES[(number // 7) % len(_PLACES)],
    }
    text = _NEWS[number % len(_NEWS)].format(**facts)
    fields = {
        "uri": uri,
        "title": f"Report {number} from {facts['where']}",
        "body": f"{text} This is report number {number}.",
        "source": "The Osk Courier",
        "language": "en",
        "publishedAt": "2026-03-02T08:30:00Z",
    }
    return Input(uri.encode(), json.dumps(fields).encode(), broken=False)


def articles(count: int, *, broken_every: int | None = 97, keys: int | None = None, first: int = 0) -> Iterator[Input]:
    """`count` articles; one in `broken_every` is something that must become a dead letter."""
    for number in range(first, first + count):
        if broken_every and number % broken_every == broken_every - 1:
            value = _BROKEN[(number // broken_every) % len(_BROKEN)].replace(b"%d", str(number).encode())
            yield Input(f"urn:test:{number}".encode(), value, broken=True)
        else:
            yield article(number, keys=keys)
