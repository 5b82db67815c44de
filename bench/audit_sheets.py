"""Lays articles out for readers: which ones, what the pipeline says of them, and the sheets (bench/audit.py)."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audit_verdicts import COLUMNS, READER, VERDICTS, AuditError

from pipeline import media_topics
from pipeline.article import Article
from pipeline.ids import fingerprint
from pipeline.runner import Pipeline
from pipeline.stages import Produced

DATA = ROOT.parent / "shared" / "data"
NAMES = 5  # the most salient of an article
_CONTEXT = 45  # characters on each side of a mention
_BATCH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An article of a set: its raw message, and a hash that stays the same whatever the pipeline makes of it."""

    article: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What the reader judges: `text` is its line on the sheet, `more` what helps to judge it."""

    kind: str
    text: str
    more: tuple[str, ...] = ()


def _given(source: str, **fields: str) -> Given:
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    raw = {"uri": f"urn:audit:{digest}"} | {name: value for name, value in fields.items() if value}
    return Given(article=digest, raw=json.dumps(raw).encode())


def _pages() -> Iterator[Given]:
    from quality_pages import pages

    from pipeline.formats.charset import decode_html_bytes

    for page in pages():
        yield _given(page.url, url=page.url, html=decode_html_bytes(page.markup))


def _rows(name: str) -> Callable[[], Iterator[Given]]:
    def read() -> Iterator[Given]:
        with gzip.open(DATA / "subjects" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                title = row.get("title") or ""
                yield _given(f"{title}\n{row['text']}", title=title, body=row["text"])

    return read


def _newswire() -> Iterator[Given]:
    from conll import read_conll

    for labelled in read_conll(DATA / "ner" / "conllpp2020.txt"):
        text = labelled.article.text.value
        yield _given(text, body=text)


SETS: Mapping[str, Callable[[], Iterator[Given]]] = {
    "pages": _pages,
    "masakhanews": _rows("masakhanews_eng_dev"),
    "bbc": _rows("bbc"),
    "huffpost": _rows("huffpost"),
    "conll": _newswire,
}


def chosen(given: Sequence[Given], *, seed: int) -> list[Given]:
    """All of them, each article once, in an order that the seed alone decides."""
    once = {each.article: each for each in given}
    return sorted(once.values(), key=lambda each: hashlib.sha256(f"{seed}:{each.article}".encode()).digest())


def enriched(given: Sequence[Given], pipeline: Pipeline) -> Iterator[tuple[Given, Article]]:
    """Those that are English and that the pipeline does not refuse, with what it makes of them."""
    for start in range(0, len(given), _BATCH):
        batch = given[start : start + _BATCH]
        for each, outcome in zip(batch, pipeline.run([one.raw for one in batch]), strict=True):
            if isinstance(outcome, Produced) and outcome.article.text.language.tag.split("-")[0] == "en":
                yield each, outcome.article


def items(article: Article) -> list[Item]:
    """What of an article is judged: its most salient names, then links, then subjects, then what is missing."""
    entities = sorted(article.entities or (), key=lambda entity: -entity.salience)
    topics = media_topics.topics()
    found = []
    for entity in entities[:NAMES]:
        also = f" (also {', '.join(entity.aliases)})" if entity.aliases else ""
        line = f"{entity.type}  **{entity.name}**{also}  confidence {entity.confidence:.2f}"
        found.append(Item(kind="name", text=line, more=_contexts(article, entity)))
    for entity in entities:
        if entity.link:
            line = f"{entity.type}  **{entity.name}** is {_target(entity)}"
            found.append(Item(kind="link", text=line, more=_contexts(article, entity)))
    for subject in article.subjects or ():
        above = [topics[code].name if code in topics else code for code in subject.path[:-1]]
        line = f"{' / '.join([*above, f'**{subject.name}**'])}  {subject.code}  confidence {subject.confidence:.2f}"
        found.append(Item(kind="subject", text=line))
    return [*found, Item(kind="coverage", text="Is a main subject missing?")]


def _contexts(article: Article, entity: Any) -> tuple[str, ...]:
    found = []
    for mention in entity.mentions[:2]:
        text = (article.meta.title or "") if mention.where == "headline" else article.text.value
        before, after = text[max(0, mention.start - _CONTEXT) : mention.start], text[mention.end :][:_CONTEXT]
        found.append(" ".join(f"{mention.where}: ... {before}[{mention.text}]{after} ...".split()))
    return tuple(found)


@cache
def _places() -> dict[str, str]:
    from pipeline.entities.linking import gazetteer

    return {
        str(place.id): f"{place.kind} {place.name} {place.admin1}"
        for places in gazetteer.load().places.values()
        for place in places
    }


@cache
def _organisations() -> dict[str, str]:
    table = (files("pipeline") / "data" / "organisations.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in table.splitlines())


def _target(entity: Any) -> str:
    """What the link leads to, as far as the tables say."""
    known = {"geonames": _places, "wikidata": _organisations}.get(entity.link.kb, dict)().get(entity.link.id, "")
    parts = [f"{entity.link.kb} {entity.link.id}", known.strip()]
    if entity.geo:
        parts.append(" ".join(str(v) for v in (entity.geo.country_code, entity.geo.lat, entity.geo.lon) if v))
    return ", ".join(filter(None, parts))


def sheet(article: Article, name: str, judged: Sequence[Item], *, length: int) -> str:
    """One article as Markdown; the text is cut to `length` characters."""
    text = article.text.value
    cut = f"{text[:length]} [... {len(text) - length} characters more]" if len(text) > length else text
    lines = [f"# {article.meta.title or '(no headline)'}", f"article {name}", cut, "---"]
    for kind in VERDICTS:
        numbered = [(number, item) for number, item in enumerate(judged, 1) if item.kind == kind]
        lines.append(f"## {kind}: {' | '.join(VERDICTS[kind])}")
        if not numbered:
            lines.append("none")
        for number, item in numbered:
            lines.append("\n".join([f"{number}. {item.text}", *(f"   - {more}" for more in item.more)]))
    return "\n\n".join(lines) + "\n"


def how_to() -> str:
    """What each verdict means."""
    lines = [
        "Read each article's sheet and write one verdict into the last column of each of its rows in verdicts.csv.",
        "Judge what is on the sheet, not what you would have chosen; look a link up if you do not know its number.",
    ]
    for kind, meanings in VERDICTS.items():
        lines.append("\n".join([f"## {kind}", "", *(f"- `{verdict}`: {what}" for verdict, what in meanings.items())]))
    lines.append(
        "Then: `python bench/audit.py score verdicts.csv`. The file holds no text; the sheets do, and stay here."
    )
    return "\n\n".join(lines) + "\n"


def lay_out(name: str, *, articles: int, seed: int, reader: str, length: int, folder: Path) -> str:
    """Write the sheets and the empty verdict file; what was done, in one line. Raises AuditError before it writes."""
    folder = folder.resolve()
    if folder == ROOT or ROOT in folder.parents:
        raise AuditError("the sheets hold text that may not be kept here: --out must lie outside this repository")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AuditError(f"{folder} is there already; verdicts are never written over")
    if not READER.fullmatch(reader):
        raise AuditError("--reader is up to 40 letters, digits, blanks, brackets and hyphens")
    try:
        given = list(SETS[name]())
    except FileNotFoundError as error:
        raise AuditError(f"the set {name} is absent ({error.filename}): nothing is laid out") from error
    found = list(islice(enriched(chosen(given, seed=seed), Pipeline()), articles))
    if not found:
        raise AuditError(f"the set {name} has no article that the pipeline takes as English")
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "verdicts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for number, (each, article) in enumerate(found, 1):
            judged = items(article)
            count += len(judged)
            mark = fingerprint(article.runs)
            table.writerows((reader, mark, each.article, n, item.kind, "") for n, item in enumerate(judged, 1))
            path = folder / f"{number:03}-{each.article}.md"
            path.write_text(sheet(article, each.article, judged, length=length), encoding="utf-8")
    (folder / "HOW-TO.md").write_text(how_to(), encoding="utf-8")
    fewer = "" if len(found) == articles else f" (of {articles}: the set has no more)"
    return f"{len(found)} articles{fewer}, {count} items: {folder}"
