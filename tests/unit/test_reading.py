"""What users name on a command line becomes raw articles, one at a time, in order."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from agents.cli.reading import Found, read
from pipeline import formats
from pipeline.errors import InputRefused, Reason, SettingsError


def bodies(found: list[Found]) -> list[Any]:
    """The body or html of each."""
    articles = [json.loads(each.value) for each in found]
    return [article.get("body") or article.get("html") for article in articles]


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    """All kinds, below it too; what is none of them is passed over."""
    (tmp_path / "d").mkdir()
    (tmp_path / "b.jsonl").write_text('{"body": "2"}\n\n{"body": "3"}\r\n')
    (tmp_path / "a.json").write_text('{\n  "body": "1"\n}')
    (tmp_path / "c.json").write_text('[{"body": "4"}, {"body": "5"}]')
    (tmp_path / "d" / "a.html").write_text("<p>6</p>")
    (tmp_path / "e.txt").write_text("7 is a body. It goes on and on, and it is no title at all, because it is long.")
    (tmp_path / "f.jsonl.gz").write_bytes(gzip.compress(b'{"body": "8"}\n'))
    (tmp_path / "README.md").write_text("# no article")
    found = list(read([str(tmp_path)]))
    assert [str(body)[:8] for body in bodies(found)] == ["1", "2", "3", "4", "5", "<p>6</p>", "7 is a b", "8"]
    places = [each.place.removeprefix(f"{tmp_path}/") for each in found]
    assert places == ["a.json", "b.jsonl:1", "b.jsonl:3", "c.json:1", "c.json:2", "d/a.html", "e.txt", "f.jsonl.gz:1"]


def test_the_first_line_of_a_text_is_its_title(tmp_path: Path) -> None:
    """Where it looks like one."""
    file = tmp_path / "a.txt"
    file.write_text("Storm closes the port\n\nThe port of Osk was closed on Monday. Ships waited outside.\n")
    (found,) = read([str(file)])
    article = json.loads(found.value)
    assert article["title"] == "Storm closes the port"
    assert article["body"].startswith("The port")


def test_characters_are_decoded_as_browsers_do(tmp_path: Path) -> None:
    """A page that says its charset, a text in Windows-1252, and bytes that are neither."""
    (tmp_path / "a.html").write_bytes('<meta charset="windows-1252"><p>caf\xe9 “x”'.encode("cp1252"))
    (tmp_path / "b.txt").write_bytes(b"caf\xe9 on the quay")
    (tmp_path / "c.html").write_bytes(b"<p>\xff\xfe\x00\xd8 caf</p>")
    html, text, broken = read([str(tmp_path)])
    assert "café “x”" in json.loads(html.value)["html"]
    assert "café" in text.value.decode()
    assert "html" in json.loads(broken.value)


def test_what_is_no_json_is_passed_on(tmp_path: Path) -> None:
    """Refusing it is the line's to do: it has its place in the answer."""
    (tmp_path / "a.json").write_bytes(b"[1, 2")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\n{")
    assert [each.value for each in read([str(tmp_path)])] == [b"[1, 2", b"\xff\xfe", b"{"]


def test_an_array_that_cannot_be_written_again_is_passed_on(tmp_path: Path) -> None:
    """Nesting that the parser reads and the writer does not write is refused by the line, not by an exception."""
    (tmp_path / "a.json").write_bytes(b"[" * 500 + b"]" * 500)
    (found,) = read([str(tmp_path)])
    with pytest.raises(InputRefused) as refused:
        formats.decode_raw(found.value)
    assert refused.value.reason is Reason.TOO_DEEP


class Stdin:
    """As sys.stdin: what of it is read."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_stdin_is_jsonl(monkeypatch: pytest.MonkeyPatch) -> None:
    """One article a line, blank lines aside."""
    monkeypatch.setattr("sys.stdin", Stdin(b'{"body": "1"}\n\n{"body": "2"}'))
    found = list(read(["-"]))
    assert bodies(found) == ["1", "2"]
    assert [each.place for each in found] == ["-:1", "-:3"]


def test_stdin_can_be_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --html all of it is one."""
    monkeypatch.setattr("sys.stdin", Stdin(b"<p>a\n<p>b"))
    assert bodies(list(read(["-"], html=True))) == ["<p>a\n<p>b"]


def test_html_wins_over_the_name(tmp_path: Path) -> None:
    """A saved page may be called anything."""
    (tmp_path / "page").write_text("<p>x")
    assert bodies(list(read([str(tmp_path / "page")], html=True))) == ["<p>x"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.json", None, "no such file or folder"),
        ("a.pdf", b"%PDF", "not one of .jsonl"),
        ("a.json.gz", b"no gzip at all", "cannot be read"),
        ("b.json.gz", gzip.compress(b'{"body": "x"}' * 99)[:-12], "cannot be read"),
        ("c.json.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 20, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_line(name: str, content: bytes | None, said: str, tmp_path: Path) -> None:
    """It names the path."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=said) as error:
        list(read([str(tmp_path / name)]))
    assert name in str(error.value)
    assert "\n" not in str(error.value)
