"""Known vulnerabilities of the locked packages: make audit. Exit 0 none, 1 some, 2 not all could be asked about.

    python requirements/audit.py                        asks the package index that pip is configured for
    python requirements/audit.py --database=all.zip     asks a file: OSV's export for PyPI, fetched where one can
                                                        (osv.dev documents its data dumps)

The index's JSON about one version names its vulnerabilities. Some mirrors have it for the newest version alone: a
package that is locked at another is then one that nobody could be asked about. That is no audit that was passed: it
has an exit code and a sentence of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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


def index_of_pip() -> str:
    """Where the index that pip is configured for has its JSON, as `URL/NAME/json` and `URL/NAME/VERSION/json`."""
    simple = ""
    for name in (":env:.index-url", "global.index-url"):
        asked = [sys.executable, "-m", "pip", "config", "get", name]
        simple = simple or subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()  # noqa: S603
    if simple:
        return re.sub(r"/simple/?$", "", simple.rstrip("/")) + "/pypi"
    from pip._internal.models.index import PyPI  # pip's own default; it has no public name

    return PyPI.pypi_url


Fetch = Callable[[str], dict[str, Any] | None]


def fetch(url: str) -> dict[str, Any] | None:
    """A JSON object, None if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  the index that pip is configured for
            found = json.load(answer)
    except (OSError, ValueError):  # urllib's errors are OSErrors
        return None
    return found if isinstance(found, dict) else None


def ask(index: str, name: str, version: Version, fetched: Fetch = fetch) -> list[str] | None:
    """One line for each vulnerability of a version; None if the index cannot say."""
    for url in (f"{index}/{name}/{version}/json", f"{index}/{name}/json"):
        about = fetched(url)
        if (
            about
            and isinstance(listed := about.get("vulnerabilities"), list)
            and _version(str(about.get("info", {}).get("version", ""))) == version
        ):
            return [_line(name, version, found) for found in listed if not found.get("withdrawn")]
    return None


def _line(name: str, version: Version, found: dict[str, Any]) -> str:
    fixed = ", ".join(found.get("fixed_in") or ()) or "no version"
    told = " ".join(str(found.get("summary") or found.get("details") or "").split())[:200]
    return f"{name} {version}: {found.get('id')} (fixed in {fixed}) {told}".rstrip()


def report(packages: dict[str, Version], answers: dict[str, list[str] | None]) -> int:
    """Say what was found, and of which packages nobody could say."""
    found = [line for lines in answers.values() for line in lines or ()]
    untold = [f"{name} {packages[name]}" for name, lines in answers.items() if lines is None]
    told = len(packages) - len(untold)
    print("\n".join([*found, f"{told} of {len(packages)} packages audited, {len(found)} known vulnerabilities"]))
    if untold:
        print(
            f"NOT AUDITED: the package index says nothing of {len(untold)} packages: {', '.join(untold)}.\n"
            "Give a database: make audit ARGS=--database=all.zip (requirements/audit.py says where it is), or hand the "
            "output of make sbom to a scanner that has one.",
            file=sys.stderr,
        )
    return 1 if found else 2 if untold else 0


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
    index = index_of_pip()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda item: ask(index, *item), packages.items()))
    return report(packages, dict(zip(packages, answers, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
