"""Media Topics: lookup, paths, and what codes of old mean today."""

from __future__ import annotations

import pytest

from pipeline import media_topics


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("medtop:04000000", "medtop:04000000"),
        ("medtop:20000373", "medtop:20000373"),
        (" MEDTOP:20000373 ", "medtop:20000373"),
        ("http://cv.iptc.org/newscodes/mediatopic/20000373", "medtop:20000373"),
        ("https://cv.iptc.org/newscodes/mediatopic/20000373/", "medtop:20000373"),
        ("20000373", "medtop:20000373"),
        ("http://cv.iptc.org/newscodes/subjectcode/04008000", "medtop:20000346"),
        ("subj:04008000", "medtop:20000346"),
        ("04008000", "medtop:20000346"),
        ("subj:15000000", "medtop:15000000"),
        ("medtop:20000436", "medtop:20000257"),  # retired, an active topic has its name
        ("medtop:20000160", "medtop:20000139"),  # retired, written down by hand
        ("medtop:20000320", "medtop:20000316"),  # retired, the topic above it
        ("medtop:20001138", "medtop:20000396"),  # retired below a retired one
        ("medtop:99999999", None),
        ("subj:99999999", None),
        ("medtop:4000000", None),
        ("politics", None),
        ("", None),
    ],
)
def test_current_reads_every_spelling(spelling: str, code: str | None) -> None:
    """New and old, code and address: one current code, or none."""
    assert media_topics.current(spelling) == code


def test_release_is_whole() -> None:
    """1,387 topics, 302 of them retired; 17 at the top and 120 below; every successor is active."""
    topics = media_topics.topics()
    retired = [topic for topic in topics.values() if topic.retired]
    assert (len(topics), len(retired)) == (1387, 302)
    assert all(topic.successor and not topics[topic.successor].retired for topic in retired)
    assert len(media_topics.children()) == 17
    assert sum(len(media_topics.children(code)) for code in media_topics.children()) == 120


def test_path_goes_from_the_top_to_the_topic() -> None:
    """Every active topic's path begins at the top, ends at itself, and has active topics only."""
    assert media_topics.path("medtop:20000373") == ("medtop:04000000", "medtop:20000344", "medtop:20000373")
    assert media_topics.names("medtop:20000344") == ("economy, business and finance", "economy")
    for topic in media_topics.topics().values():
        if not topic.retired:
            path = media_topics.path(topic.code)
            assert path[-1] == topic.code
            assert path[0] in media_topics.children()
            assert not any(media_topics.topics()[step].retired for step in path)


def test_search_finds_names_that_begin_with_the_word_first() -> None:
    """By name, whatever the case; retired topics are not offered."""
    found = media_topics.search("TRADE")
    assert found[0].name.startswith("trade")
    assert "medtop:20000373" in [topic.code for topic in found]
    assert not any(topic.retired for topic in media_topics.search("college"))
