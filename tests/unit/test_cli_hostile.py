"""Any record on any topic, with any headers: commands read on, and nothing of it moves the terminal."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import example
from tests.unit.fakekafka import LINE, Log, Ran, run
from tests.unit.hostile import BYTES, NASTY, PIECES, TEXTS, moves

URI = "urn:example:1"
HOSTILE = "a" + "".join(PIECES) + "b"
HUGE = b"9999999999999999999"

NAMES = st.sampled_from(
    ["stage", "reason", "error", "attempt", "source_topic", "source_partition", "source_offset", "source_timestamp",
     "read_topic", "read_partition", "read_offset", "key", "sha256", "size", "truncated", "version"]
).map("copydesk_{}".format) | st.sampled_from(["traceparent", "ce_id"]) | TEXTS  # fmt: skip
VALUES = (
    st.none() | BYTES | st.sampled_from([HUGE, b"-1", b"0", b"9223372036854775808", b"true", *map(str.encode, LINE)])
    | st.integers(0, 2**70).map(lambda n: str(n).encode())
)  # fmt: skip
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
JUNK = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXTS | st.just([]) | st.just({}) | st.just([[]])


def paths(value: Any, *before: str | int) -> list[tuple[str | int, ...]]:
    """Where in a document something stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for name, each in inside for path in [(*before, name), *paths(each, *before, name)]]


OURS = [example(topic)["value"] for topic in ("cleaned", "annotated", "enriched")]
PATHS = [paths(document) for document in OURS]


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """A record of ours in which some values are changed or missing, as an attacker who knows the schema writes it."""
    which = draw(st.integers(0, 2))
    document: Any = copy.deepcopy(OURS[which])
    for path in draw(st.lists(st.sampled_from(PATHS[which]), min_size=1, max_size=3)):
        *way, last = path
        with contextlib.suppress(LookupError, TypeError):  # what is on the way there is another value already
            within = document
            for step in way:
                within = within[step]
            within[last] = draw(JUNK)
            if draw(st.booleans()):
                del within[last]
    return json.dumps(document, ensure_ascii=False).encode()


VALUES_OF_MESSAGES = (
    st.none() | BYTES | records()
    | st.sampled_from([b'{"enrichment": 1}', b'{"enrichment": {"text": 1}}', b"[]", b"null"])
    | TEXTS.map(lambda text: json.dumps({"uri": URI, "title": text, "body": text}, ensure_ascii=False).encode())
)  # fmt: skip
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(LINE), VALUES_OF_MESSAGES, st.sampled_from([URI.encode(), b"articles.raw:0:0", None]) | BYTES,
        HEADERS, st.sampled_from([0, -1, 1_750_000_000_000, 2**63 - 1, -(2**63)]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip

COMMANDS = [
    *(["tail", topic, "--to-end"] for topic in ("raw", "cleaned", "annotated", "enriched", "dead-letters")),
    *(["tail", topic, "--to-end", "--json"] for topic in ("raw", "cleaned", "enriched", "dead-letters")),
    ["dead-letters", "list"],
    ["dead-letters", "list", "--json"],
    ["dead-letters", "show", "articles.raw:0:0"],
    ["dead-letters", "replay", "--dry-run"],
    ["dead-letters", "replay", "--rate", "1000000"],
    ["trace", URI],
    ["trace", URI, "--json"],
    ["trace", "articles.raw:0:0"],
    ["trace", "articles.enriched:0:0", "--json"],
    ["trace", f"articles.raw:0:{HUGE.decode()}"],
    ["trace", f"articles.raw:{HUGE.decode()}:0"],
]


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages=MESSAGES, colours=st.booleans())
def test_any_record_can_be_shown(args: list[str], messages: list[Any], colours: bool) -> None:
    """The command ends by itself, shows no exception, and what it prints controls no terminal."""
    log = Log()
    for topic, value, key, headers, timestamp in messages:
        log.add(topic, value, key=key, headers=headers, timestamp=timestamp)
    ran = _run(log, *args, colours=colours)
    assert ran.code in (0, 1), ran.err
    assert b"Traceback" not in ran.err
    assert moves(ran.out, colours=colours) == moves(ran.err, colours=colours) == []
    if "--json" in args:
        lines = [orjson.loads(line) for line in ran.out.splitlines()]
        if args[0] == "tail":
            assert len(lines) == sum(topic.endswith(args[1]) for topic, *_ in messages)
    assert {topic for topic, *_ in log.sent} <= set(LINE[:3])
    assert log.read <= set(LINE)


def _run(log: Log, *args: str, colours: bool = False) -> Ran:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "TTY_COMPATIBLE", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        if colours:
            patch.setenv("FORCE_COLOR", "1")
        return run(log, *args)


def letter(log: Log, *, value: bytes = b"{", **headers: str | bytes) -> None:
    """A dead letter with these headers instead of a true one's."""
    true = {
        "stage": "cleaning", "reason": "malformed_json", "error": "char 1", "attempt": "1",
        "source_topic": "articles.raw", "source_partition": "0", "source_offset": "0",
        "read_topic": "articles.raw", "read_partition": "0",
        "read_offset": "0", "key": URI, "size": "1", "truncated": "false",
    }  # fmt: skip
    pairs: list[tuple[str, bytes | None]] = [
        (f"copydesk_{name}", each if isinstance(each, bytes) else each.encode())
        for name, each in (true | headers).items()
    ]
    log.add("articles.dead-letters", value, key=b"articles.raw:0:0", headers=pairs)


@pytest.fixture
def everywhere() -> Log:
    """The same hostile text in every place that has a text: keys, headers, values, records, letters."""
    log = Log()
    text = HOSTILE
    log.add("articles.raw", json.dumps({"uri": URI, "body": text}, ensure_ascii=False).encode(), key=URI.encode())
    log.add("articles.raw", text.encode(), key=text.encode())
    record: Any = copy.deepcopy(example("enriched")["value"])
    enrichment = record["enrichment"]
    record["headlines"] = [{"value": text}]
    record["infoSources"] = [{"name": text}]
    record["bodies"][0]["value"] = text
    enrichment["entities"] = [{"type": kind, "name": text} for kind in ("PERSON", "ORG", "GPE")]
    enrichment["subjects"] = [{"name": text, "confidence": 0.5}]
    enrichment["text"] |= {
        "removed": [{"text": text, "rule": text, "kind": text}], "language": {"tag": text, "confidence": 1},
        "segments": [{"kind": text, "start": 0, "end": 500}],
    }  # fmt: skip
    enrichment["text"]["quality"]["flags"] = [text]
    enrichment["recordId"] = text
    for run_ in enrichment["provenance"]["stages"]:
        run_ |= {"stage": text, "status": text}
    for topic in LINE[1:4]:
        log.add(
            topic, json.dumps(record, ensure_ascii=False).encode(), key=URI.encode(), headers=[(text, text.encode())]
        )
    names = ("stage", "reason", "error", "source_topic", "read_topic", "key", "sha256", "version", "size", "attempt")
    letter(log, value=text.encode(), **dict.fromkeys(names, text))
    letter(log, value=text.encode(), read_topic=text)
    letter(log, **{text: text, "stage": text, "reason": text, "error": text})
    return log


@pytest.mark.parametrize("colours", [False, True])
@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_no_part_of_a_message_controls_the_terminal(args: list[str], colours: bool, everywhere: Log) -> None:
    """The same text in every place at once; what is printable of it is there, and its markup is text."""
    ran = _run(everywhere, *args, colours=colours)
    assert moves(ran.out, colours=colours) == moves(ran.err, colours=colours) == []
    assert b"\x1b[1;31mx" not in ran.out  # [bold red]x
    if args[0] == "tail" and "--json" not in args:
        assert b"\\x1b[31m" in ran.out


def test_what_only_looks_like_a_record_is_shown_as_bytes() -> None:
    """And what comes behind it too, now and at each later read."""
    log = Log()
    odd = b'{"enrichment": {"text": {}}, "headlines": [{"value": "x"}], "infoSources": ["x"]}'
    for value in (b'{"enrichment": 1}', b'{"enrichment": {"text": {}}}', odd, b"{broken", None):
        log.add("articles.raw", value)
    ran = run(log, "tail", "raw", "--to-end")
    assert (ran.code, ran.err) == (0, b"")
    assert [line.split(b" ", 1)[0] for line in ran.out.splitlines()] == [
        f"articles.raw:0:{n}".encode() for n in range(5)
    ]
    assert b'{"enrichment": 1}' in ran.out


DEEP = "[" * 1_000 + "1" + "]" * 1_000  # orjson reads 1,024 levels, Python's str() writes fewer


@pytest.mark.parametrize(
    "args", [["tail", "enriched", "--to-end"], ["tail", "enriched", "--to-end", "--json"], ["trace", URI, "--json"],
             ["trace", URI]], ids=" ".join
)  # fmt: skip
def test_what_is_nested_deeper_than_python_writes_is_survived(args: list[str]) -> None:
    """In the place of any value of a record; what comes behind it is read too."""
    log = Log()
    for path in PATHS[2]:
        document: Any = copy.deepcopy(OURS[2])
        *way, last = path
        within = document
        for step in way:
            within = within[step]
        within[last] = "DEEP"
        log.add("articles.enriched", json.dumps(document).replace('"DEEP"', DEEP).encode(), key=URI.encode())
    log.add("articles.enriched", json.dumps(OURS[2]).encode(), key=URI.encode())
    ran = _run(log, *args)
    assert ran.code == 0, ran.err
    assert b"Traceback" not in ran.err
    if "--json" in args:
        records = [orjson.loads(line) for line in ran.out.splitlines()]
        named = range(len(records)) if args[0] == "tail" else {int(one["at"].split(":")[2]) for one in records}
        assert set(named) == set(range(len(PATHS[2]) + 1))


def test_tail_json_wraps_what_is_no_json() -> None:
    """With its beginning for people and its bytes for programs; JSON is one line of the same JSON."""
    log = Log()
    values = [b'{"a":\r\n\t"\x9b\xc2"}', b'{"a": "\xe2\x80\xae",\n "b": 18446744073709551616}', None, b"\x1b[31m"]
    for value in values:
        log.add("articles.raw", value)
    lines = run(log, "tail", "raw", "--to-end", "--json").out.splitlines()
    wrapped = [json.loads(lines[n]) for n in (0, 3)]
    assert [base64.b64decode(each["base64"]) for each in wrapped] == [values[0], values[3]]
    assert wrapped[1]["notJson"] == "\\x1b[31m"
    assert lines[1:3] == [b'{"a": "\\u202e",  "b": 18446744073709551616}', b"null"]


def test_a_letter_whose_bytes_are_no_text_has_them_all() -> None:
    """In `tail dead-letters --json`."""
    log = Log()
    letter(log, value=b"\xff\x00")
    letter(log, value=b"{")
    first, second = map(json.loads, run(log, "tail", "dead-letters", "--to-end", "--json").out.splitlines())
    assert base64.b64decode(first["base64"]) == b"\xff\x00"
    assert second["value"] == "{"
    assert "base64" not in second


PLACES = [
    "articles.enriched", "articles.dead-letters", "payments", "", "articles.raw\n", "ARTICLES.RAW",
    "staging.articles.raw", HOSTILE, "a" * 300,
]  # fmt: skip


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
@pytest.mark.parametrize("topic", PLACES)
def test_replay_writes_only_where_stages_read(topic: str, options: list[str]) -> None:
    """A letter that names another place is named and counted; those around it are sent, and the exit code is 1."""
    log = Log()
    letter(log, value=b"1")
    letter(log, value=b"2", read_topic=topic)
    letter(log, value=b"3", read_topic="articles.annotated")
    ran = run(log, "dead-letters", "replay", *options)
    assert ran.code == 1
    sent = [] if options else [("articles.raw", URI.encode(), b"1"), ("articles.annotated", URI.encode(), b"3")]
    assert log.sent == sent
    first, last = ran.err.decode().splitlines()
    assert "articles.dead-letters:0:1" in first
    assert last == f"2 {'would be sent' if options else 'sent again'}, 1 refused"
    if not options:  # none of them is looked at again
        again = run(log, "dead-letters", "replay")
        assert (again.code, again.err) == (0, b"0 sent again\n")


def test_replay_continues_after_what_the_broker_refuses() -> None:
    """A letter that is too large for its topic, and one whose bytes were cut."""
    log = Log()
    letter(log, value=b"x" * 1_000_001)
    letter(log, truncated="true", size="7")
    letter(log, value=b"3")
    ran = run(log, "dead-letters", "replay")
    assert ran.code == 1
    assert [value for *_, value in log.sent] == [b"3"]
    assert ran.err.decode().splitlines()[-1] == "1 sent again, 1 cut, 1 refused"


@pytest.mark.parametrize("topic", ["payments", "articles.raw.payments", "__consumer_offsets", HOSTILE])
def test_trace_reads_no_topic_of_others(topic: str) -> None:
    """Neither as the source that a header names nor as coordinates on the command line."""
    log = Log()
    log.topics |= {"payments": [], "articles.raw.payments": [], "__consumer_offsets": []}
    record = json.dumps(example("enriched")["value"]).encode()
    source: list[tuple[str, bytes | None]] = [
        ("copydesk_source_topic", topic.encode()), ("copydesk_source_partition", b"0"),
        ("copydesk_source_offset", b"0"),
    ]  # fmt: skip
    log.add("articles.enriched", record, key=URI.encode(), headers=source)
    ran = run(log, "trace", URI)
    assert ran.code == 0
    assert log.read <= set(LINE)
    asked = run(log, "trace", f"{topic}:0:0")
    assert asked.code == (1 if topic == HOSTILE else 2)  # which is no coordinates but a uri that nobody has
    assert log.read <= set(LINE)


def test_trace_reads_the_topics_of_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are ours too."""
    monkeypatch.setenv("COPYDESK_ROUTES", "language:de=articles.german")
    log = Log()
    log.add("articles.german", json.dumps(example("enriched")["value"]).encode())
    run(log, "trace", "articles.german:0:0")
    assert "articles.german" in log.read


def test_trace_looks_up_so_many_sources_and_says_so() -> None:
    """A stranger's headers may name a thousand."""
    log = Log()
    record = json.dumps(example("enriched")["value"]).encode()
    for n in range(150):
        source = [("topic", b"articles.raw"), ("partition", b"0"), ("offset", str(n).encode())]
        headers: list[tuple[str, bytes | None]] = [(f"copydesk_source_{name}", each) for name, each in source]
        log.add("articles.raw", b"{}")
        log.add("articles.enriched", record, key=URI.encode(), headers=headers)
    ran = run(log, "trace", URI)
    assert ran.code == 0
    assert b"150 messages are this article" in ran.err
    assert ran.out.count(b"articles.enriched:0:") == 150
    assert ran.out.count(b"articles.raw:0:") == 100


def test_raw_bytes_go_to_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go into a file or a pipe as they are."""
    log = Log()
    letter(log, value=b"\x1b[2J\xff")
    assert run(log, "dead-letters", "show", "articles.raw:0:0", "--raw").out == b"\x1b[2J\xff"
    monkeypatch.setattr("agents.cli.output.is_terminal", lambda **_: True)
    ran = run(log, "dead-letters", "show", "articles.raw:0:0", "--raw")
    assert (ran.code, ran.out) == (2, b"")
    assert b"a file or a pipe" in ran.err


@given(NASTY)
@settings(max_examples=25, deadline=None)
def test_arguments_control_no_terminal(text: str) -> None:
    """A shell may have put a file's name there: as a command, an option, a path, a topic, a uri."""
    text = text.replace("\x00", "")
    commands = (
        [text], [f"--{text}"], ["enrich", text], ["enrich", f"--{text}"], ["feed", "--rate", text],
        ["tail", text, "--to-end"], ["trace", text], ["dead-letters", "show", text],
        ["dead-letters", "list", "--since", text], ["subjects", text], ["train-subjects", text, "--scheme", text],
    )  # fmt: skip
    for args in commands:
        ran = run(Log(), *args)
        assert ran.code in ((0, 1, 2) if args[0] == "subjects" else (1, 2)), args  # a subject may be called so
        assert moves(ran.out) == moves(ran.err) == [], args
