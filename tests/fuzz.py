"""Coverage-guided fuzzing (atheris) of what reads strangers' bytes: make fuzz, bounded by its seconds.

    python tests/fuzz.py --seconds=600              each target for its share of the time
    python tests/fuzz.py --target=codec FILE        one input again, as libFuzzer wrote it down

What must hold for any bytes: decoding gives an article or InputRefused with a reason of the closed set; cleaning gives
a cleaned article, whose spans fit its text and whose bytes can be read again, or a Refusal. Everything else is a crash,
or a time-out, and libFuzzer leaves the input in fuzz-corpus/.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import atheris
import orjson

from pipeline import formats

with atheris.instrument_imports(include=["pipeline"]):
    from pipeline import codec
    from pipeline.errors import InputRefused, Reason, Refusal
    from pipeline.stages import Hop, Options, Produced, load

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
    assert article.body is not None or article.html is not None


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


def _seeds(target: str) -> Path:
    """The samples as a first corpus: what is found is kept beside them between runs."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for path in _SAMPLES.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes()[:8_000])
    return folder


def main() -> int:
    """Run one target in this process, or both one after the other."""
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing of codec and cleaning.")
    parser.add_argument("--seconds", type=int, default=120, help="in all (120)")
    parser.add_argument("--target", choices=("codec", "cleaning"), help="only this one")
    given, rest = parser.parse_known_args()
    if given.target is None:
        share = [sys.executable, __file__, f"--seconds={max(1, given.seconds // 2)}"]
        ended = [subprocess.run([*share, f"--target={t}"], check=False).returncode for t in ("codec", "cleaning")]
        print(f"{2 - sum(map(bool, ended))} passed, {sum(map(bool, ended))} failed")
        return max(map(bool, ended))
    if given.target == "cleaning":
        _hops["cleaning"] = Hop(load("cleaning", Options()), clock=lambda: 0.0)
    limits = [f"-max_total_time={given.seconds}", "-timeout=30", "-rss_limit_mb=4096", "-max_len=8192"]
    replay = [word for word in rest if not word.startswith("-")]
    where = replay or [str(_seeds(given.target))]
    found = f"-artifact_prefix={CORPUS}/{given.target}-"
    atheris.Setup(
        [sys.argv[0], *limits, found, "-print_final_stats=1", *where],
        fuzz_codec if given.target == "codec" else fuzz_cleaning,
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
