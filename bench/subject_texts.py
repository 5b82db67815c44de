"""What the subjects are trained on, read once: HuffPost headlines, IPTC definitions, own keywords and passages.

Every other set is for measuring and is not read here, `subjects/held_out` among them.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[2] / "shared" / "data"
OWN = Path(__file__).parent / "subjects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts with their classes. `top` indexes `tops` (17), `second` indexes `seconds` (120); -1 is unknown."""

    tops: list[str]
    seconds: list[str]
    parent: np.ndarray  # (120,) index of the top of each second
    headlines: list[str]
    headline_top: np.ndarray
    definitions: list[str]
    definition_code: list[str]
    definition_top: np.ndarray
    definition_second: np.ndarray
    passages: list[str]
    passage_second: np.ndarray
    keywords: list[str]
    keyword_second: np.ndarray
    sources: list[Path] = field(default_factory=list)


def read(data: Path = DATA) -> Texts:
    """All of it, in a fixed order."""
    headline_file, iptc_file = data / "subjects" / "huffpost.jsonl.gz", data / "iptc" / "iptc_mediatopics.json"
    with gzip.open(headline_file, "rt", encoding="utf-8") as lines:
        headlines = [json.loads(line) for line in lines]
    topics = [topic for topic in json.loads(iptc_file.read_text("utf-8"))["topics"] if not topic["retired"]]
    tops = sorted({topic["path"][0] for topic in topics})
    seconds = sorted({topic["path"][1] for topic in topics if len(topic["path"]) > 1})
    path = {topic["qcode"]: topic["path"] for topic in topics}
    passages: list[tuple[int, str]] = []
    keywords: list[tuple[int, str]] = []
    files = [*sorted(OWN.glob("[0-9]*.txt")), *sorted((OWN / "sittings").glob("*.txt"))]
    for file in files:
        second = -1
        for line in filter(None, map(str.strip, file.read_text("utf-8").splitlines())):
            if line.startswith("= "):
                second = seconds.index(f"medtop:{line[2:10]}")
            elif line.startswith(": "):
                keywords += [(second, word) for word in map(str.strip, line[2:].split(",")) if word]
            else:
                passages.append((second, line))
    return Texts(
        tops=tops,
        seconds=seconds,
        parent=np.array([tops.index(path[code][0]) for code in seconds]),
        headlines=[line["text"] for line in headlines],
        headline_top=np.array([tops.index(f"medtop:{line['medtop']}") if line["medtop"] else -1 for line in headlines]),
        definitions=[f"{topic['name']}: {topic['definition'] or ''}" for topic in topics],
        definition_code=[topic["qcode"] for topic in topics],
        definition_top=np.array([tops.index(topic["path"][0]) for topic in topics]),
        definition_second=np.array(
            [seconds.index(topic["path"][1]) if len(topic["path"]) > 1 else -1 for topic in topics]
        ),
        passages=[text for _, text in passages],
        passage_second=np.array([second for second, _ in passages]),
        keywords=[text for _, text in keywords],
        keyword_second=np.array([second for second, _ in keywords]),
        sources=[headline_file, iptc_file, *files],
    )
