"""Make the subject weights: `python bench/train_subjects.py [--out FOLDER] [--cache FOLDER]`, about six minutes.

Inputs are those of subject_texts.py, the teacher is that of subject_teacher.py; the seed is fixed and everything runs
on one thread, so a second run on the same machine gives the same bytes (the last line printed is their hash).
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np
import subject_student
import torch
from subject_teacher import Teacher, soft_labels
from subject_texts import Texts, read
from threadpoolctl import threadpool_limits

from pipeline.classification import wording
from pipeline.classification.heads import FOLDER
from pipeline.classification.vectors import Vectors, Vocabulary, tokens
from pipeline.languages import registry

VERSION = "1.1.0"
ATTRIBUTION = [
    "learnt from the HuffPost News Category Dataset (R. Misra, 2022), CC BY 4.0",
    "learnt from IPTC Media Topics NewsCodes (https://iptc.org), CC BY 4.0",
    "word vectors derived from sentence-transformers/all-MiniLM-L6-v2, Apache 2.0",
]
DIMENSIONS = 256
SIF = 1e-4  # Arora et al. 2017
CONTEXT = 5.0  # occurrences at which a word's contexts weigh as much as the word alone
_COMMON = """the a an of to in and or for is are was on at by with from it its be as that this you your we our he she
his her they their not but how what why who when if so do does can will"""
_STOP = frozenset(_COMMON.split())


def vocabulary(texts: Texts, pieces: list[str]) -> tuple[list[str], list[str], np.ndarray]:
    """Words, phrases, and the frequency of each in that order."""
    words: collections.Counter[str] = collections.Counter()
    pairs: collections.Counter[tuple[str, str]] = collections.Counter()
    for text in texts.headlines:
        found = tokens(text)
        words.update(found)
        pairs.update(itertools.pairwise(found))
    own: collections.Counter[str] = collections.Counter()
    for text in [*texts.definitions, *texts.keywords, *texts.passages]:
        own.update(tokens(text))
    total = words.total()
    phrases = {pair for text in texts.keywords for pair in itertools.pairwise(tokens(text))}
    for text in texts.definitions:
        name = tokens(text.split(":", 1)[0])
        phrases.update(itertools.pairwise(name))
    for pair, count in pairs.items():
        if count >= 4 and math.log(count * total / (words[pair[0]] * words[pair[1]])) > 3:
            phrases.add(pair)
    kept = sorted(pair for pair in phrases if not _STOP.intersection(pair))
    known = sorted(set(words) | set(own) | {piece for piece in pieces if tokens(piece) == [piece]})
    frequency = [words[word] + 0.2 * own[word] for word in known] + [float(pairs[pair]) for pair in kept]
    return known, [" ".join(pair) for pair in kept], np.array(frequency)


def vectors(texts: Texts, teacher: Teacher, words: list[str], phrases: list[str]) -> np.ndarray:
    """MiniLM's vector of each word alone, mixed with its mean in context; phrases alone. PCA to 256 numbers."""
    table = teacher.encode([*words, *phrases], size=256)
    lists = [", ".join(texts.keywords[i : i + 6]) for i in range(0, len(texts.keywords), 6)]
    contexts = [*texts.headlines, *texts.definitions, *texts.passages, *texts.passages, *lists]
    sums, counts = teacher.in_context(contexts, words)
    seen = counts > 0
    length = np.linalg.norm(sums[seen] / counts[seen, None], axis=1).mean()
    table[: len(words)] = (sums / length + CONTEXT * table[: len(words)]) / (counts[:, None] + CONTEXT)
    moved = table - table.mean(0)
    _, axes = np.linalg.eigh((moved.T @ moved).astype(np.float64))
    return moved @ axes[:, ::-1][:, :DIMENSIONS].astype(np.float32)


def quantised(table: np.ndarray, frequency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eight bits a number with a scale a row; the scale goes into the weight with the inverse frequency."""
    share = np.maximum(frequency, 0.3) / frequency.sum()
    scale = np.abs(table).max(1) / 127
    return np.rint(table / scale[:, None]).astype(np.int8), (SIF / (SIF + share) * scale).astype(np.float32)


def prepared(cache: Path | None, texts: Texts) -> dict[str, np.ndarray]:
    """All that MiniLM is asked, kept in `cache` where one is given: the slow part, of no use to anyone else."""
    key = hashlib.sha256(b"".join(source.read_bytes() for source in texts.sources)).hexdigest()[:16]
    file = cache / f"subjects-{key}.npz" if cache else None
    if file and file.exists():
        with np.load(file) as stored:
            return dict(stored)
    teacher = Teacher()
    words, phrases, frequency = vocabulary(texts, list(teacher.tokenizer.get_vocab()))
    headlines = teacher.encode(texts.headlines)
    kinds = [teacher.encode(kind, length=128) for kind in (texts.passages, texts.keywords, texts.definitions)]
    top, second = soft_labels(texts, headlines, *kinds)
    table, weights = quantised(vectors(texts, teacher, words, phrases), frequency)
    found = {
        "words": np.array(words),
        "phrases": np.array(phrases),
        "table": table,
        "weights": weights,
        "top": top,
        "second": second,
    }
    if file:
        np.savez(file, **found)
    return found


def write(folder: Path, found: dict[str, np.ndarray], arrays: dict[str, np.ndarray], facts: dict[str, object]) -> str:
    """The files and their manifest; returns the hash of all."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.txt").write_text("\n".join(found["words"]) + "\n\n" + "\n".join(found["phrases"]) + "\n", "utf-8")
    np.save(folder / "vectors.npy", found["table"])
    np.savez(folder / "heads.npz", weights=found["weights"], **arrays)
    names = ("words.txt", "vectors.npy", "heads.npz")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    whole = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    manifest = {
        "name": "subjects-static",
        "version": VERSION,
        "sha256": whole,
        "attribution": ATTRIBUTION,
        "files": files,
        **facts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return whole


def main(argv: list[str]) -> int:
    """Train, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--cache", type=Path, help="keep what MiniLM said here between runs")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with threadpool_limits(1):
        texts = read()
        found = prepared(options.cache, texts)
        words = Vocabulary(list(found["words"]), list(found["phrases"]), wording.load(registry.english()).endings)
        arrays, facts = subject_student.train(texts, Vectors(words, found["table"], found["weights"]), found)
    whole = write(options.out, found, arrays, facts)
    size = sum(file.stat().st_size for file in options.out.iterdir())
    print(f"{len(found['words'])} words, {len(found['phrases'])} phrases, {size / 1e6:.1f} MB")
    print(f"sha256 {whole}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
