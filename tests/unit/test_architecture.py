"""docs/architecture.md agrees with the code: its layers are those that import-linter checks, its names are modules."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
Layers = list[frozenset[str]]


def drawn() -> dict[str, Layers]:
    """Package -> its layers from the top, as the block under "Layers" has them."""
    (block,) = re.findall(r"## Layers.*?```text\n(.*?)```", PAGE, re.S)
    found: dict[str, Layers] = {}
    package = ""
    for line in filter(str.strip, block.splitlines()):
        name, colon, rest = line.partition(": ") if re.match(r"[a-z]", line) else ("", "", line)
        package = name if colon else package
        layers = [layer for layer in rest.split(">") if layer.strip()]
        found.setdefault(package, []).extend(frozenset(re.split(r"\s*[|:]\s*", layer.strip())) for layer in layers)
    return found


def kept() -> dict[str, Layers]:
    """The same of the contracts that import-linter keeps."""
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    return {
        contract["containers"][0]: [frozenset(re.split(r"\s*[|:]\s*", layer)) for layer in contract["layers"]]
        for contract in contracts
        if "containers" in contract
    }


def test_the_layers_are_those_that_are_kept() -> None:
    """Of every package, in the same order."""
    assert drawn() == kept()


def test_every_contract_is_exhaustive() -> None:
    """A new module has no place until somebody says where it belongs."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert all(contract.get("exhaustive") for contract in contracts if "containers" in contract)


@pytest.mark.parametrize("package", sorted(drawn()))
def test_every_name_is_a_module(package: str) -> None:
    """Or a package, in that folder; and nothing else is there."""
    folder = ROOT / package.replace(".", "/")
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    modules |= {path.parent.name for path in folder.glob("*/__init__.py")}
    assert {name for layer in drawn()[package] for name in layer} == modules


def test_the_files_of_the_table_exist() -> None:
    """Every path that the page names."""
    paths = re.findall(r"`((?:pipeline|agents|deploy|bench)/[A-Za-z0-9_./-]*)`", PAGE)
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []
