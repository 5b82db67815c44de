"""Dates as newsrooms write them are the right instants, or none."""

# ruff: noqa: E501  (an example is read whole)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline import moments

# text, language of the page, what it is (None: no moment beyond doubt), whether it has a time of day, whether it has a zone
DATES: list[tuple[str, str | None, str | None, bool | None, bool | None]] = [
    ("March 3, 2026 8:00 PM EST", None, "2026-03-03T20:00:00-05:00", True, True),
    ("Mar 3, 2026, 8:05 PM ET", None, "2026-03-03T20:05:00-05:00", True, True),
    ("July 3, 2026, 8:05 PM ET", None, "2026-07-03T20:05:00-04:00", True, True),
    ("Tue, 3 Mar 2026 19:20:00 CEST", None, "2026-03-03T19:20:00+02:00", True, True),
    ("Tue, 3 Mar 2026 08:00 PM EST", None, "2026-03-03T20:00:00-05:00", True, True),
    ("Tue, 03 Mar 2026 08:00:00 GMT", None, "2026-03-03T08:00:00Z", True, True),
    ("Tue, 03 Mar 26 08:00:00 +0100", None, "2026-03-03T08:00:00+01:00", True, True),
    ("2026-03-03 08:00 EST", None, "2026-03-03T08:00:00-05:00", True, True),
    ("20260303T080000Z", None, "2026-03-03T08:00:00Z", True, True),
    ("20260303", None, "2026-03-03T00:00:00Z", False, False),
    ("20260303080000", None, "2026-03-03T08:00:00Z", True, False),
    ("1772524800", None, "2026-03-03T08:00:00Z", True, True),
    ("1772524800000", None, "2026-03-03T08:00:00Z", True, True),
    ("3 Mar 2026 20:00", None, "2026-03-03T20:00:00Z", True, False),
    ("Tuesday, March 3, 2026 - 20:00", None, "2026-03-03T20:00:00Z", True, False),
    ("03.03.2026 20:00", None, "2026-03-03T20:00:00Z", True, False),
    ("03.04.2026 20.05", None, "2026-04-03T20:05:00Z", True, False),
    ("2026-03-03T20:00:00Z[UTC]", None, "2026-03-03T20:00:00Z", True, True),
    ("2026-03-03T20:00:00+01:00[Europe/Berlin]", None, "2026-03-03T20:00:00+01:00", True, True),
    ("2026-03-03T20:00:00 CET", None, "2026-03-03T20:00:00+01:00", True, True),
    ("01. April 2025, 15:25", None, "2025-04-01T15:25:00Z", True, False),
    ("erstellt: 01. April 2025, 15:25", None, "2025-04-01T15:25:00Z", True, False),
    ("20/1/2026 18:30", None, "2026-01-20T18:30:00Z", True, False),
    ("03/04/2026", None, None, None, None),
    ("03/04/2026", "en-US", "2026-03-04T00:00:00Z", False, False),
    ("03/04/2026 à 18h30", "fr", "2026-04-03T18:30:00Z", True, False),
    ("3 mars 2026 à 20h05", None, "2026-03-03T20:05:00Z", True, False),
    ("2026年3月3日 20:05", None, "2026-03-03T20:05:00Z", True, False),
    ("2026年3月3日 20時05分", None, "2026-03-03T20:05:00Z", True, False),
    ("2026/3/3 下午8:05", None, "2026-03-03T20:05:00Z", True, False),
    ("2026년 3월 3일 오후 8:05", None, "2026-03-03T20:05:00Z", True, False),
    ("2026. 3. 3. 오후 8:05", None, "2026-03-03T20:05:00Z", True, False),
    ("3. März 2026 20:05 Uhr MEZ", None, "2026-03-03T20:05:00+01:00", True, True),
    ("3. März 2026, 20 Uhr", None, "2026-03-03T20:00:00Z", True, False),
    ("Tue Mar 03 08:00:00 EST 2026", None, "2026-03-03T08:00:00-05:00", True, True),
    ("Tue Mar 3 20:05:00 2026", None, "2026-03-03T20:05:00Z", True, False),
    ("Fri Apr 28 19:20:31 CEST 2023", None, "2023-04-28T19:20:31+02:00", True, True),
    ("martedì 3 marzo 2026, ore 20:05", None, "2026-03-03T20:05:00Z", True, False),
    ("Fri Apr 28 2023 17:52:31 GMT+0000 (Coordinated Universal Time)", None, "2023-04-28T17:52:31Z", True, True),
    ("Fri Apr 28 2023 17:52:31 GMT+0200 (CEST)", None, "2023-04-28T17:52:31+02:00", True, True),
    ("2026-03-03T08:00:00.000+0000", None, "2026-03-03T08:00:00Z", True, True),
    ("2026-03-03T08:00:00 -0500", None, "2026-03-03T08:00:00-05:00", True, True),
    ("2026-03-03 08:00:00 UTC", None, "2026-03-03T08:00:00Z", True, True),
    ("2026-3-3 8:00", None, "2026-03-03T08:00:00Z", True, False),
    ("2026-03-03 8:00 AM", None, "2026-03-03T08:00:00Z", True, False),
    ("2026-03-03 12:05 AM", None, "2026-03-03T00:05:00Z", True, False),
    ("2026/03/03 08:00:00", None, "2026-03-03T08:00:00Z", True, False),
    ("May 15th, 2023", None, "2023-05-15T00:00:00Z", False, False),
    ("3 марта 2026, 20:05 МСК", None, "2026-03-03T20:05:00+03:00", True, True),
    ("March 3 2026 8 p.m. BST", None, "2026-03-03T20:00:00+01:00", True, True),
    ("Updated 8:00am on 3 March 2026", None, "2026-03-03T08:00:00Z", True, False),
    ("3 de marzo de 2026 a las 20:05", None, "2026-03-03T20:05:00Z", True, False),
    ("3 de março de 2026, 20h05", None, "2026-03-03T20:05:00Z", True, False),
    ("2026. március 3. 20:05", None, "2026-03-03T20:05:00Z", True, False),
    ("3 tháng 3, 2026 | 20:05 GMT+7", None, "2026-03-03T20:05:00+07:00", True, True),
    ("3 มีนาคม 2569 20:05", "th", "2026-03-03T20:05:00Z", True, False),
    ("3 listopada 2026", "pl", "2026-11-03T00:00:00Z", False, False),
    ("3. listopada 2026.", "hr", "2026-10-03T00:00:00Z", False, False),
    ("3. listopada 2026.", None, None, None, None),
    ("3 March 2026 20:05 IST", "he", "2026-03-03T20:05:00+02:00", True, True),
    ("3 March 2026 20:05 IST", None, "2026-03-03T20:05:00+05:30", True, True),
    ("Published: 22:04, 22 Apr 2024", None, "2024-04-22T22:04:00Z", True, False),
    ("Published 8:05 PM EDT, Mon May 4, 2026", None, "2026-05-04T20:05:00-04:00", True, True),
    ("06/01/2026 - 14:02 MEZ", None, None, None, None),
    ("06/01/2026 - 14:02 MEZ", "de", "2026-01-06T14:02:00+01:00", True, True),
    ("2026-13-45", None, None, None, None),
    ("yesterday", None, None, None, None),
    ("March 2026", None, None, None, None),
    ("Monday 30 November", None, None, None, None),
    ("3rd March 2026 at 8.05pm", None, "2026-03-03T20:05:00Z", True, False),
    ("12.03.2026 um 06:00 Uhr", None, "2026-03-12T06:00:00Z", True, False),
    ("2026-03-03T24:00:00Z", None, "2026-03-04T00:00:00Z", True, True),
    ("2026-03-03T08:00:00.123456789Z", None, "2026-03-03T08:00:00.123456Z", True, True),
    ("2024-08-05 20:59:59.0", None, "2024-08-05T20:59:59Z", True, False),
    ("2024-08-07T20:16Z", None, "2024-08-07T20:16:00Z", True, True),
    ("2026-03-03T08", None, "2026-03-03T00:00:00Z", False, False),
    ("version 1.2.2026 of 2026", None, "2026-02-01T00:00:00Z", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "right", "timed", "zoned"), DATES, ids=[row[0] for row in DATES])
def test_a_date_is_the_right_instant(
    text: str, language: str | None, right: str | None, timed: bool | None, zoned: bool | None
) -> None:
    """Zones by name or number, halves of the day, names of months; what may be two days is none."""
    found = moments.read(text, language=language)
    assert (found and (found.rfc3339(), found.timed, found.zoned)) == (right and (right, timed, zoned))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x" * 5_000,
        "1" * 50,
        "99.99.2026",
        "2026-02-30",
        "25:61",
        "\x00",
        "٣",
        "0000-00-00T00:00:00Z",
        "9999999999999",
        "0001-01-01T00:00:00Z",
        "40223222",
        "123456789",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    """Whatever is sent: no exception, and no day that is not in the calendar."""
    assert moments.read(text) is None


def test_a_day_ahead_is_no_future() -> None:
    """Clocks and zones differ; two days ahead are the future, and without a clock there is none."""
    now = datetime(2026, 3, 3, tzinfo=UTC)
    moment = moments.read("2026-03-03T23:00:00Z")
    assert moment
    assert not moment.later_than(now)
    assert moment.later_than(now - timedelta(days=1))
    assert not moment.later_than(None)


@pytest.mark.parametrize(
    ("text", "odd"), [("1899-12-31", True), ("1900-01-01", False), ("2100-12-31", False), ("2101-01-01", True)]
)
def test_years_in_which_no_article_was_written_are_odd(text: str, odd: bool) -> None:
    """They are kept, and flagged by who asks."""
    moment = moments.read(text)
    assert moment
    assert moment.odd is odd
