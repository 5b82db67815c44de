"""Languages: the one that most of the text is in, and declarations that do not contradict it."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

import pytest

from pipeline.cleaning import language_id
from pipeline.languages import tags
from tests.unit.cleaning.articles import BODY, clean

OTHERS = {
    "es": "«Me voy con la conciencia tranquila y con el cariño de la gente que me ha acompañado durante veinte años de trabajo en "
    "este puerto, y espero que quien venga después de mí tenga la misma suerte y la misma paciencia que yo he tenido aquí.»",
    "de": "„Ich gehe mit gutem Gewissen und mit der Zuneigung der Menschen, die mich zwanzig Jahre lang in diesem Hafen begleitet "
    "haben, und ich wünsche dem, der nach mir kommt, dasselbe Glück und dieselbe Geduld an jedem Morgen des Winters.“",
    "fr": "Ce communiqué est également disponible en français sur le site du conseil portuaire, où les commerçants peuvent aussi "
    "demander les formulaires de subvention et consulter le calendrier complet des travaux prévus au cours des deux années.",
    "ru": "Совет порта решил закрыть старую рыбную пристань на два года, пока будут заменены её деревянные сваи, и торговцы "
    "говорят, что потеряют треть своей выручки, а заседание длилось более пяти часов и дважды прерывалось протестами.",
}
LONGER = (
    BODY
    + "\n\n"
    + BODY.replace("Tuesday", "Monday").replace("ferries", "boats")
    + "\n\n"
    + BODY.replace("quay", "pier")
)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("place", ["first", "last", "middle", "first and last", "same paragraph"])
def test_a_quotation_does_not_make_a_text_foreign(language: str, place: str) -> None:
    """Wherever it stands: the article keeps its language, and the part in another one is marked."""
    other, half = OTHERS[language], len(LONGER.split("\n\n")) // 2
    parts = LONGER.split("\n\n")
    text = {
        "first": [other, *parts], "last": [*parts, other], "middle": [*parts[:half], other, *parts[half:]],
        "first and last": [other, *parts, other], "same paragraph": [f"{other} {' '.join(parts)}"],
    }[place]  # fmt: skip
    for declared in ({}, {"language": "en"}):
        article = clean(body="\n\n".join(text), **declared)
        assert article.text.language.tag == "en"
        assert "language_mismatch" not in article.text.quality.flags
        marked = {segment.language for segment in article.text.segments} - {None}
        assert marked == (set() if place == "same paragraph" else {language})


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_in_another_language_is_in_that(language: str) -> None:
    """An English notice at its head does not make it English, and a wrong declaration is told."""
    text = "\n\n".join(
        ["This text is only available in another language; we are sorry for that.", *([OTHERS[language]] * 3)]
    )
    article = clean(body=text, language="en")
    assert article.text.language.tag == language
    assert "language_mismatch" in article.text.quality.flags


def test_of_two_languages_alike_the_declared_one_counts() -> None:
    """A notice in two languages is in the one that its sender says."""
    text = f"{OTHERS['fr']}\n\n{BODY[:230]}"
    assert clean(body=text, language="en-GB").text.language.tag == "en"
    assert clean(body=text, language="fr_CA").text.language.tag == "fr"


def test_a_list_of_names_decides_nothing() -> None:
    """The sentences do."""
    grid = (
        "1 M. Verstappen (NED) 2 C. Leclerc (MON) 3 C. Sainz (ESP) 4 S. Pérez (MEX) 5 F. Alonso (ESP) 6 E. Ocon (FRA) "
        * 3
    )
    article = clean(body=f"{grid}\n\n{BODY}")
    assert article.text.language.tag == "en"
    assert article.text.language.confidence > 0.8


@pytest.mark.parametrize("text", ["", " \n", "12 34", "Osk 2 Norvik 1"])
def test_next_to_nothing_is_in_no_language(text: str) -> None:
    """Neither an error nor a guess."""
    assert language_id.of_parts([text]).tag == "und"
    assert language_id.of_parts([]).tag == "und"


DECLARED = {
    "en": ["en", "EN-us", "en_GB", "en-GB-oxendict", "eng", "English", "english (UK)", "UK English", "en_US.UTF-8", "en,fr", " en "],
    "no": ["no", "nb", "nb-NO", "nn-NO", "nob", "nor", "Norwegian", "Norsk bokmål"],
    "he": ["he", "iw", "iw-IL", "heb", "Hebrew", "עברית"],
    "tl": ["tl", "fil", "fil-PH", "tgl", "Filipino"],
    "id": ["id", "in", "ind", "Bahasa Indonesia", "ms"],
    "yi": ["ji", "yid"], "ro": ["mo", "rum", "ron", "ro-MD"], "de": ["ger", "deu", "Deutsch", "de-CH-1996", "gsw"],
    "zh": ["zh-Hans", "zh_CN", "cmn", "chi", "zho", "Chinese (Simplified)", "yue", "zh-Hant-TW"],
    "ko": ["kr", "kor", "ko-KR"], "ja": ["jp", "jpn"], "cs": ["cz", "cze"], "sr": ["sr-Latn", "hr", "bs", "srp", "scc"],
    "fa": ["per", "fas", "Farsi", "prs"], "pt": ["pt-BR", "por", "Português (Brasil)"], "sv": ["se", "swe"], "el": ["gre", "gr"],
}  # fmt: skip
UNDECLARED = ["", None, "und", "mul", "x-default", "zxx", "none", "N/A", "see text", "Klingon", "123", "language", "*"]


@pytest.mark.parametrize(("language", "declared"), [(tag, one) for tag, ones in DECLARED.items() for one in ones])
def test_a_language_is_declared_in_any_common_form(language: str, declared: str) -> None:
    """None contradicts a text that is in it."""
    assert language in tags.covers(declared)


@pytest.mark.parametrize("declared", UNDECLARED)
def test_what_says_nothing_of_a_language_declares_none(declared: str | None) -> None:
    """So it contradicts nothing."""
    assert tags.covers(declared) == frozenset()


@pytest.mark.parametrize("declared", ["fr", "fra", "de_DE", "Spanish", "iw", "kr", "zh-Hans"])
def test_another_language_is_a_mismatch(declared: str) -> None:
    """In whatever form it is declared."""
    assert "language_mismatch" in clean(body=LONGER, language=declared).text.quality.flags


@pytest.mark.parametrize("declared", ["en_GB", "eng", "English", "x-default", "und"])
def test_a_declaration_in_another_form_is_no_mismatch(declared: str) -> None:
    """The text is English."""
    assert "language_mismatch" not in clean(body=LONGER, language=declared).text.quality.flags
