"""What users name on a command line becomes raw articles, one at a time, in order."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import socket
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.cli.reading import Found, Unread, read
from pipeline import formats
from pipeline.errors import InputRefused, Reason, SettingsError
from pipeline.formats import MAX_WIRE_BYTES
from tests.integration.worker import ROOT, clean_environment


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
    """Refusing it is the pipeline's to do: it has its place in the answer."""
    (tmp_path / "a.json").write_bytes(b"[1, 2")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\n{")
    assert [each.value for each in read([str(tmp_path)])] == [b"[1, 2", b"\xff\xfe", b"{"]


def test_an_array_that_cannot_be_written_again_is_passed_on(tmp_path: Path) -> None:
    """Nesting that the parser reads and the writer does not write is refused by the pipeline, not by an exception."""
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
        ("a.pdf", b"%PDF", "not a known kind of file"),
        ("a.json.gz", b"no gzip at all", "cannot be read"),
        ("b.json.gz", gzip.compress(b'{"body": "x"}' * 99, mtime=0)[:-12], "cannot be read"),
        ("c.json.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 20, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_line(name: str, content: bytes | None, said: str, tmp_path: Path) -> None:
    """It names the path; for whoever cannot go on without it, it is an error of usage."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=said) as error:
        list(read([str(tmp_path / name)]))
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_path_that_is_not_there_is_said_before_anything_is_read(tmp_path: Path) -> None:
    """Wherever it stands among the others."""
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(SettingsError, match=r"none\.json"):
        next(read([str(tmp_path / "a.txt"), str(tmp_path / "none.json")]))


def told(*paths: Path | str, html: bool = False) -> tuple[list[str], list[tuple[str, str]]]:
    """The places of what is found and the places and reasons of what is not, in the order of paths."""
    unread: list[Unread] = []
    found = [Path(each.place).name for each in read(map(str, paths), html=html, unread=unread.append)]
    return found, [(Path(each.place).name, each.reason) for each in unread]


GOOD = b'{"body": "x"}'
BIG = b'{"body": "' + b"x" * MAX_WIRE_BYTES + b'"}'
CUT = gzip.compress(b"\n".join([GOOD] * 5000))[:-30]


def oddities(folder: Path) -> None:
    """A folder with one of each kind of trouble, and a good file before and after each."""
    for number, (name, content) in enumerate(
        {
            "cut.jsonl.gz": CUT, "none.json.gz": b"none", "big.json": BIG, "big.txt": b"x" * (MAX_WIRE_BYTES + 1),
            "big.html.gz": gzip.compress(b"<p>" * 4_000_000), "line.jsonl": GOOD + b"\n" + BIG + b"\r\n" + GOOD,
            "unended.json": b"[" + GOOD + b"," + GOOD * 1_000_000, "array.json": b"[" + BIG + b"," + GOOD + b"]",
        }.items()
    ):  # fmt: skip
        (folder / f"{number}a-good.json").write_bytes(GOOD)
        (folder / f"{number}b-{name}").write_bytes(content)
    (folder / "8b-pipe.jsonl").touch()
    (folder / "8b-pipe.jsonl").unlink()
    os.mkfifo(folder / "8b-pipe.jsonl")
    (folder / "8c-device.txt").symlink_to("/dev/zero")
    (folder / "8d-nowhere.json").symlink_to(folder / "nowhere.json")
    (folder / "8e-itself.json").symlink_to(folder / "8e-itself.json")
    (folder / "8f-round").mkdir()
    (folder / "8f-round" / "back").symlink_to(folder)
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):
        server.bind("8g-socket.json")
    (folder / "9-good.json").write_bytes(GOOD)


def test_each_fault_is_one_error_and_the_others_are_read(tmp_path: Path) -> None:
    """Bombs, lines and pages that are too long, cut archives, pipes, devices, sockets, links that lead round."""
    oddities(tmp_path)
    found, unread = told(tmp_path)
    good = [name for name in found if "good" in name]
    assert good == [*(f"{n}a-good.json" for n in range(8)), "9-good.json"]
    assert unread == [
        ("0b-cut.jsonl.gz", "unreadable"), ("1b-none.json.gz", "unreadable"), ("2b-big.json", "too_large"),
        ("3b-big.txt", "too_large"), ("4b-big.html.gz", "too_large"), ("5b-line.jsonl:2", "too_large"),
        ("6b-unended.json:2", "unreadable"), ("7b-array.json:1", "too_large"), ("8b-pipe.jsonl", "unreadable"),
        ("8c-device.txt", "unreadable"), ("8d-nowhere.json", "unreadable"), ("8e-itself.json", "unreadable"),
        ("8g-socket.json", "unreadable"),
    ]  # fmt: skip
    assert {"5b-line.jsonl:1", "5b-line.jsonl:3", "6b-unended.json:1", "7b-array.json:2"} <= set(found)
    assert sum("0b-cut" in name for name in found) > 100  # what was whole before the cut


def test_what_is_named_itself_is_one_error_too(tmp_path: Path) -> None:
    """A device, also with --html; the file behind it is read."""
    (tmp_path / "a.txt").write_text("x")
    assert told("/dev/zero", tmp_path / "a.txt", html=True) == (["a.txt"], [("zero", "unreadable")])


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_the_limit_of_a_line_is_that_of_an_article(more: int, fits: bool, end: bytes, tmp_path: Path) -> None:
    """Its line end aside."""
    (tmp_path / "a.jsonl").write_bytes(b"x" * (MAX_WIRE_BYTES + more) + end)
    assert told(tmp_path) == ((["a.jsonl:1"], []) if fits else ([], [("a.jsonl:1", "too_large")]))


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
@pytest.mark.parametrize("name", ["a.json", "a.txt"])
def test_the_limit_of_a_file_is_that_of_an_article(more: int, fits: bool, name: str, tmp_path: Path) -> None:
    """If it holds one."""
    (tmp_path / name).write_bytes(b"x" * (MAX_WIRE_BYTES + more))
    assert told(tmp_path) == (([name], []) if fits else ([], [(name, "too_large")]))


def test_an_array_may_be_larger_than_an_article(tmp_path: Path) -> None:
    """Each element is an article, as it stands: numbers of any length too."""
    one = b'{"body": "' + b"x" * 9000 + b'", "n": 18446744073709551616}'
    (tmp_path / "a.json").write_bytes(b"[" + b",\n".join([one] * 2000) + b"]")
    found = list(read([str(tmp_path)]))
    assert [each.value for each in found] == [one] * 2000
    assert found[-1].place.endswith("a.json:2000")


class Endless(io.RawIOBase):
    """stdin on which a line has no end, until somebody has read a lot of it."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        self.left -= size
        buffer[:size] = b"x" * size
        return size


def test_a_line_without_end_is_reported_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as it is too long, and what of it comes later is not kept."""
    stdin = Endless(400_000_000)
    left: list[int] = []
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BufferedReader(stdin, 1 << 20)))
    assert list(read(["-"], unread=lambda _: left.append(stdin.left))) == []
    assert left[0] > 380_000_000
    assert stdin.left == 0


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those beside it are read."""
    (tmp_path / "shut").mkdir()
    (tmp_path / "z.txt").write_text("x")
    scan = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert told(tmp_path) == (["z.txt"], [("shut", "unreadable")])


PEAK = """
import atexit, re, resource, sys
from agents.cli import run

def say(path):
    # What this process had at most. On Linux not getrusage's figure, which begins with what the process that started
    # this one had; elsewhere that is in bytes.
    try:
        peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    with open(path, "w") as file:
        file.write(str(peak))

if __name__ == "__main__":
    atexit.register(say, sys.argv.pop())
    run()
"""


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A line of a gigabyte in a megabyte, a page and a text of the same, and behind each line and file a good one."""
    folder = tmp_path_factory.mktemp("bombs")
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    packed = b"".join([packer.compress(zeros) for _ in range(1000)])
    good = b'{"uri": "urn:x:1", "body": "Angela Merkel spoke in Berlin on Monday."}'
    packed += packer.compress(b"\n" + good + b"\n") + packer.flush()
    for name in ("a.jsonl.gz", "b.txt.gz", "c.json.gz", "d.html.gz"):
        (folder / name).write_bytes(packed)
    packer = zlib.compressobj(9, wbits=31)
    ends = b"\n" * (1 << 20)
    (folder / "g.jsonl.gz").write_bytes(b"".join([packer.compress(ends) for _ in range(600)]) + packer.flush())
    packer = zlib.compressobj(9, wbits=31)
    commas = b"," * (1 << 20)
    packed = b"".join([packer.compress(b"["), *(packer.compress(commas) for _ in range(600)), packer.flush()])
    (folder / "h.json.gz").write_bytes(packed)
    dense = b'{"uri": "urn:x:2", "a": [' + b",".join([b"{}"] * 3_300_000) + b"]}"
    (folder / "e.json").write_bytes(dense)
    (folder / "f.json").write_bytes(b"[" + b",".join([good.replace(b"x:1", b"x:3")] * 2) + b"]")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 16_000_000
    return folder


@pytest.mark.timeout(600)
def test_bombs_cost_an_error_each_and_no_memory(bombs: Path, tmp_path: Path) -> None:
    """`copydesk enrich` of a folder of bombs: the good articles come out, and its parent process stays below 400 MB."""
    script = tmp_path / "peak.py"
    script.write_text(PEAK)
    ran = subprocess.run(
        [sys.executable, str(script), "enrich", "--processes", "1", str(bombs), str(tmp_path / "peak")],
        capture_output=True, timeout=500, env={**clean_environment({}), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    errors = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(Path(each["place"]).name, each["reason"]) for each in errors if each["stage"] == "reading"] == [
        ("a.jsonl.gz:1", "too_large"), ("b.txt.gz", "too_large"), ("c.json.gz", "too_large"),
        ("d.html.gz", "too_large"), ("g.jsonl.gz:1048577", "unreadable"), ("h.json.gz:11", "unreadable"),
    ]  # fmt: skip
    assert ran.returncode == 1
    assert [json.loads(line)["uri"] for line in ran.stdout.splitlines()] == ["urn:x:1", "urn:x:3", "urn:x:3"]
    assert float((tmp_path / "peak").read_text()) < 400  # MB
