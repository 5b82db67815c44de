"""The weights of spaCy's entity recogniser, taken out of its model and laid out for matrix products.

Supported is what spaCy's small, medium and large English models are made of: MultiHashEmbed.v2 (with or without static
vectors), MaxoutWindowEncoder.v2 and TransitionBasedParser.v2 with an upper layer and the three features of NER.
Anything else raises `UnsupportedError`, and the stage runs spaCy itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_ATTRIBUTES = {"NORM", "PREFIX", "SUFFIX", "SHAPE"}  # all a function of the word form alone


class UnsupportedError(Exception):
    """The model is not of the architecture that this runtime computes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maxout:
    """Maxout with layer normalisation: `weights` (inputs, pieces x width), a piece after the other; `bias` alike."""

    weights: Floats
    bias: Floats
    gain: Floats
    shift: Floats
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Everything that is computed, in order; `width` of the vectors (96), `pad` blank rows between documents (4).

    `lower` (3 features, width of a token, pieces x hidden) and `lower_pad` for an absent feature; `upper` (hidden,
    classes). `moves` are the names of the classes ("B-ORG", ..., "O") in spaCy's order, which decides ties.
    """

    attributes: tuple[str, ...]
    tables: tuple[tuple[Floats, int], ...]  # (rows, width) and the seed of its hash
    static: tuple[Any, Floats] | None  # spaCy's vectors, and their projection (dimensions, width)
    mix: Maxout
    layers: tuple[Maxout, ...]
    pad: int
    project: tuple[Floats, Floats]
    lower: Floats
    lower_pad: Floats
    lower_bias: Floats
    lower_pieces: int
    upper: tuple[Floats, Floats]
    moves: tuple[str, ...]

    @property
    def width(self) -> int:
        """Of a token's vector."""
        return int(self.mix.gain.shape[0])


def take(nlp: Any) -> Weights:
    """The weights of the `ner` of a spaCy Language. Raises UnsupportedError."""
    try:
        return _take(nlp)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnsupportedError(f"not the expected layers: {type(error).__name__}") from error


def _take(nlp: Any) -> Weights:
    ner = nlp.get_pipe("ner")
    model, moves = ner.model, ner.moves
    if ner.cfg.get("beam_width", 1) > 1 or not model.attrs["has_upper"] or model.attrs["unseen_classes"]:
        raise UnsupportedError("a beam, no upper layer, or classes never seen")
    config = ner.model.get_ref("tok2vec")
    lower, upper = model.get_ref("lower"), model.get_ref("upper")
    nodes = list(config.walk())
    columns = _only(nodes, "extract_features").attrs["columns"]
    if not set(columns) <= _ATTRIBUTES:
        raise UnsupportedError(f"features {columns}")
    static = [node for node in nodes if node.name == "static_vectors"]
    if static and nlp.vocab.vectors.mode != "default":
        raise UnsupportedError("vectors of subwords")
    maxouts = [node for node in nodes if node.name == "maxout"]
    norms = [node for node in nodes if node.name == "layernorm"]
    windows = [node.attrs["window_size"] for node in nodes if node.name == "expand_window"]
    known = {"hashembed", "static_vectors", "maxout", "layernorm", "linear"}
    if any(node.name not in known and node.param_names for node in nodes):
        raise UnsupportedError("layers of other kinds")
    if len(maxouts) != len(norms) or len(windows) != len(maxouts) - 1 or set(windows) != {1}:
        raise UnsupportedError("an encoder of another shape")
    hashes = [node for node in nodes if node.name == "hashembed"]
    if [node.attrs["column"] for node in hashes] != list(range(len(columns))):
        raise UnsupportedError("embeddings in another order")
    weights: Floats = lower.get_param("W")  # (features, hidden, pieces, inputs)
    features, hidden, pieces, _ = weights.shape
    if features != 3:
        raise UnsupportedError(f"{features} features of a state")
    linear = _only(nodes, "linear")
    return Weights(
        attributes=tuple(columns),
        tables=tuple((node.get_param("E"), node.attrs["seed"]) for node in hashes),
        static=(nlp.vocab.vectors, _contiguous(static[0].get_param("W").T)) if static else None,
        mix=_maxout(maxouts[0], norms[0]),
        layers=tuple(_maxout(*pair) for pair in zip(maxouts[1:], norms[1:], strict=True)),
        pad=len(windows),
        project=(_contiguous(linear.get_param("W").T), linear.get_param("b")),
        lower=_contiguous(weights.transpose(0, 3, 2, 1).reshape(3, -1, pieces * hidden)),
        lower_pad=_contiguous(lower.get_param("pad")[0].transpose(0, 2, 1).reshape(3, pieces * hidden)),
        lower_bias=_contiguous(lower.get_param("b").T.reshape(pieces * hidden)),
        lower_pieces=pieces,
        upper=(_contiguous(upper.get_param("W").T), upper.get_param("b")),
        moves=tuple(moves.get_class_name(index) for index in range(moves.n_moves)),
    )


def _only(nodes: list[Any], name: str) -> Any:
    found = [node for node in nodes if node.name == name]
    if len(found) != 1:
        raise UnsupportedError(f"{len(found)} layers {name}")
    return found[0]


def _maxout(maxout: Any, norm: Any) -> Maxout:
    weights: Floats = maxout.get_param("W")  # (outputs, pieces, inputs)
    outputs, pieces, inputs = weights.shape
    return Maxout(
        # Piece by piece, so that the maximum over pieces is one over contiguous halves.
        weights=_contiguous(weights.transpose(2, 1, 0).reshape(inputs, pieces * outputs)),
        bias=_contiguous(maxout.get_param("b").T.reshape(pieces * outputs)),
        gain=norm.get_param("G"),
        shift=norm.get_param("b"),
        pieces=pieces,
    )


def _contiguous(array: Any) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)
