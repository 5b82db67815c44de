"""`python bench/dates.py`: the dates of tests/unit/test_moments.py, read by pipeline/moments.py and by dateparser.

The table was written with our reader at hand, so it favours it; it shows what a wrong reading costs, and the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dateparser

from pipeline import moments
from tests.unit.test_moments import DATES

Reader = Callable[[str, str | None], datetime | None]


def ours(text: str, language: str | None) -> datetime | None:
    """By pipeline/moments.py."""
    moment = moments.read(text, language=language)
    return moment.at if moment else None


READERS: dict[str, Reader] = {
    "copydesk": ours,
    "dateparser, any language": lambda text, _: dateparser.parse(text),
    "dateparser, the page's and English": lambda text, language: dateparser.parse(
        text, languages=list({(language or "en")[:2], "en"})
    ),
}


def main() -> None:
    """A line each: right, wrong, not read, and milliseconds a date."""
    for name, read in READERS.items():
        read("3 March 2026", None)  # its tables are loaded
        counts = {"right": 0, "wrong": 0, "not read": 0}
        started = time.process_time()
        for text, language, right, _, _ in DATES:
            found = read(text, language)
            wanted = datetime.fromisoformat(right) if right else None
            if found is not None and found.tzinfo is None:
                found = found.replace(tzinfo=UTC)
            counts["right" if found == wanted else "not read" if found is None else "wrong"] += 1
        spent = (time.process_time() - started) * 1000 / len(DATES)
        print(f"{name:36}", "  ".join(f"{kind} {count}" for kind, count in counts.items()), f" {spent:.3f} ms")


if __name__ == "__main__":
    main()
