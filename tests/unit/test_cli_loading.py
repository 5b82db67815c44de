"""Commands are found by their modules, and imported when they are run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agents.cli import commands, loading
from agents.cli.loading import Commands

NAMES = Commands(name="copydesk").list_commands(None)
COUNTING = """
import sys
from agents.cli import run
sys.argv = ["copydesk", *sys.argv[1:]]
try:
    run()
except SystemExit:
    print(*sorted(name.partition(".")[0] for name in sys.modules), file=sys.stderr)
"""


def test_every_module_is_a_command() -> None:
    """Those of a newcomer's first steps come first."""
    modules = {path.stem.replace("_", "-") for path in Path(commands.__file__).parent.glob("[a-z]*.py")}
    assert set(NAMES) == modules
    assert NAMES[:3] == ["demo", "enrich", "topics"]


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The summary that is read from the source is the beginning of the command's own help."""
    command = loading.load(name)
    assert command.name == name
    assert loading.summary(name).split() == (command.help or "").split("\n\n", 1)[0].split()
    assert loading.summary(name)


@pytest.mark.parametrize(
    ("args", "absent"),
    [
        (["--help"], {"aiokafka", "faust", "pydantic", "numpy", "spacy"}),
        (["--version"], {"aiokafka"}),
        (["subjects", "--help"], {"faust"}),
    ],
)
def test_help_imports_no_command(args: list[str], absent: set[str]) -> None:
    """Nor what only commands need."""
    done = subprocess.run([sys.executable, "-c", COUNTING, *args], capture_output=True, text=True, check=False)
    assert done.stdout
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert not loaded & absent


def test_a_command_that_is_put_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One module, and nothing else."""
    (tmp_path / "say_hello.py").write_text('def say_hello() -> None:\n    """Say hello."""\n    print("hello")\n')
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    assert "say-hello" in Commands(name="copydesk").list_commands(None)
    assert loading.summary("say-hello") == "Say hello."
    assert loading.load("say-hello").help == "Say hello."
