"""Pinning images by digest: what the registry says is written, and nothing else."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

PIN = runpy.run_path(str(Path(__file__).resolve().parents[2] / "deploy" / "pin.py"))
ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
COMPOSE = "services:\n  a:\n    image: apache/kafka:4.3.0\n  b:\n    image: copydesk:dev\n"


def test_a_digest_is_written_behind_the_tag(tmp_path: Path) -> None:
    """And written anew when the registry has another; our own image is built and has none."""
    file = tmp_path / "compose.yml"
    file.write_text(COMPOSE)
    for digest in (ONE, OTHER):
        assert PIN["main"]([str(file)], ask={"apache/kafka:4.3.0": digest}.get) == 0
        assert file.read_text() == COMPOSE.replace("4.3.0", f"4.3.0@{digest}")
    assert PIN["main"](["--check", str(file)]) == 0


def test_without_a_registry_nothing_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and a line for each image; the check says which has none."""
    file = tmp_path / "Dockerfile"
    file.write_text("FROM python:3.11-slim-bookworm AS build\n")
    assert PIN["main"]([str(file)], ask=lambda _: None) == 2
    assert file.read_text() == "FROM python:3.11-slim-bookworm AS build\n"
    assert "no digest could be had of python:3.11-slim-bookworm" in capsys.readouterr().err
    assert PIN["main"](["--check", str(file)]) == 1


def test_the_images_of_the_repository_are_found() -> None:
    """Those of Compose and both stages of the Dockerfile."""
    found = [image for file in PIN["FILES"] for image, _ in PIN["images"](file.read_text())]
    assert len(found) == 4
    assert sum(image.startswith("python:") for image in found) == 2
