"""Instants: every form that feeders write gives the instant it stands for, or none."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.formats import instants

SAID = [  # with a zone
    (1772524800, "2026-03-03T08:00:00"),
    (1772524800.5, "2026-03-03T08:00:00"),
    (1772524800000, "2026-03-03T08:00:00"),
    (1772524800000000, "2026-03-03T08:00:00"),
    (1772524800000000000, "2026-03-03T08:00:00"),
    ("1772524800", "2026-03-03T08:00:00"),
    ("1772524800000", "2026-03-03T08:00:00"),
    ("/Date(1772524800000)/", "2026-03-03T08:00:00"),
    ("2026-03-03T08:00:00Z", "2026-03-03T08:00:00"),
    ("2026-03-03T08:00:00.123456789Z", "2026-03-03T08:00:00"),
    ("2026-03-03T08:00:00+0000", "2026-03-03T08:00:00"),
    ("2026-03-03T08:00:00-05:00", "2026-03-03T13:00:00"),
    ("2026-03-03T08:00+01:00[Europe/Berlin]", "2026-03-03T07:00:00"),
    ("2026-03-03 08:00:00 UTC", "2026-03-03T08:00:00"),
    ("2026-03-03 08:00:00 -0500 EST", "2026-03-03T13:00:00"),
    ("20260303T080000Z", "2026-03-03T08:00:00"),
    ("Tue, 03 Mar 2026 08:00:00 GMT", "2026-03-03T08:00:00"),
    ("Tue, 3 Mar 26 08:00:00 +0100", "2026-03-03T07:00:00"),
    ("03 Mar 2026 08:00 PST", "2026-03-03T16:00:00"),
    ("Tue Mar  3 08:00:00 CET 2026", "2026-03-03T07:00:00"),
    ("Mon Mar 03 2026 08:00:00 GMT+0100 (Central European Standard Time)", "2026-03-03T07:00:00"),
    ("March 3, 2026 8:00 PM EST", "2026-03-04T01:00:00"),
    ("March 3, 2026 at 8 PM ET", "2026-03-04T01:00:00"),
    ("July 3, 2026 at 8:30 p.m. ET", "2026-07-04T00:30:00"),
    ("3. Juli 2026, 19:20 Uhr MESZ", "2026-07-03T17:20:00"),
    ("12:05 AM JST, 3 March 2026", "2026-03-02T15:05:00"),
]
UNSAID = [  # without a zone: taken as UTC
    ("2026-03-03", "2026-03-03T00:00:00"),
    ("2026-03-03 08:00", "2026-03-03T08:00:00"),
    ("2026/03/03", "2026-03-03T00:00:00"),
    ("20260303", "2026-03-03T00:00:00"),
    ("20260303080000", "2026-03-03T08:00:00"),
    ("Mar 3, 2026", "2026-03-03T00:00:00"),
    ("Tuesday, March 3rd, 2026", "2026-03-03T00:00:00"),
    ("Published: March 3, 2026 | 8:00 am", "2026-03-03T08:00:00"),
    ("3 March 2026", "2026-03-03T00:00:00"),
    ("03-Mar-2026 08:00", "2026-03-03T08:00:00"),
    ("Mar 3 2026 12:00AM", "2026-03-03T00:00:00"),
    ("20:00 3 March 2026", "2026-03-03T20:00:00"),
    ("3.4.2026 08:00", "2026-04-03T08:00:00"),
    ("13/04/2026", "2026-04-13T00:00:00"),
    ("04/13/2026", "2026-04-13T00:00:00"),
    ("3. März 2026, 8:15 Uhr", "2026-03-03T08:15:00"),
    ("3 de marzo de 2026", "2026-03-03T00:00:00"),
    ("2026年3月3日 08:00", "2026-03-03T08:00:00"),
    ("2026-03-03T08:00:00 IST", "2026-03-03T08:00:00"),  # India's, Ireland's or Israel's
]
NONE: list[Any] = [
    "", " ", "yesterday", "2026", "March 2026", "3 March", "03/04/2026", "2026-13-45T99:00:00Z", "31 February 2026",
    "0001-01-01T00:00:00+23:59", "5 min read", "12:30", "March 3, 2026 and more of it", "9" * 200, 0, 1, -5, 1e300,
    True, False, None, [], {}, float("nan"), "8:00 25 March 2026 25:00", -6.891e16, "-68910000000000000",
]  # fmt: skip


@pytest.mark.parametrize(("value", "instant"), SAID, ids=str)
def test_an_instant_with_its_zone(value: Any, instant: str) -> None:
    """It is the same instant in UTC."""
    found = instants.read(value)
    assert found is not None
    assert (found[0].isoformat()[:19], found[0].utcoffset(), found[1]) == (instant, found[0].utcoffset(), True)
    assert found[0].tzname() == "UTC"


@pytest.mark.parametrize(("value", "instant"), UNSAID, ids=str)
def test_an_instant_without_a_zone(value: Any, instant: str) -> None:
    """It is taken as UTC, and said so."""
    found = instants.read(value)
    assert found is not None
    assert (found[0].isoformat()[:19], found[1]) == (instant, False)


@pytest.mark.parametrize("value", NONE, ids=lambda value: str(value)[:30])
def test_what_is_no_instant_is_none(value: Any) -> None:
    """Nothing is guessed, and nothing raises."""
    assert instants.read(value) is None
