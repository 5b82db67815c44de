"""What the vectors mean: 17 top-level and 120 second-level scores by one small network, deeper ones by likeness.

The network is 256 -> 320 (ReLU) -> 17 + 120. A second-level probability is that of its top times its share among its
siblings. Weights lie in `languages/en/subjects/`; `manifest.json` there names each file's SHA-256 and is checked here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import media_topics
from pipeline.classification import wording
from pipeline.classification.vectors import Floats, Vectors, Vocabulary, direction
from pipeline.classification.wording import Wording
from pipeline.errors import ModelError
from pipeline.languages import registry

FOLDER = registry.HERE / "en" / "subjects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Of one article: `top` (17,) and `second` (120,) probabilities that sum to one; `unit` its direction (256,).

    `active` marks the hidden units that fired (320,): the network is linear there, which is what evidence needs.
    """

    unit: Floats
    top: Floats
    second: Floats
    active: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The network and the likenesses, with the codes that its outputs stand for."""

    tops: tuple[str, ...]
    seconds: tuple[str, ...]
    parent: NDArray[np.int64]  # (120,) the top of each second
    centre: Floats  # (256,) the middle of news
    hidden: Floats  # (320, 256)
    hidden_bias: Floats
    output: Floats  # (137, 320)
    output_bias: Floats
    temperature: float
    second_temperature: float
    deeper: Mapping[str, tuple[tuple[str, ...], Floats]]  # second: codes right below it, their directions (n, 256)
    siblings: Floats  # (17, 320) the mean output layer of the seconds below each top

    def scores(self, mean: Floats) -> Scores:
        """Probabilities for the mean vector (256,) of one text."""
        unit = direction(mean, self.centre)
        hidden = self.hidden @ unit + self.hidden_bias
        raw = self.output @ np.maximum(hidden, 0) + self.output_bias
        top = softmax(raw[: len(self.tops)] / self.temperature)
        seconds = raw[len(self.tops) :] / self.second_temperature
        powers = np.exp(seconds - seconds.max())
        family = np.bincount(self.parent, weights=powers, minlength=len(self.tops))
        second: Floats = (top[self.parent] * powers / np.maximum(family[self.parent], 1e-30)).astype(np.float32)
        return Scores(unit=unit, top=top, second=second, active=hidden > 0)

    def slopes(self, scores: Scores, slots: list[int]) -> Floats:
        """(slots, 256): where each output grows against the other tops (or its siblings), at this article."""
        pulls = np.stack([self.output[slot] - self._rivals(scores, slot) for slot in slots])
        result: Floats = (pulls * scores.active) @ self.hidden
        return result

    def _rivals(self, scores: Scores, slot: int) -> Floats:
        tops = len(self.tops)
        rivals: Floats = (
            scores.top @ self.output[:tops] if slot < tops else self.siblings[int(self.parent[slot - tops])]
        )
        return rivals


def softmax(raw: Floats) -> Floats:
    """Scores of one row to probabilities."""
    powers = np.exp(raw - raw.max())
    result: Floats = (powers / powers.sum()).astype(np.float32)
    return result


def manifest(folder: Path = FOLDER) -> dict[str, Any]:
    """The manifest, once every file it names is what it says; ModelError otherwise."""
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
        for name, expected in found["files"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    raise ModelError(f"{folder / name} is not the file that was trained: reinstall copydesk")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"the subject weights in {folder} cannot be read: {type(error).__name__}; reinstall"
        ) from error
    return found


def _families(codes: NDArray[np.str_], likeness: Floats) -> Mapping[str, tuple[tuple[str, ...], Floats]]:
    members: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        members.setdefault(media_topics.topics()[str(code)].parent or "", []).append(row)
    return {second: (tuple(str(codes[row]) for row in rows), likeness[rows]) for second, rows in members.items()}


def load(folder: Path = FOLDER, words_of: Wording | None = None) -> tuple[Vectors, Heads]:
    """Vectors (mapped from the file, so that processes share them) and heads, unverified: call `manifest` first.

    `words_of` the language, English unless given.
    """
    forms = words_of or wording.load(registry.english())
    words, phrases = (folder / "words.txt").read_text("utf-8").split("\n\n")
    table = np.load(folder / "vectors.npy", mmap_mode="r")
    with np.load(folder / "heads.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    parent, below = arrays["parent"].astype(np.int64), arrays["output"][len(arrays["tops"]) :]
    vocabulary = Vocabulary(words.split("\n"), phrases.strip().split("\n"), forms.endings)
    heads = Heads(
        tops=tuple(str(code) for code in arrays["tops"]),
        seconds=tuple(str(code) for code in arrays["seconds"]),
        parent=parent,
        centre=arrays["centre"],
        hidden=arrays["hidden"],
        hidden_bias=arrays["hidden_bias"],
        output=arrays["output"],
        output_bias=arrays["output_bias"],
        temperature=float(arrays["temperature"]),
        second_temperature=float(arrays["second_temperature"]),
        deeper=_families(arrays["deeper"], arrays["likeness"].astype(np.float32)),
        siblings=np.stack([below[parent == top].mean(0) for top in range(len(arrays["tops"]))]),
    )
    return Vectors(vocabulary, table, arrays["weights"], abbreviated=forms.abbreviated), heads
