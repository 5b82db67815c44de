"""A judge that is not a score: `python bench/audit.py lay-out ...`, people read, `python bench/audit.py score FILES`.

`lay-out` runs the pipeline over articles of a set, writes a sheet for each (headline, text, names, links, subjects,
each with a number) and `verdicts.csv` with a row for each number. The reader fills its last column. `score` checks that
every item has a verdict and prints what the readers found and where two of them differ.

The sheets hold text that may not be kept here, so their folder must lie outside this repository. A verdict file has
hashes, numbers, kinds, verdicts and the pipeline's fingerprint, and nothing else: it may be kept (bench/audit).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import audit_sheets
import audit_verdicts
from audit_verdicts import AuditError


def parser() -> argparse.ArgumentParser:
    """Both commands and their options."""
    found = argparse.ArgumentParser(
        prog="bench/audit.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = found.add_subparsers(dest="command", required=True)
    laying = commands.add_parser("lay-out", help="write sheets and an empty verdict file")
    laying.add_argument("--set", choices=sorted(audit_sheets.SETS), required=True, help="where the articles are from")
    laying.add_argument("--articles", type=_count, default=30, metavar="N", help="how many (30)")
    laying.add_argument("--seed", type=int, default=1, help="the same seed chooses the same articles (1)")
    laying.add_argument("--reader", default="reader", metavar="NAME", help="who will read; no more than is to be kept")
    laying.add_argument(
        "--length", type=_count, default=4_000, metavar="N", help="characters of text on a sheet (4000)"
    )
    laying.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="new, and outside this repository")
    scoring = commands.add_parser("score", help="check verdict files and print what they say")
    scoring.add_argument("verdicts", type=Path, nargs="+", metavar="VERDICTS", help="files of one reader or of several")
    scoring.add_argument("--json", action="store_true", help="figures as one JSON object")
    return found


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def main(argv: list[str]) -> int:
    """0; 1 with one line on stderr if something cannot be laid out or scored."""
    options = parser().parse_args(argv)
    try:
        if options.command == "lay-out":
            print(
                audit_sheets.lay_out(
                    options.set,
                    articles=options.articles,
                    seed=options.seed,
                    reader=options.reader,
                    length=options.length,
                    folder=options.out,
                )
            )
            return 0
        rows = [row for path in options.verdicts for row in audit_verdicts.read(path)]
        figures = audit_verdicts.score(rows)
    except (AuditError, OSError) as error:
        print(f"bench/audit.py: {error}", file=sys.stderr)
        return 1
    print(json.dumps(figures, indent=1) if options.json else audit_verdicts.table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
