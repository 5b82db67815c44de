"""Coverage-guided fuzzing (atheris) of what reads strangers' bytes: make fuzz, bounded by its seconds.

    python tests/fuzz.py --seconds=600              each target for its share of the time
    python tests/fuzz.py --target=codec FILE        one input again, as libFuzzer wrote it down

What must hold for any bytes: decoding gives an article or InputRefused with a reason of the closed set; cleaning gives
a cleaned article, whose spans fit its text and whose bytes can be read again, or a Refusal; a message with any headers
gives a record and a dead letter within their bounds (tests/written.py), and any record batch is read to its end.
Everything else is a crash, or a time-out, and libFuzzer leaves the input in fuzz-corpus/.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import atheris
import orjson

# A script of its own: the folder above is not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["pipeline", "agents"]):
    from agents.kafka.batches import Records
    from pipeline import codec, formats
    from pipeline.errors import InputRefused, Reason, Refusal
    from pipeline.stages import Hop, Options, Produced, load
    from tests.written import NAMES, all_holds

CORPUS = Path(__file__).resolve().parents[1] / "fuzz-corpus"
_SAMPLES = Path(__file__).resolve().parents[1] / "pipeline" / "data" / "samples"
_hops: dict[str, Hop] = {}


def fuzz_codec(data: bytes) -> None:
    """Bytes as they come."""
    try:
        article = formats.decode_raw(data)
    except InputRefused:
        return
    assert article.uri
    assert article.body is not None or article.html is not None or article.editorial.canceled


def fuzz_cleaning(data: bytes) -> None:
    """An article made of them: text or a page, by the first byte; then through the whole stage."""
    given = atheris.FuzzedDataProvider(data)
    field = "html" if given.ConsumeBool() else "body"
    document: dict[str, Any] = {field: given.ConsumeUnicodeNoSurrogates(4_000)}
    for name in ("title", "url", "publishedAt", "language"):
        if given.ConsumeBool():
            document[name] = given.ConsumeUnicodeNoSurrogates(200)
    (outcome,) = _hops["cleaning"].run([(orjson.dumps(document), None)])
    if isinstance(outcome, Refusal):
        assert outcome.reason in Reason
        return
    assert isinstance(outcome, Produced)
    text = codec.decode(outcome.value).text
    assert all(0 <= s.start <= s.end <= len(text.value) for s in text.segments)


def fuzz_headers(data: bytes) -> None:
    """A message made of them: which headers, by their number, how long, how often; its key, value and time."""
    given = atheris.FuzzedDataProvider(data)
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(given.ConsumeIntInRange(0, 12)):
        name = NAMES[given.ConsumeIntInRange(0, len(NAMES) - 1)]
        value = given.ConsumeBytes(given.ConsumeIntInRange(0, 300)) * given.ConsumeIntInRange(0, 100)
        headers += [(name, None if given.ConsumeBool() else value)] * given.ConsumeIntInRange(1, 3)
    key = given.ConsumeBytes(60) * given.ConsumeIntInRange(0, 1_000)
    timestamp = given.ConsumeIntInRange(-(2**63), 2**63 - 1) / 1000
    all_holds(headers, key=key or None, value=given.ConsumeBytes(4_000), timestamp=timestamp)


def fuzz_batches(data: bytes) -> None:
    """The bytes as a batch's records, compressed or not, by the first two; the head before them is sound."""
    body, count = data[2:], data[1] if len(data) > 1 else 1
    codec = data[0] % 5 if data else 0
    head = struct.pack(">qiibIhiqqqhii", 5, 49 + len(body), 0, 2, 0, codec, max(count - 1, 0), 1, 1, -1, -1, -1, count)
    batch = Records(head + body).next_batch()
    if batch is not None:
        offsets = [record.offset for record in batch]
        assert offsets == sorted(set(offsets))


TARGETS = {"codec": fuzz_codec, "cleaning": fuzz_cleaning, "headers": fuzz_headers, "batches": fuzz_batches}


def _seeds(target: str) -> Path:
    """The samples as a first corpus: what is found is kept beside them between runs."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for path in _SAMPLES.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes()[:8_000])
    return folder


def main() -> int:
    """Run one target in this process, or all one after the other."""
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing of codec, cleaning, headers and batches.")
    parser.add_argument("--seconds", type=int, default=120, help="in all (120)")
    parser.add_argument("--target", choices=tuple(TARGETS), help="only this one")
    given, rest = parser.parse_known_args()
    if given.target is None:
        share = [sys.executable, __file__, f"--seconds={max(1, given.seconds // len(TARGETS))}"]
        ended = [subprocess.run([*share, f"--target={target}"], check=False).returncode for target in TARGETS]
        failed = sum(map(bool, ended))
        print(f"{len(TARGETS) - failed} passed, {failed} failed")
        return max(map(bool, ended))
    if given.target == "cleaning":
        _hops["cleaning"] = Hop(load("cleaning", Options()), clock=lambda: 0.0)
    limits = [f"-max_total_time={given.seconds}", "-timeout=30", "-rss_limit_mb=4096", "-max_len=8192"]
    replay = [word for word in rest if not word.startswith("-")]
    where = replay or [str(_seeds(given.target))]
    found = f"-artifact_prefix={CORPUS}/{given.target}-"
    atheris.Setup(
        [sys.argv[0], *limits, found, "-print_final_stats=1", *where],
        TARGETS[given.target],
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
