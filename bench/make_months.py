"""`python bench/make_months.py`: writes pipeline/data/months.tsv, the names of months that dates are read by.

Source: Unicode CLDR by way of Babel (`pip install babel`); see pipeline/data/README.md.
"""

from __future__ import annotations

# ruff: noqa: SIM905  (a list of words is read as one)
import pathlib
import re
import unicodedata
from collections import defaultdict

from babel import Locale

LANGUAGES = """
    en de de_AT fr es it pt nl sv da nb nn fi is pl cs sk sl hr sr bs bg ru uk be mk ro hu el tr az lt lv et sq ca gl
    eu cy ga ar fa ur he hi bn ta te mr gu th vi id ms fil sw zu af ka hy kk uz
""".split()
# In use, and not in CLDR.
MORE = {"sept": 9, "mrz": 3, "jänner": 1, "feber": 2, "agt": 8, "setiembre": 9}
FILE = pathlib.Path(__file__).resolve().parent.parent / "pipeline" / "data" / "months.tsv"


def main() -> None:
    """One line a name: the name, its month, and the languages if it names another month elsewhere."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[form][width].items():
                    key = unicodedata.normalize("NFKC", name).casefold().replace("\u200f", "").strip(".׳' ")
                    if len(key) > 1 and not re.search(r"[\d\s]", key):
                        found[key][month].add(language.partition("_")[0])
    for name, month in MORE.items():
        found[name][month].add("")
    lines = ["# Name of a month, its number, and its languages if it names another elsewhere (bench/make_months.py)"]
    for name, months in sorted(found.items()):
        for month, languages in sorted(months.items()):
            lines.append(f"{name}\t{month}" + (f"\t{' '.join(sorted(languages))}" if len(months) > 1 else ""))
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
