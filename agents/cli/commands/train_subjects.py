"""`copydesk train-subjects EXAMPLES.jsonl --scheme NAME`: the user's own subjects, from a few examples a class."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from agents.cli import output as terminal
from agents.cli import reading
from pipeline.classification import heads, schemes
from pipeline.classification.vectors import direction
from pipeline.errors import SettingsError

FEW = 20  # examples of a class with which figures begin to mean something
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def train_subjects(
    examples: Annotated[
        Path, typer.Argument(help='One JSON object per line: {"text": "...", "title": "...", "subject": "NAME"}.')
    ],
    scheme: Annotated[
        str, typer.Option("--scheme", metavar="NAME", help="The name of the scheme, as records have it.")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: NAME.subjects.json.")] = None,
) -> None:
    """Train a classifier for subjects of your own; about 20 examples per subject are enough.

    It prints accuracy and confusions by five-fold cross-validation, and writes one file. If COPYDESK_SUBJECTS names the
    file, records have its subjects after IPTC's.
    """
    if not _NAME.fullmatch(scheme) or scheme == "medtop":
        raise SettingsError(f"--scheme {scheme}: lower-case letters, digits and dashes, and not medtop")
    rows = list(_read(examples))
    counts = Counter(label for _, _, label in rows)
    if len(counts) < 2 or min(counts.values()) < 5:
        raise SettingsError(f"{examples}: needs at least two subjects with five examples each, better {FEW}")
    facts = heads.manifest()
    vectors, network = heads.load()
    means = [vectors.bag(text, title).mean for text, title, _ in rows]
    units = np.array([direction(mean, network.centre) for mean in means])
    labels = [label for _, _, label in rows]
    _report(schemes.cross_validate(units, labels), counts)
    path = output or Path(f"{scheme}.subjects.json")
    schemes.save(schemes.fit(units, labels, name=scheme, vectors=facts["files"]["vectors.npy"]), path)
    terminal.say()
    terminal.say(f"wrote {path}; use it: COPYDESK_SUBJECTS={path}")


def _read(path: Path) -> list[tuple[str, str, str]]:
    found = []
    for line in reading.lines(path):
        try:
            row = json.loads(line.value)
            text, label = row.get("text") or row["body"], row["subject"]
            if not (isinstance(text, str) and isinstance(label, str) and text.strip() and label.strip()):
                raise ValueError
            found.append((text, str(row.get("title") or ""), label.strip()))
        except (ValueError, KeyError, AttributeError) as error:
            wanted = '{"text": "...", "subject": "NAME"}, title optional'
            raise SettingsError(f"{line.place}: not an example; expected {wanted}") from error
    return found


def _report(table: schemes.Confusion, counts: Counter[str]) -> None:
    classes = sorted(counts)
    wide = max(map(len, classes))
    right = table.diagonal()
    f1 = 2 * right / np.maximum(table.sum(0) + table.sum(1), 1)
    terminal.say(f"{table.sum()} examples, {len(classes)} classes; on examples not seen in training:")
    terminal.say(f"accuracy {right.sum() / table.sum():.3f}, macro-F1 {f1.mean():.3f}")
    terminal.say()
    terminal.say(
        f"{'actual below, predicted across':{max(wide, 30)}} examples    F1  "
        + " ".join(f"{c[:7]:>7}" for c in classes)
    )
    for name, row, score in zip(classes, table, f1, strict=True):
        few = "  few examples" if counts[name] < FEW else ""
        cells = " ".join(f"{n:7}" for n in row)
        terminal.say(f"{name:{max(wide, 30)}} {counts[name]:8} {score:.3f}  {cells}{few}")
