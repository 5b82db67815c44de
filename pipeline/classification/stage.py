"""The stage: annotated articles in, enriched articles out. A first version that counts words; it says so by its name."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.classification import taxonomy
from pipeline.errors import Refusal
from pipeline.records import AnnotatedArticle, Component, EnrichedArticle, Evidence, Subject

_WORD = re.compile(r"[a-z]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_KEYWORDS = {
    "medtop:01000000": "film music album actor singer movie band book novel theatre museum artist festival oscar chart "
    "television celebrity concert",
    "medtop:02000000": "police court trial murder charged arrested jailed sentenced judge guilty prosecutors suspect "
    "jury crime theft fraud detectives",
    "medtop:03000000": "crash earthquake flood fire rescue killed injured collapsed explosion survivors victims "
    "derailed sank firefighters wildfire disaster",
    "medtop:04000000": "trade economy market shares profit company bank tariffs exports growth inflation investors "
    "sales billion prices stock firm business companies",
    "medtop:05000000": "school students teachers pupils university education exam classroom college curriculum schools",
    "medtop:06000000": "climate emissions pollution wildlife species conservation carbon environment forest ocean",
    "medtop:07000000": "health hospital patients disease doctors vaccine cancer virus medical treatment nhs symptoms",
    "medtop:08000000": "award anniversary birthday record quirky prize remembered beloved tribute obituary",
    "medtop:09000000": "union strike workers wages unemployment jobs employers pay layoffs pension labour walkout",
    "medtop:10000000": "recipe travel fashion hotel holiday food garden style restaurant yoga tourists leisure",
    "medtop:11000000": "government minister election parliament president party vote policy senate prime opposition mps "
    "labour lawmakers diplomat campaign",
    "medtop:12000000": "church pope bishop mosque muslim religious faith prayer christian temple priest",
    "medtop:13000000": "software technology computer scientists research internet users phone digital science mobile "
    "space online researchers telescope",
    "medtop:14000000": "family marriage women racism immigrants poverty discrimination rights migrants gay homeless",
    "medtop:15000000": "match game team season league cup coach players win goal champion tournament striker defeat "
    "score olympic club final",
    "medtop:16000000": "war troops army military rebels ceasefire bomb missile soldiers conflict attack protesters "
    "insurgents peace militants",
    "medtop:17000000": "weather rain snow temperatures forecast storm winds sunny showers heatwave thunderstorms",
}
_TOPICS: dict[str, list[str]] = {}
for _code, _words in _KEYWORDS.items():
    for _word in _words.split():
        _TOPICS.setdefault(_word, []).append(_code)


class Classification:
    """`run` answers for each article in order: subjects None where the language is not English, empty where unsure."""

    name = "classification"
    component = Component(name="subjects-keywords", version="0")
    fallback = False

    def run(self, articles: Sequence[AnnotatedArticle]) -> list[EnrichedArticle | Refusal]:
        """Same length, same order, never an exception for an article."""
        return [EnrichedArticle(annotated=article, subjects=_subjects(article)) for article in articles]


def load(*, schemes: Sequence[Path] = (), second_opinion: bool = False) -> Classification:
    """The stage, ready to run."""
    del schemes, second_opinion
    return Classification()


def _subjects(article: AnnotatedArticle) -> tuple[Subject, ...] | None:
    text = article.cleaned.text
    if text.language.tag.split("-")[0] != "en":
        return None
    counts: dict[str, float] = {}
    for word in _WORD.findall(f"{article.cleaned.meta.title or ''} {text.value}".lower()):
        for code in _TOPICS.get(word, ()):
            counts[code] = counts.get(code, 0.0) + 1.0
    if not counts:
        return ()
    total = sum(math.sqrt(count) ** 3 for count in counts.values())
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    scored = [(code, round(math.sqrt(count) ** 3 / total, 3)) for code, count in ranked]
    return tuple(
        Subject(
            scheme=taxonomy.SCHEME,
            scheme_version=taxonomy.VERSION,
            code=code,
            name=taxonomy.topics()[code].name,
            path=taxonomy.path(code),
            confidence=confidence,
            evidence=_evidence(text.value, code),
        )
        for code, confidence in scored
        if confidence >= 0.25
    )


def _evidence(text: str, code: str) -> tuple[Evidence, ...]:
    best, most = None, 0
    for match in _SENTENCE.finditer(text):
        hits = sum(code in _TOPICS.get(word, ()) for word in _WORD.findall(match[0].lower()))
        if hits > most:
            best, most = match, hits
    if best is None:
        return ()
    start = best.start() + len(best[0]) - len(best[0].lstrip())
    end = start + len(best[0].strip())
    return (Evidence(start=start, end=end, text=text[start:end]),)
