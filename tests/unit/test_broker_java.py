"""The command line that runs Kafka, and the archive that makes it start sooner."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.broker import java, node


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and jars that need no download."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("agents.broker.jars.jars", lambda: [Path("/one.jar"), Path("/two.jar")])
    folder = tmp_path / "copydesk" / "kafka"
    folder.mkdir(parents=True)
    return folder


def archive_of(line: list[str]) -> list[str]:
    return [word for word in line if word.startswith("-XX:AOT")]


def test_an_archive_is_used_once_it_is_there_and_whole(cache: Path) -> None:
    """None at first; after a broker left one, that; after damage none, since Java would believe it."""
    archive = java.Archive()
    assert archive_of(java.command("kafka.Kafka", heap="64m")) == []
    archive.new().write_bytes(b"what Java learnt")
    archive.keep(archive.new())
    assert archive_of(java.command("kafka.Kafka", heap="64m")) == [f"-XX:AOTCache={archive.path}"]
    archive.path.write_bytes(b"what Java learnT")
    assert archive_of(java.command("kafka.Kafka", heap="64m")) == []


def test_an_archive_that_was_not_written_changes_nothing(cache: Path) -> None:
    """A broker that was killed leaves none: the one before stays."""
    archive = java.Archive()
    archive.new().write_bytes(b"first")
    archive.keep(archive.new())
    archive.keep(archive.new())
    assert archive.usable()
    assert {path.suffix for path in cache.iterdir()} == {".aot", ".sha256"}


def test_an_archive_is_for_one_java_and_one_set_of_jars(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Java, or other jars: another archive."""
    before = java.Archive().path
    monkeypatch.setattr("agents.broker.java.version", lambda _name: "26.0.0.0")
    assert java.Archive().path != before


def test_the_jars_are_the_class_path(cache: Path) -> None:
    """In their order; the class and its arguments come last."""
    line = java.command("kafka.Kafka", "server.properties", heap="64m")
    assert line[line.index("-cp") + 1] == "/one.jar:/two.jar"
    assert line[-2:] == ["kafka.Kafka", "server.properties"]
    assert "-Xmx64m" in line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", "it said nothing"),
        ("10:00 WARN this\n10:01 ERROR that\n\tat org.apache.kafka\n", "10:01 ERROR that"),
        ("java.lang.RuntimeException: no\n", "java.lang.RuntimeException: no"),
        ("one\ntwo\n", "two"),
    ],
)
def test_the_line_that_says_what_is_wrong(said: str, line: str) -> None:
    """The last error of a broker's output, or its last line."""
    assert node.line_of(said) == line
