"""Every command line in README.md, CONTRIBUTING.md and docs/*.md is one that its parser takes; its files exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from agents import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
# Files and folders that readers have themselves, or that a command makes: a path with one of these names is theirs.
THEIRS = {
    "EXAMPLES.jsonl", "article.json", "article.txt",
    "articles.jsonl", "archive/", "page.html", "my-folder", "newsroom-quotes",
    "sample.jsonl", "new.jsonl", "records.jsonl", "enriched.jsonl", "boilerplate.json", "all.zip", "dist", "opt",
    "audit-pages",
}  # fmt: skip
NAMED = re.compile(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(?:jsonl?|txt|html?|py|md|yml|toml|gz|lock|sh|zip)")


def blocks(text: str) -> Iterator[str]:
    """The commands of the page's console and shell blocks, each on one line; what they print is left out."""
    for language, block in re.findall(r"^ *```(console|sh)\n(.*?)^ *```", text, re.M | re.S):
        block = re.sub(r" *\\\n\s*", " ", block)
        end = ""
        for line in map(str.strip, block.splitlines()):
            if end:
                end = "" if line == end else end
                continue
            if language == "sh" or line.startswith("$ "):
                yield line.removeprefix("$ ")
                heredoc = re.search(r"<<'?(\w+)'?", line)
                end = heredoc[1] if heredoc else ""


def spans(text: str) -> Iterator[str]:
    """Inline code that begins with a command of ours, of make or of Python."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    for span in re.findall(r"`([^`]+)`", text):
        if re.match(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?(?:copydesk|make|python3?) ", span):
            yield " ".join(span.split())


def simple(command: str) -> Iterator[list[str]]:
    """The words of each simple command: no variables before it, no comment, no redirection."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if (word and set(word) <= set("|&;")) or word == "do":
            if words:
                yield words
            words = []
        elif words or not re.match(r"[A-Z_]+=", word):
            words.append(word)


def parsed(words: list[str], *, whole: bool) -> str:
    """What the parser of `copydesk` says against these words; empty if nothing."""
    command: Any = get_command(cli.app)
    parent, rest = None, list(words)
    try:
        while True:
            context = command.make_context(command.name, rest, parent=parent)
            if not hasattr(command, "resolve_command"):
                return ""
            left = [*context._protected_args, *context.args]
            if not left and not whole:
                return ""
            _, command, rest = command.resolve_command(context, left)
            parent = context
    except Exception as error:
        kind = type(error).__name__
        if kind == "Exit":  # --help
            return ""
        if not whole and kind in ("MissingParameter", "NoArgsIsHelpError"):
            return ""  # prose names a command without saying what to give it
        return f"{kind}: {getattr(error, 'message', error)}"


@pytest.mark.parametrize(
    ("words", "fine"),
    [
        ("enrich --pretty article.txt", True),
        ("enrich --prety article.txt", False),
        ("enrich --processes many", False),
        ("topics create --partitions 32", True),
        ("topics make", False),
        ("topics", False),
        ("trace", False),
        ("dead-letters replay --rate 20", True),
        ("no-such-command", False),
    ],
)
def test_the_parser_knows_what_is_wrong(words: str, fine: bool) -> None:
    """A command, a subcommand, an option, the type of its value, an argument that is missing."""
    assert (parsed(words.split(), whole=True) == "") is fine


@pytest.mark.parametrize("page", PAGES)
def test_copydesk_knows_each_command_line(page: str) -> None:
    """Blocks in full; in prose, whatever of a command line is there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    wrong = []
    for found, whole in [*((each, True) for each in blocks(text)), *((each, False) for each in spans(text))]:
        for words in simple(found):
            if words[0].rpartition("/")[2] == "copydesk" and (
                problem := parsed(until_redirected(words)[1:], whole=whole)
            ):
                wrong.append(f"{' '.join(words)}: {problem}")
            if words[0] == "make" and not {w for w in words[1:] if re.fullmatch("[a-z-]+", w)} <= TARGETS:
                wrong.append(f"{' '.join(words)}: no such target")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_each_file_of_a_command_exists(page: str) -> None:
    """Or is the reader's own."""
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = []
    for found in [*blocks(text), *spans(text)]:
        for word in (word for words in simple(found) for word in words[1:]):
            path = word.rpartition("=")[2].split("::")[0]
            if not NAMED.fullmatch(path) or path.startswith((".venv/bin/", "/")):
                continue
            if not (ROOT / path).exists() and not THEIRS & {path, path.strip("./").split("/")[0]}:
                missing.append(f"{path} in: {found}")
    assert missing == []


def until_redirected(words: list[str]) -> list[str]:
    """A command's own words."""
    at = next((at for at, word in enumerate(words) if word and set(word) <= set("<>")), len(words))
    return words[:at]
