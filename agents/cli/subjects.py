"""`copydesk subjects [CODE|WORD]`: browse the IPTC Media Topics that articles are filed by."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli import output
from pipeline.errors import SettingsError


def subjects(
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="CODE|WORD", help="medtop:20000373, an IPTC address, an old subject code, or a word."),
    ] = None,
) -> None:
    """Browse the IPTC Media Topics (release 2025-03-31).

    Without an argument: the 17 at the top. With a code, also a retired or an old one: what it means today, its path and
    what lies below it. With a word: the topics that have it in their name.
    """
    from pipeline.classification import taxonomy  # with NumPy: no other command should wait for it

    if wanted is None:
        for top in sorted(taxonomy.children()):
            output.say(f"{top}  {taxonomy.topics()[top].name}")
        output.say()
        output.say(f"IPTC Media Topics {taxonomy.VERSION}, CC BY 4.0 IPTC. More: copydesk subjects CODE, or a word")
        return
    if code := taxonomy.current(wanted):
        _show(code, wanted)
        return
    found = taxonomy.search(wanted)
    if not found:
        raise SettingsError(f"{wanted}: neither a Media Topic's code nor a word in a name; try copydesk subjects")
    for topic in found:
        output.say(f"{topic.code}  {' > '.join(taxonomy.names(topic.code))}")


def _show(code: str, wanted: str) -> None:
    from pipeline.classification import taxonomy

    topic = taxonomy.topics()[code]
    if code not in wanted and not wanted.strip("/").endswith(code.removeprefix("medtop:")):
        output.say(f"{wanted} is today {code}")
    for depth, step in enumerate(taxonomy.path(code)):
        output.say(f"{'  ' * depth}{step}  {taxonomy.topics()[step].name}")
    for below in taxonomy.children(code):
        output.say(f"{'  ' * len(taxonomy.path(code))}{below}  {taxonomy.topics()[below].name}")
    digits = code.removeprefix("medtop:")
    output.say()
    output.say(f"http://cv.iptc.org/newscodes/mediatopic/{digits}")
    if topic.wikidata:
        output.say(f"https://www.wikidata.org/wiki/{topic.wikidata}")
