"""What the source's desk says of an article: may it be published, from when on, and in which version.

`pubStatus` is ninjs's: usable, withheld or canceled. The state that headers, routes and metrics go by is made of it and
of the embargo, by somebody who has a clock (agents/outputs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import inf
from typing import Literal

PubStatus = Literal["usable", "withheld", "canceled"]
# What desks write for the three of ninjs, in lower case: NewsML-G2's codes, British spelling, states of newsrooms.
_STATUS: dict[str, PubStatus] = {
    "usable": "usable",
    "withheld": "withheld",
    "held": "withheld",
    "hold": "withheld",
    "embargoed": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
    "killed": "canceled",
    "kill": "canceled",
    "recalled": "canceled",
    "withdrawn": "canceled",
    "retracted": "canceled",
    "deleted": "canceled",
}


class State(StrEnum):
    """The editorial state of what a stage writes. Closed: a header's value and a metric's label."""

    USABLE = "usable"
    EMBARGOED = "embargoed"
    WITHHELD = "withheld"
    CANCELED = "canceled"
    TAKEN_DOWN = "taken_down"  # a message without a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Editorial:
    """`sha256` is over all that the source said of state and version, and over what is carried; "" if it said nothing.

    `embargoed_until` is as it came in: a date and time of RFC 3339, if it is right.
    """

    pub_status: PubStatus = "usable"
    embargoed_until: str | None = None
    sha256: str = ""

    @property
    def canceled(self) -> bool:
        """Whoever got the article must take it down."""
        return self.pub_status == "canceled"

    @property
    def embargo_ends(self) -> float | None:
        """Seconds since the epoch, None without an embargo; one that cannot be read never ends."""
        return None if self.embargoed_until is None else moment(self.embargoed_until)


USABLE = Editorial()  # of an article of which its source says nothing


def state(*, pub_status: PubStatus, embargo_ends: float | None, now: float) -> State:
    """The state at that time, in seconds since the epoch. An embargo that is over is none."""
    if pub_status == "usable" and embargo_ends is not None and embargo_ends > now:
        return State.EMBARGOED
    return State(pub_status)


def status_of(value: object) -> PubStatus | None:
    """The status that a desk's word means, such as `Cancelled` or `stat:canceled`; None if nobody knows it."""
    return _STATUS.get(value.strip().lower().rpartition(":")[2]) if isinstance(value, str) else None


def status_in(value: object) -> PubStatus:
    """The `pubStatus` of a record of ours. Raises ValueError if it is none."""
    if value == "usable" or value == "withheld" or value == "canceled":
        return value
    raise ValueError("pubStatus")


def moment(value: str) -> float:
    """Seconds since the epoch; without a zone UTC is meant; infinite if it cannot be read."""
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return inf
