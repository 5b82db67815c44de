"""`python bench/quality.py pages`: 81 saved pages of publishers worldwide, beside trafilatura and jusText, in one run.

Pages and gold: ../shared/data/pages (fundus' test pages; for measuring only). Body is the mean over pages of the F1 of
4-grams of words, of characters in languages that write no blanks. A title is right if it is the same but for case,
blanks and the form of quotation marks and dashes ("title near" also takes one that holds the other); a time, if it is
the same minute (the same wall clock, where the gold has no zone); authors, if all names are the same, in any order.
`--worst N` lists the pages with the lowest body F1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean
from typing import TypeVar

from quality_cleaning import DATA

from pipeline.article import Article, Metadata, Origin, RawArticle
from pipeline.cleaning import Cleaning, load

FOLDER = DATA / "pages"
_T = TypeVar("_T")
_TOKEN = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_QUOTES = str.maketrans(
    {**dict.fromkeys("‘’‚‛`´′", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑–—―", "-")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One saved page and what is right for it. `published` is ISO 8601, with a zone or without."""

    name: str
    markup: bytes
    url: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    body: str


def pages() -> list[Page]:
    """All of them, by their names."""
    gold = json.loads((FOLDER / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(
            name=name,
            markup=gzip.decompress((FOLDER / "html" / f"{name}.html.gz").read_bytes()),
            url=given["url"],
            title=given["title"] or "",
            authors=tuple(given["authors"] or ()),
            published=given["published"],
            body="\n".join(given["paragraphs"]),
        )
        for name, given in sorted(gold.items())
    ]


def grams(text: str, *, size: int = 4) -> Counter[tuple[str, ...]]:
    """How often each run of `size` words stands in a text; of characters where most are of a script without blanks."""
    tokens = _TOKEN.findall(text)
    letters = "".join(tokens)
    if 2 * len(_UNSPACED.findall(letters)) > len(letters):
        tokens = list(letters)
    return Counter(tuple(tokens[n : n + size]) for n in range(max(1, len(tokens) - size + 1)) if tokens)


def body_f1(true: str, found: str) -> float:
    """F1 of the runs of a body."""
    wanted, given = grams(true), grams(found)
    right = (wanted & given).total()
    return 2 * right / (wanted.total() + given.total()) if right else 0.0


def same_title(true: str, found: str | None) -> bool:
    """Whether both are one headline."""
    return _plain(true) == _plain(found or "")


def near_title(true: str, found: str | None) -> bool:
    """Whether one headline is the other with something before or behind it (a kicker, an outlet)."""
    wanted, given = sorted((_plain(true), _plain(found or "")), key=len)
    return len(wanted) > 10 and wanted in given


def wrong_metadata(given: Sequence[Page], metas: Mapping[str, Metadata]) -> dict[str, list[Page]]:
    """The pages whose title, time or authors are not right."""
    return {
        "title": [p for p in given if not same_title(p.title, metas[p.name].title)],
        "date": [p for p in given if not same_minute(p.published, metas[p.name].published_at)],
        "authors": [p for p in given if not same_authors(p.authors, metas[p.name].authors)],
    }


def metadata_right(stage: Cleaning, given: Sequence[Page]) -> dict[str, float]:
    """The part of the pages whose title, time and authors are right."""
    articles = {page.name: cleaned(stage, page) for page in given}
    metas = {name: article.meta if article else Metadata() for name, article in articles.items()}
    return {name: 1 - len(found) / len(given) for name, found in wrong_metadata(given, metas).items()}


def same_minute(true: str | None, found: str | None) -> bool:
    """Whether both are one minute; if the gold has no zone, one minute on the clock, or one day if it has no time."""
    if not true or not found:
        return not true and not found
    wanted, given = datetime.fromisoformat(true), datetime.fromisoformat(found)
    if wanted.tzinfo is None:
        if (wanted.hour, wanted.minute) == (0, 0):
            return wanted.date() == given.date()
        return wanted.replace(second=0, microsecond=0) == given.replace(tzinfo=None, second=0, microsecond=0)
    return given.tzinfo is not None and int(wanted.timestamp() // 60) == int(given.timestamp() // 60)


def same_authors(true: Sequence[str], found: Sequence[str]) -> bool:
    """Whether both name the same, in any order."""
    return {_plain(name) for name in true} == {_plain(name) for name in found}


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_QUOTES).casefold().split())


def cleaned(stage: Cleaning, page: Page) -> Article | None:
    """The article of a page as a feeder would send it, with its address; None if it is refused."""
    from pipeline.formats.charset import decode_html_bytes

    markup = decode_html_bytes(page.markup)
    raw = RawArticle(
        uri=page.url, meta=Metadata(url=page.url), origin=Origin(raw_sha256="", size=len(page.markup)), html=markup
    )
    found = stage.run([raw])[0]
    return found if isinstance(found, Article) else None


def peers() -> Mapping[str, Callable[[str], str]]:
    """Other extractors, markup to text."""
    import justext
    import trafilatura

    def by_justext(markup: str) -> str:
        language = justext.get_stoplist("English")
        return "\n".join(p.text for p in justext.justext(markup, language) if not p.is_boilerplate)

    return {
        "trafilatura default": lambda markup: trafilatura.extract(markup, include_comments=False) or "",
        "trafilatura fast": lambda markup: trafilatura.extract(markup, include_comments=False, fast=True) or "",
        "jusText": by_justext,
    }


def main(argv: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="quality.py pages", description=__doc__)
    parser.add_argument("--json", action="store_true", help="figures as one JSON object")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="the pages with the lowest body F1")
    parser.add_argument("--metadata", action="store_true", help="every title, time and authors that are not right")
    parser.add_argument("--alone", action="store_true", help="without the other extractors")
    arguments = parser.parse_args(argv)
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} is absent: nothing is measured")
    given, stage = pages(), load()
    articles, seconds = _timed(lambda: {page.name: cleaned(stage, page) for page in given})
    scores = {
        page.name: body_f1(page.body, article.text.value if (article := articles[page.name]) else "") for page in given
    }
    metas = {name: article.meta if article else Metadata() for name, article in articles.items()}
    wrong = wrong_metadata(given, metas)
    figures: dict[str, dict[str, float]] = {
        "copydesk": {"body": mean(scores.values()), "pages/s": len(given) / seconds}
        | {name: 1 - len(found) / len(given) for name, found in wrong.items()}
        | {"title near": 1 - sum(not near_title(p.title, metas[p.name].title) for p in wrong["title"]) / len(given)}
        | {"refused": sum(article is None for article in articles.values())}
    }
    if not arguments.alone:
        figures |= _others(given) | metadata_peers(given, metas)
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return 0
    for name, row in figures.items():
        print(f"{name:20}", "  ".join(f"{key} {value:.4f}" for key, value in row.items()))
    for name in sorted(scores, key=scores.__getitem__)[: arguments.worst]:
        print(f"  {scores[name]:.3f} {name}")
    if arguments.metadata:
        for kind, found in wrong.items():
            for page in found:
                meta = metas[page.name]
                ours = {"title": meta.title, "date": meta.published_at, "authors": ", ".join(meta.authors)}[kind]
                gold = {"title": page.title, "date": page.published, "authors": ", ".join(page.authors)}[kind]
                print(f"  {kind} {page.name}: {ours!r}, right is {gold!r}")
    return 0


def metadata_peers(given: Sequence[Page], metas: Mapping[str, Metadata]) -> dict[str, dict[str, float]]:
    """Title, day and authors by copydesk, by trafilatura and (the day alone) by htmldate."""
    import htmldate
    import trafilatura

    from pipeline.formats.charset import decode_html_bytes

    def part(right: Callable[[Page], bool]) -> float:
        return sum(map(right, given)) / len(given)

    markup = {page.name: decode_html_bytes(page.markup) for page in given}
    theirs = {page.name: trafilatura.extract_metadata(markup[page.name], default_url=page.url) for page in given}
    days = {page.name: htmldate.find_date(markup[page.name], original_date=True, url=page.url) for page in given}
    return {
        "copydesk metadata": {
            "title": part(lambda page: same_title(page.title, metas[page.name].title)),
            "day": part(lambda page: (page.published or "")[:10] == (metas[page.name].published_at or "")[:10]),
            "authors": part(lambda page: same_authors(page.authors, metas[page.name].authors)),
        },
        "trafilatura metadata": {
            "title": part(lambda page: same_title(page.title, theirs[page.name].title)),
            "day": part(lambda page: (page.published or "")[:10] == (theirs[page.name].date or "")),
            "authors": part(
                lambda page: same_authors(page.authors, [n for n in (theirs[page.name].author or "").split("; ") if n])
            ),
        },
        "htmldate": {"day": part(lambda page: (page.published or "")[:10] == (days[page.name] or ""))},
    }


def _others(given: Sequence[Page]) -> dict[str, dict[str, float]]:
    from pipeline.formats.charset import decode_html_bytes

    markup = {page.name: decode_html_bytes(page.markup) for page in given}
    rows = {}
    for name, extract in peers().items():
        found, seconds = _timed(lambda extract=extract: {key: extract(text) for key, text in markup.items()})
        rows[name] = {
            "body": mean(body_f1(page.body, found[page.name]) for page in given),
            "pages/s": len(given) / seconds,
        }
    return rows


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    began = time.process_time()
    return work(), time.process_time() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
