"""`copydesk broker` as a user runs it: what it keeps, what it leaves behind, and what it says when it cannot start."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.broker import EmbeddedBroker
from tests.integration.worker import ROOT, clean_environment, until


class Command:
    """`copydesk broker ARGS` in a process of its own, with a folder of its own for temporary files."""

    def __init__(self, tmp: Path, *args: str) -> None:
        self.tmp = tmp
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agents", "broker", *args],
            cwd=ROOT, env=clean_environment({"TMPDIR": str(tmp)}), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.banner = ""

    def ready(self) -> str:
        """Wait for the banner; host:port."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.banner += line
            if "copydesk topics create" in line:
                found = re.search(r"on (127\.0\.0\.1:\d+)", self.banner)
                assert found
                return found[1]
        raise AssertionError(self.banner)

    def java(self) -> int:
        """The broker's own process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (found,) = [pid for pid in children if "kafka.Kafka" in Path(f"/proc/{pid}/cmdline").read_text()]
        return int(found)

    def watcher(self) -> int:
        """The shell that removes what it leaves."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (found,) = [pid for pid in children if "/bin/sh" in Path(f"/proc/{pid}/cmdline").read_text()]
        return int(found)

    def ended(self, number: int) -> tuple[int, str]:
        """Send a signal and wait: exit code and the rest of stderr."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Start commands; those that still run are ended with the test."""
    started: list[Command] = []

    def start(*args: str) -> Command:
        folder = tmp_path / "tmp"
        folder.mkdir(exist_ok=True)
        started.append(Command(folder, *args))
        return started[-1]

    yield start
    for command in started:
        if command.process.poll() is None:
            command.ended(signal.SIGTERM)


def alive(pid: int) -> bool:
    """Whether this process runs; one that ended and that nobody asked for its code does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def produce(address: str, *values: bytes) -> None:
    """Make the topic `kept` where it is not, and write to it, idempotently and acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait("kept", value)


async def read(address: str) -> list[bytes]:
    """All there is in `kept`."""
    place = TopicPartition("kept", 0)
    async with AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        found: list[bytes] = []
        while await consumer.position(place) < end:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [message.value for message in batch]
        return found


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "kill -9", "kill -9 of Java"])
async def test_data_is_kept(run: Callable[..., Command], tmp_path: Path, end: str) -> None:
    """With --data the broker comes back with its topics, on another port too, however it was ended."""
    data = tmp_path / "data"
    first = run("--port", "0", "--data", str(data))
    await produce(first.ready(), b"one", b"two")
    java = first.java()
    if end == "kill -9 of Java":
        os.kill(java, signal.SIGKILL)
        _, err = first.process.communicate(timeout=30)
        assert first.process.returncode == 1
        assert "ended by itself" in err
        assert "Traceback" not in err
    elif end == "kill -9":
        first.process.kill()
        first.process.wait()
    else:
        code, err = first.ended(signal.Signals[end])
        assert (code, err) == (0, "")
    # At once: a broker whose owner was killed may still be ending, and its folder is waited for.
    again = run("--port", "0", "--data", str(data))
    address = again.ready()
    assert not alive(java)
    assert await read(address) == [b"one", b"two"]
    assert f"kept in {data}" in again.banner
    assert again.ended(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
async def test_without_data_nothing_stays(run: Callable[..., Command], end: signal.Signals) -> None:
    """However it ends, kill -9 too, the broker ends with it and its folder goes."""
    command = run("--port", "0")
    await produce(command.ready(), b"one")
    assert "NOT durable" in command.banner
    java, watcher = command.java(), command.watcher()
    assert list(command.tmp.glob("copydesk-broker-*"))
    command.process.send_signal(end)
    command.process.wait(30)
    assert await until(lambda: not list(command.tmp.iterdir()), 10), list(command.tmp.rglob("*"))
    assert await until(lambda: not alive(java) and not alive(watcher), 10)


async def test_what_even_the_watcher_could_not_remove_is_swept(run: Callable[..., Command]) -> None:
    """Command and watcher killed at once: the next broker removes the folder, but no folder of one that runs."""
    killed, running = run("--port", "0"), run("--port", "0")
    killed.ready()
    running.ready()
    java = killed.java()
    left = set(killed.tmp.glob("copydesk-broker-*"))
    os.kill(killed.watcher(), signal.SIGKILL)
    killed.process.kill()
    killed.process.wait()
    assert await until(lambda: not alive(java), 10)
    assert set(killed.tmp.glob("copydesk-broker-*")) == left
    for folder in left:
        os.utime(folder, (time.time() - 600, time.time() - 600))
    with_next = run("--port", "0")
    with_next.ready()
    now = set(killed.tmp.glob("copydesk-broker-*"))
    assert len(left & now) == 1  # the one that runs
    assert len(now) == 2
    await produce(f"127.0.0.1:{running.banner.split('127.0.0.1:')[1].split(',')[0]}", b"still there")


def refused(*args: str, tmp: Path) -> str:
    """A command that cannot start: exit 1, nothing left, one line on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "agents", "broker", *args], cwd=ROOT, env=clean_environment({"TMPDIR": str(tmp)}),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert not list(tmp.glob("copydesk-broker-*"))
    return line


def test_a_port_that_is_taken_is_said(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Which one, and what to do."""
    assert f"port {broker.port} is in use" in refused("--port", str(broker.port), tmp=tmp_path)


def test_a_folder_that_cannot_be_used_is_said(run: Callable[..., Command], tmp_path: Path) -> None:
    """Below a file; with other things in it; of another cluster; in use: each says which folder and why."""
    taken = tmp_path / "file"
    taken.write_text("")
    assert "cannot be used" in (line := refused("--data", str(taken / "data"), "--port", "0", tmp=tmp_path))
    assert str(taken / "data") in line
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("mine")
    assert "something other" in refused("--data", str(full), "--port", "0", tmp=tmp_path)
    assert (full / "letter.txt").read_text() == "mine"
    data = tmp_path / "data"
    running = run("--port", "0", "--data", str(data))
    running.ready()
    assert "in use by another broker" in refused("--data", str(data), "--port", "0", tmp=tmp_path)
    assert running.ended(signal.SIGTERM)[0] == 0
    note = data / "layout.json"
    noted = json.loads(note.read_text())
    note.write_text(json.dumps(noted | {"kind": "3 brokers"}))
    assert "holds the data of 3 brokers" in refused("--data", str(data), "--port", "0", tmp=tmp_path)
    note.write_text(json.dumps(noted | {"cluster": "MkU3OEVBNTcwNTJENDM2Qg"}))
    assert "holds another cluster" in refused("--data", str(data), "--port", "0", tmp=tmp_path)
    note.write_text("{")
    assert "cannot be read" in refused("--data", str(data), "--port", "0", tmp=tmp_path)


def test_a_broker_that_does_not_start_is_said(tmp_path: Path) -> None:
    """What Kafka itself cannot use, here a topic's folder that is a file: its own reason, in one line."""
    data = tmp_path / "data"
    with EmbeddedBroker(data=data):
        pass
    meta = data / "broker-1" / "log" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))
    assert "did not start" in refused("--data", str(data), "--port", "0", tmp=tmp_path)
