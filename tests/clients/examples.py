"""The examples of a documentation page as programs: taken out, given the broker's address, run as they stand."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.broker import java
from tests.integration.worker import clean_environment, die_with_parent, until

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1:9092"
_PYTHON = ROOT / ".venv-clients" / "bin" / "python"
# What the scripts of these names run, in Kafka's own distribution.
_CONSOLE = {
    "kafka-console-producer.sh": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-console-consumer.sh": "org.apache.kafka.tools.consumer.ConsoleConsumer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One fenced block of a page."""

    language: str
    text: str

    def but(self, old: str, new: str) -> Example:
        """The same with other words in one respect; fails if it does not have them."""
        assert old in self.text, f"{old!r} is not in the example:\n{self.text}"
        return Example(language=self.language, text=self.text.replace(old, new))


def examples(page: str, heading: str) -> list[Example]:
    """The fenced blocks right under a heading, such as "### kcat"."""
    found: list[Example] = []
    language, lines, under, known = "", [""], False, False
    for line in (ROOT / page).read_text().splitlines(keepends=True):
        if language and line.startswith("```"):
            found += [Example(language=language, text="".join(lines))] if under else []
            language = ""
        elif language:
            lines.append(line)
        elif line.startswith("```"):
            language, lines = line[3:].strip() or "text", []
        elif line.startswith("#"):
            under = line.strip() == heading
            known |= under
    assert known, f"{page} has no heading {heading!r}"
    return found


class Toolbox:
    """What examples are run with: the clients of tests/clients, and Kafka's tools on the broker's own Java."""

    def __init__(self, folder: Path, broker: str) -> None:
        self._folder = folder
        self._broker = broker
        self._made = 0
        self._scripts = folder / "bin"
        self._scripts.mkdir()
        for name, main in _CONSOLE.items():
            line = java.command(main, heap="128m", options=("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",))
            script = self._scripts / name
            script.write_text(f'#!/bin/sh\nexec {shlex.join(line)} "$@"\n')
            script.chmod(0o755)

    def program(self, example: Example) -> Program:
        """The example, ready to run against the broker; Go is compiled. Nothing but the address is changed."""
        text = example.but(ADDRESS, self._broker).text
        self._made += 1
        folder = self._folder / f"{self._made}"
        folder.mkdir()
        environment = clean_environment({"PYTHONUNBUFFERED": "1"})  # Python buffers what goes to a file
        environment["PATH"] = f"{self._scripts}:{environment['PATH']}"
        return Program(_command(example.language, text, folder), folder, environment)


def _command(language: str, text: str, folder: Path) -> list[str]:
    if language == "sh":
        return ["bash", "-c", text]
    if language == "python":
        assert _PYTHON.exists(), f"{_PYTHON} is missing: make test-clients installs the Python clients"
        (folder / "example.py").write_text(text)
        return [str(_PYTHON), str(folder / "example.py")]
    if language == "javascript":
        modules = HERE / "kafkajs" / "node_modules"
        assert modules.exists(), f"{modules} is missing: make test-clients installs KafkaJS"
        (folder / "node_modules").symlink_to(modules)
        (folder / "example.js").write_text(text)
        return ["node", str(folder / "example.js")]
    assert language == "go", f"nobody here runs {language}"
    for name in ("go.mod", "go.sum"):
        shutil.copy(HERE / "franz-go" / name, folder)
    (folder / "main.go").write_text(text)
    built = subprocess.run(
        ["go", "build", "-mod=readonly", "-o", "example", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return [str(folder / "example")]


class Program:
    """An example that runs, once or several times; what it prints is kept by run."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self._command = list(command)
        self._folder = folder
        self._environment = environment
        self._runs = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """What it printed since it was last started, on stdout."""
        return (self._folder / f"stdout-{self._runs}").read_text()

    @property
    def complaints(self) -> str:
        """The same on stderr."""
        return (self._folder / f"stderr-{self._runs}").read_text()

    def start(self) -> None:
        """Start it as from a shell, without input, and return at once."""
        self.kill()
        self._runs += 1
        with (
            (self._folder / f"stdout-{self._runs}").open("wb") as out,
            (self._folder / f"stderr-{self._runs}").open("wb") as err,
        ):
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self._environment,
                cwd=self._folder,
                process_group=0,  # so that Ctrl-C reaches what a shell started, and not us
                preexec_fn=die_with_parent,
            )

    async def to_its_end(self, within: float = 60.0) -> int:
        """Run it; its exit code."""
        self.start()
        return await self._ended(within)

    async def says(self, words: str, within: float) -> bool:
        """Wait until a line on stdout has these words; False if none does. Fails if it ends meanwhile."""
        await until(lambda: words in self.output or not self._running(), within)
        assert words in self.output or self._running(), f"it ended:\n{self.output}\n{self.complaints}"
        return words in self.output

    async def interrupt(self, within: float = 20.0) -> int:
        """Press Ctrl-C; its exit code."""
        assert self._process is not None
        self._signal(signal.SIGINT)
        return await self._ended(within)

    def kill(self) -> None:
        """End it and what it started."""
        if self._process is not None and self._running():
            self._signal(signal.SIGKILL)
            self._process.wait()

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    async def _ended(self, within: float) -> int:
        assert self._process is not None
        if not await until(lambda: not self._running(), within):
            self.kill()
            raise AssertionError(f"still running after {within:g} s:\n{self.output[-2000:]}\n{self.complaints[-2000:]}")
        return self._process.returncode
