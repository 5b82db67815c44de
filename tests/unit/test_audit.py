"""The offline audit: what an advisory is about, and what it is not."""

from __future__ import annotations

import json
import runpy
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
AUDIT = runpy.run_path(str(ROOT / "requirements" / "audit.py"))
PACKAGES = {"faust-streaming": Version("0.15.3"), "lxml": Version("6.0")}


def advisory(**affected: Any) -> dict[str, Any]:
    name = affected.pop("name", "lxml")
    return {"id": "X-1", "summary": "bad", "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **affected}]}


def between(*events: dict[str, str]) -> dict[str, Any]:
    return advisory(ranges=[{"type": "ECOSYSTEM", "events": list(events)}])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (advisory(versions=["5.9", "6.0.0"]), True),
        (advisory(versions=["5.9"]), False),
        (advisory(name="Faust_Streaming", versions=["0.15.3"]), True),
        (advisory(name="requests", versions=["6.0"]), False),
        (between({"introduced": "0"}), True),
        (between({"introduced": "0"}, {"fixed": "6.0"}), False),
        (between({"introduced": "0"}, {"fixed": "6.0.1"}), True),
        (between({"introduced": "0"}, {"last_affected": "6.0"}), True),
        (between({"introduced": "0"}, {"fixed": "5.0"}, {"introduced": "5.5"}, {"fixed": "6.1"}), True),
        (between({"introduced": "6.1"}), False),
        (between({"introduced": "0"}) | {"withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_what_an_advisory_is_about(given: dict[str, Any], found: bool, tmp_path: Path) -> None:
    """By version and by range, as OSV writes them; names as PyPI compares them; none that was withdrawn."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr("X-1.json", json.dumps(given))
    assert bool(list(AUDIT["known"](tmp_path / "all.zip", PACKAGES))) is found


def test_the_lock_is_read() -> None:
    """Every package of it, with the version that is installed."""
    packages = AUDIT["locked"]((ROOT / "requirements" / "run.lock").read_text())
    assert packages["faust-streaming"] == Version("0.15.3")
    assert len(packages) > 50


NEWEST = {
    "info": {"version": "6.0.0"},
    "vulnerabilities": [{"id": "X-2", "fixed_in": ["6.1"], "summary": "bad\nworse"}],
}


@pytest.mark.parametrize(
    ("pages", "answer"),
    [
        ({"i/lxml/6.0/json": NEWEST}, ["lxml 6.0: X-2 (fixed in 6.1) bad worse"]),
        ({"i/lxml/json": NEWEST}, ["lxml 6.0: X-2 (fixed in 6.1) bad worse"]),
        ({"i/lxml/json": NEWEST | {"vulnerabilities": []}}, []),
        ({"i/lxml/json": NEWEST | {"vulnerabilities": [{"id": "X-3", "withdrawn": "2026-01-01"}]}}, []),
        ({"i/lxml/json": NEWEST | {"info": {"version": "6.1"}}}, None),
        ({"i/lxml/json": {"info": {"version": "6.0"}}}, None),
        ({}, None),
    ],
)
def test_what_the_index_says(pages: dict[str, Any], answer: list[str] | None) -> None:
    """Of the version that is locked or not at all: what is true of the newest one is not true of an older."""
    assert AUDIT["ask"]("i", "lxml", Version("6.0"), pages.get) == answer


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ({"lxml": [], "faust-streaming": []}, 0, "2 of 2 packages audited, 0 known vulnerabilities\n"),
        ({"lxml": ["lxml 6.0: X-2"], "faust-streaming": None}, 1, "1 of 2 packages audited, 1 known"),
        ({"lxml": [], "faust-streaming": None}, 2, "says nothing of 1 packages: faust-streaming 0.15.3"),
    ],
)
def test_packages_without_an_answer_fail_the_audit(
    answers: dict[str, list[str] | None], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0 only if every package was asked about and none has a vulnerability."""
    assert AUDIT["report"](PACKAGES, answers) == code
    assert said in "".join(capsys.readouterr())
