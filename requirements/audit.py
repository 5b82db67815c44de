"""Known vulnerabilities of the locked packages: make audit. Exit 0 none, 1 some, 2 nobody could be asked.

    python requirements/audit.py                        asks the package index, by pip-audit
    python requirements/audit.py --database=all.zip     asks a file: OSV's export for PyPI, fetched where one can
                                                        (osv.dev documents its data dumps)

Not being able to ask is not an audit that was passed: it has an exit code and a sentence of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).resolve().parent / "run.lock"


def locked(lock: str) -> dict[str, Version]:
    """Name and version of every package."""
    return {canonicalize_name(name): Version(v) for name, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.M)}


def known(database: Path, packages: dict[str, Version]) -> Iterator[str]:
    """One line for each advisory of an OSV export that is about a locked version."""
    with zipfile.ZipFile(database) as file:
        for member in sorted(file.namelist()):
            advisory = json.loads(file.read(member))
            for affected in advisory.get("affected", ()) if not advisory.get("withdrawn") else ():
                name = canonicalize_name(affected.get("package", {}).get("name", ""))
                if name in packages and _concerns(affected, packages[name]):
                    yield f"{name} {packages[name]}: {advisory['id']} {advisory.get('summary', '')}".rstrip()
                    break


def _concerns(affected: dict[str, Any], version: Version) -> bool:
    if any(version == listed for text in affected.get("versions", ()) if (listed := _version(text))):
        return True
    return any(_within(r["events"], version) for r in affected.get("ranges", ()) if r["type"] == "ECOSYSTEM")


def _within(events: list[dict[str, str]], version: Version) -> bool:
    """OSV's events, in their order: introduced, and then fixed or last_affected."""
    inside = False
    for event in events:
        ((kind, text),) = event.items()
        at = _version(text)
        if at is None:
            continue
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def main() -> int:
    """Ask, and say."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of the locked packages.")
    parser.add_argument("--database", type=Path, help="OSV's export for PyPI, a zip, instead of the package index")
    given = parser.parse_args()
    packages = locked(LOCK.read_text())
    if given.database:
        found = list(known(given.database, packages))
        print("\n".join([*found, f"{len(packages)} packages, {len(found)} known vulnerabilities ({given.database})"]))
        return bool(found)
    asked = subprocess.run(  # noqa: S603  our own arguments
        [sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip", "-r", str(LOCK)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if asked.returncode == 0 or "known vulnerabilit" in asked.stderr + asked.stdout:
        print(asked.stdout + asked.stderr, end="")
        return asked.returncode
    reason = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
    print(
        f"NOT AUDITED: the package index was not of help with {len(packages)} packages ({reason}).\n"
        "Give a database: make audit ARGS=--database=all.zip (requirements/audit.py says where it is), or hand the "
        "output of make sbom to a scanner that has one.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
