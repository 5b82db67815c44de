"""`copydesk subjects [CODE|WORD]`: browse the IPTC Media Topics, the subjects of articles."""

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

    Without an argument: the 17 top-level topics. With a code, also a retired one: the current topic, its path and the
    topics below it. With a word: the topics that have it in their name.
    """
    from pipeline import media_topics  # with NumPy: no other command should wait for it

    if wanted is None:
        for top in sorted(media_topics.children()):
            output.say(f"{top}  {media_topics.topics()[top].name}")
        output.say()
        output.say(f"IPTC Media Topics {media_topics.VERSION}, CC BY 4.0 IPTC. More: copydesk subjects CODE, or a word")
        return
    if code := media_topics.current(wanted):
        _show(code, wanted)
        return
    found = media_topics.search(wanted)
    if not found:
        raise SettingsError(
            f"{wanted}: neither the code of a Media Topic nor a word in the name of one; try: copydesk subjects"
        )
    for topic in found:
        output.say(f"{topic.code}  {' > '.join(media_topics.names(topic.code))}")


def _show(code: str, wanted: str) -> None:
    from pipeline import media_topics

    topic = media_topics.topics()[code]
    if code not in wanted and not wanted.strip("/").endswith(code.removeprefix("medtop:")):
        output.say(f"{wanted} is now {code}")
    for depth, step in enumerate(media_topics.path(code)):
        output.say(f"{'  ' * depth}{step}  {media_topics.topics()[step].name}")
    for below in media_topics.children(code):
        output.say(f"{'  ' * len(media_topics.path(code))}{below}  {media_topics.topics()[below].name}")
    digits = code.removeprefix("medtop:")
    output.say()
    output.say(f"http://cv.iptc.org/newscodes/mediatopic/{digits}")
    if topic.wikidata:
        output.say(f"https://www.wikidata.org/wiki/{topic.wikidata}")
