"""What docs/security.md claims: every row names a test that is there; and the claims that no other file tests."""

from __future__ import annotations

import ast
import re
import ssl
from pathlib import Path

import pytest

from agents.kafka.connection import ssl_context
from agents.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security.md"
HEADING = "## What holds, and which test shows it"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def claims(page: str) -> list[list[str]]:
    """The cells of each row of the table."""
    _, _, table = page.partition(HEADING)
    rows = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def missing(rows: list[list[str]], root: Path = ROOT) -> list[str]:
    """Claims without a test, and tests that are not there."""
    found = []
    for row in rows:
        if len(row) != 4 or not all(row) or not (named := _TEST.findall(row[-1])):
            found.append(f"no test: {' | '.join(row)}")
            continue
        for file, name in named:
            path = root / file
            tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            if not name.startswith("test_") or name not in functions:
                found.append(f"{file}::{name} is not there")
    return found


def test_every_claim_names_a_test_that_is_there() -> None:
    """A claim of the table without a test, or with one that was renamed, fails here."""
    rows = claims(PAGE.read_text())
    assert len(rows) >= 40
    assert missing(rows) == []


@pytest.mark.parametrize(
    "row",
    [
        "| feeder | it is safe | somehow | |",
        "| feeder | it is safe | somehow | `make test` |",
        "| feeder | it is safe | somehow | `tests/unit/test_security_claims.py::test_that_nobody_wrote` |",
        "| feeder | it is safe | somehow | `tests/unit/test_nothing.py::test_that_nobody_wrote` |",
        "| feeder | it is safe | `tests/unit/test_security_claims.py::claims` |",
    ],
)
def test_a_claim_without_a_test_is_seen(row: str) -> None:
    """No test, a name that is none, and a file that is not there."""
    assert missing(claims(f"{HEADING}\n\n| a | b | c | d |\n|---|---|---|---|\n{row}\n"))


def test_every_adversary_has_claims() -> None:
    """Each of those whom the page speaks of has a row, and no row is of anybody else."""
    against = {row[0] for row in claims(PAGE.read_text())}
    assert against == {"feeder", "page", "consumer", "neighbour", "operator", "machine", "supply chain"}


def test_pages_are_on_loopback_by_default() -> None:
    """/metrics, /livez and /readyz."""
    assert Settings().web_host == "127.0.0.1"


def test_tls_is_1_2_or_later() -> None:
    """And certificates and host names are checked."""
    context = ssl_context(Settings(broker="kafka.example:9093", security_protocol="SSL"))
    assert context is not None
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    """In every lock file; pip then takes nothing else."""
    packages = re.split(r"^(?=[\w.\[\]-]+==)", lock.read_text(), flags=re.M)[1:]
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


# Modules that run what they read, and calls that do.
_MODULES = frozenset({"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "yaml", "cloudpickle"})
_CALLS = frozenset({"eval", "exec", "__import__"})


def dangerous(source: str) -> list[str]:
    """What runs data as code in a module: imports, calls, pickles in arrays, shells."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += [name for name in names if name.split(".")[0] in _MODULES]
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
                found.append(node.func.id)
            found += [
                keyword.arg
                for keyword in node.keywords
                if keyword.arg in ("allow_pickle", "shell")
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
            ]
    return found


def test_no_code_comes_from_data() -> None:
    """Nothing in either package reads pickles or YAML, evaluates a string or asks a shell."""
    files = [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "agents").rglob("*.py")]
    assert len(files) > 50
    assert {file.name: found for file in files if (found := dangerous(file.read_text()))} == {}


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from yaml import load", "eval(text)", "np.load(file, allow_pickle=True)", "run(x, shell=True)"],
)
def test_code_from_data_is_seen(source: str) -> None:
    """The check can fail."""
    assert dangerous(source)
