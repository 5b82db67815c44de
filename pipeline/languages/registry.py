"""The language packs that are installed: what each has, where its files lie, and a hash of them.

A pack is a folder with a `pack.toml` (docs/languages.md): a section for each part that it has, which names the part's
files. Only the `pack.toml` files are read here, and nothing is compiled: each stage reads the files of its own part.
A part's digest stands in the provenance of the articles it served, so no version of data is raised by hand.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError

FORMAT = "copydesk-language/1"
HERE = Path(__file__).parent
DEFAULT = "en"  # whose pack serves a language that has none, as far as the stage can use it at all
# The parts of a pack and the files that each may name; subjects' weights are a folder.
PARTS: Mapping[str, frozenset[str]] = {
    "boilerplate": frozenset({"rules", "weights"}),
    "entities": frozenset({"lexicon", "patterns", "peoples", "names"}),
    "subjects": frozenset({"weights", "words"}),
}
_TAG = re.compile(r"[a-z]{2,8}\Z")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """One language: `parts` has the sections of its `pack.toml`, `facts` what stands before them."""

    language: str  # BCP 47 primary tag
    name: str
    folder: Path
    parts: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def has(self, part: str) -> bool:
        """Whether it has that part."""
        return part in self.parts

    def file(self, part: str, key: str) -> Path | None:
        """Where a part's file (or folder) lies, None if it names none."""
        name = self.parts[part].get(key)
        return None if name is None else self.folder / name

    def read(self, part: str, key: str) -> bytes | None:
        """A part's file, None if it names none. Raises ModelError if it cannot be read."""
        path = self.file(part, key)
        try:
            return None if path is None else path.read_bytes()
        except OSError as error:
            raise self.broken(f"{path} cannot be read: {error.strerror}") from error

    def digest(self, part: str) -> str:
        """SHA-256 (hex) over a part's section and the names and bytes of its files. Raises ModelError."""
        return _digest(self, part)

    def broken(self, why: str) -> ModelError:
        """The one line that says what is wrong with it."""
        return ModelError(f"the language pack in {self.folder} cannot be used: {' '.join(why.split())}"[:500])


@functools.cache
def _digest(pack: Pack, part: str) -> str:
    digest = hashlib.sha256(json.dumps(pack.parts[part], sort_keys=True, ensure_ascii=False).encode())
    for key in sorted(PARTS[part]):
        path = pack.file(part, key)
        for file in [] if path is None else sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                with file.open("rb") as content:
                    found = hashlib.file_digest(content, "sha256").hexdigest()
                digest.update(f"\n{file.relative_to(pack.folder).as_posix()}\0{found}".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packs:
    """The installed packs by language; `default` is the shipped one of DEFAULT."""

    by_language: Mapping[str, Pack]
    default: Pack

    def of(self, tag: str | None) -> Pack | None:
        """The pack of a language, by the primary tag of a BCP 47 one."""
        return self.by_language.get(primary(tag)) if tag else None

    def with_part(self, part: str) -> dict[str, Pack]:
        """The packs that have a part, by language."""
        return {language: pack for language, pack in self.by_language.items() if pack.has(part)}


def primary(tag: str) -> str:
    """The primary tag of a BCP 47 one, in lower case: "en" of "en-GB"."""
    return tag.split("-")[0].lower()


def english() -> Pack:
    """The English pack that ships with copydesk."""
    return installed().default


@functools.cache
def installed(folder: Path | None = None) -> Packs:
    """The packs that ship with copydesk and those in the folders within `folder`, which win for their language.

    Raises ModelError, one line, if one of them cannot be used.
    """
    ours = {pack.language: pack for pack in _within(HERE)}
    theirs: dict[str, Pack] = {}
    for pack in [] if folder is None else _within(folder):
        if pack.language in theirs:
            raise pack.broken(f"{theirs[pack.language].folder} is of the language {pack.language!r} too")
        theirs[pack.language] = pack
    return Packs(by_language={**ours, **theirs}, default=ours[DEFAULT])


def _within(folder: Path) -> list[Pack]:
    try:
        files = sorted(path / "pack.toml" for path in folder.iterdir() if (path / "pack.toml").is_file())
    except OSError as error:
        raise ModelError(f"the folder of language packs {folder} cannot be read: {error.strerror}") from error
    if not files:
        raise ModelError(f"the folder of language packs {folder} has no folder with a pack.toml")
    return [read(file.parent) for file in files]


def read(folder: Path) -> Pack:
    """The pack in a folder. Raises ModelError, one line, if it is none."""
    try:
        data = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: no TOML, or no UTF-8
        raise ModelError(
            f"the language pack in {folder} cannot be read: {' '.join(str(error).split())}"[:500]
        ) from error
    sections = {key: value for key, value in data.items() if isinstance(value, dict)}
    facts = {key: value for key, value in data.items() if key not in sections}
    pack = Pack(
        language=str(facts.get("language", "")),
        name=str(facts.get("name", "")),
        folder=folder,
        parts=sections,
        facts=facts,
    )
    if problem := _problem(pack):
        raise pack.broken(problem)
    return pack


def _problem(pack: Pack) -> str | None:
    if pack.facts.get("format") != FORMAT:
        return f"its format is {pack.facts.get('format')!r}, not {FORMAT!r}"
    if not _TAG.match(pack.language) or pack.language == "und":
        return f"its language {pack.language!r} is no primary tag such as 'en'"
    if unknown := sorted(pack.parts.keys() - PARTS.keys()):
        return f"it has a part {unknown[0]!r}; a pack has {', '.join(PARTS)}"
    for part, keys in PARTS.items():
        for key in sorted(keys & pack.parts.get(part, {}).keys()):
            name = pack.parts[part][key]
            if not isinstance(name, str) or not (pack.folder / name).resolve().is_relative_to(pack.folder.resolve()):
                return f"[{part}] {key} names no file within it"
            if not (pack.folder / name).exists():
                return f"[{part}] {key}: it has no {name}"
    return None
