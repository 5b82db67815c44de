"""How sure an entity is: the chance that a mention of it is right in span and label.

A logistic model of what is known without the scores of the network, so that the fast path and spaCy itself give the
same number: where the evidence is from, whether the model agrees, how often and how long the name is. Its weights are
fitted on the even half of CoNLL++ 2020 and checked on the odd half (`bench/quality.py entities --calibrate`,
docs/entities.md). Types that set does not label have the precision that spaCy reports for its model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.entities.names import Name

FEATURES = (
    "PERSON",
    "ORG",
    "place",
    "listed",
    "titled",
    "all seen",
    "none seen",
    "seen otherwise",
    "twice",
    "often",
    "long",
)
WEIGHTS = (0.46, -0.07, -0.03, 1.64, 1.42, 0.34, 0.5, -0.42, 0.51, 0.4, 0.46)
_REPORTED = {"NORP": 0.9, "PRODUCT": 0.53, "EVENT": 0.63, "WORK_OF_ART": 0.47, "LAW": 0.45, "LANGUAGE": 0.77}
_OTHER = 0.8  # dates and numbers


def features(names: Sequence[Name], cores: Sequence[str], label: str) -> tuple[float, ...]:
    """What speaks for an entity, 0 or 1 each, as FEATURES names them."""
    evidence = {name.evidence for name in names}
    seen = [name.seen for name in names if name.seen]
    return (
        float(label == "PERSON"),
        float(label == "ORG"),
        float(label in {"GPE", "LOC", "FAC"}),
        float(bool(evidence & {"list", "dateline"})),
        float(bool(evidence & {"title", "alias"})),
        float(len(seen) == len(names)),
        float(not seen),
        float(any(other != label for other in seen)),
        float(len(names) >= 2),
        float(len(names) >= 4),
        float(any(" " in core for core in cores)),
    )


def of(names: Sequence[Name], cores: Sequence[str], label: str) -> float:
    """The chance, 0-1, with two decimals."""
    if label not in {"PERSON", "ORG", "GPE", "LOC", "FAC"}:
        return _REPORTED.get(label, _OTHER)
    score = sum(weight * value for weight, value in zip(WEIGHTS, features(names, cores, label), strict=True))
    return round(1.0 / (1.0 + math.exp(-score)), 2)
