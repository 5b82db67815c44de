"""Fields that articles have and nobody reads, said once a run and name on stderr."""

from __future__ import annotations

from collections.abc import Sequence

from agents import foreign
from agents.cli import output

MOST = 50  # names that are told of
_SHOWN = 60  # characters of a name
_HINT = "--map FIELD=NAME or COPYDESK_FIELD_MAP says what it is (docs/feeding.md)"


class UnknownFields:
    """Remembers which names it has told of: a line for people, or one of JSON for programs."""

    def __init__(self, *, for_people: bool) -> None:
        self._for_people = for_people
        self._told: set[str] = set()

    def saw(self, names: Sequence[str], place: str) -> None:
        """Tell of the names that are new."""
        for name in names:
            shown = foreign.text(name, limit=_SHOWN)
            if shown in self._told or len(self._told) > MOST:
                continue
            self._told.add(shown)
            if len(self._told) > MOST:
                self._say(place, None, f"more than {MOST} fields are not read; no more are named")
            else:
                self._say(place, shown, _HINT)

    def _say(self, place: str, field: str | None, said: str) -> None:
        if not self._for_people:
            output.complaint(
                {
                    "warning": "unknown_field",
                    "field": field,
                    "place": place,
                    "message": f"not read; {said}" if field else said,
                }
            )
        elif field is None:
            output.complain(f"{place}: {said}")
        else:
            output.complain(f"{place}: the field {field} is not read; {said}")
