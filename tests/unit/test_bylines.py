"""Bylines are read as the names of those who wrote."""

# ruff: noqa: E501  (an example is read whole)

from __future__ import annotations

import pytest

from pipeline import bylines

# byline, who signed and what they are; the outlet is the Eastmere Echo, at echo.example
BYLINES: list[tuple[str, list[tuple[str, str]]]] = [
    ('Una Pell', [('Una Pell', 'person')]),
    ('by Una Pell,', [('Una Pell', 'person')]),
    ('By Una Pell and Dov Arkin', [('Una Pell', 'person'), ('Dov Arkin', 'person')]),
    ('BY UNA PELL | STAFF WRITER', [('Una Pell', 'person')]),
    ('Una Pell, Chief Reporter', [('Una Pell', 'person')]),
    ('Una Pell, Senior Political Correspondent, and Dov Arkin', [('Una Pell', 'person'), ('Dov Arkin', 'person')]),
    ('Senior Reporter', []),
    ('Staff', []),
    ('Staff Reporter', []),
    ('admin', []),
    ('Di Wang', [('Di Wang', 'person')]),
    ('Von Miller', [('Von Miller', 'person')]),
    ('Por Sawat', [('Por Sawat', 'person')]),
    ('Von Jana Pohl und Ulf Kern', [('Jana Pohl', 'person'), ('Ulf Kern', 'person')]),
    ('Por María José Ortega y Juan Pérez', [('María José Ortega', 'person'), ('Juan Pérez', 'person')]),
    ('José Ortega y Gasset', [('José Ortega y Gasset', 'person')]),
    ('Par Anne de la Tour et Jean-Luc Péan', [('Anne de la Tour', 'person'), ('Jean-Luc Péan', 'person')]),
    ('Trine Juncher Jørgensen og Tôrtia Reimer-Johansen', [('Trine Juncher Jørgensen', 'person'), ('Tôrtia Reimer-Johansen', 'person')]),
    ('Abby Goodnough', [('Abby Goodnough', 'person')]),
    ('Anders Sandvik', [('Anders Sandvik', 'person')]),
    ('una-pell', [('una-pell', 'slug')]),
    ('https://echo.example/a/una-pell', []),
    ('https://echo.example/authors/una-pell', [('una-pell', 'slug')]),
    ('https://facebook.com/unapell', []),
    ('@unapell', []),
    ('una@echo.example', []),
    ('Una Pell (una@echo.example)', [('Una Pell', 'person')]),
    ('Una Pell @unapell', [('Una Pell', 'person')]),
    ('Eastmere Echo', [('Eastmere Echo', 'outlet')]),
    ('Una Pell, Eastmere Echo', [('Una Pell', 'person')]),
    ('The Eastmere Echo', [('The Eastmere Echo', 'outlet')]),
    ('dpa', [('dpa', 'agency')]),
    ('AFP', [('AFP', 'agency')]),
    ('Reuters Staff', [('Reuters Staff', 'agency')]),
    ('Una Pell, dpa', [('Una Pell', 'person'), ('dpa', 'agency')]),
    ('Una Pell with AFP', [('Una Pell', 'person'), ('AFP', 'agency')]),
    ('Associated Press', [('Associated Press', 'agency')]),
    ('105092', []),
    ('Seb Dumitru, Lille', [('Seb Dumitru', 'person')]),
    ('Una Pell in Eastmere', [('Una Pell', 'person')]),
    ('Una Pell for Reuters', [('Una Pell', 'person')]),
    ('Scott Gilbertson,Gear Team', [('Scott Gilbertson', 'person'), ('Gear Team', 'desk')]),
    ('BR24 Redaktion', [('BR24 Redaktion', 'desk')]),
    ('IN-Redaktion', [('IN-Redaktion', 'desk')]),
    ('松岡大地', [('松岡大地', 'person')]),
    ('牛镛、岳弘彬', [('牛镛', 'person'), ('岳弘彬', 'person')]),
    ('Dr. Max Kolter', [('Dr. Max Kolter', 'person')]),
    ('Miguel A. Herguedas', [('Miguel A. Herguedas', 'person')]),
    ('María R. Sahuquillo', [('María R. Sahuquillo', 'person')]),
    ('Salma El-Wardany', [('Salma El-Wardany', 'person')]),
    ('Ludwig van Beethoven III', [('Ludwig van Beethoven III', 'person')]),
    ("<a href='/a/una'>Una Pell</a>", [('Una Pell', 'person')]),
    ('Una Pell &amp; Dov Arkin', [('Una Pell', 'person'), ('Dov Arkin', 'person')]),
    ('Una Pell, Dov Arkin, Ian Crewe and Ola Holm', [('Una Pell', 'person'), ('Dov Arkin', 'person'), ('Ian Crewe', 'person'), ('Ola Holm', 'person')]),
    ('Pell, Una', [('Una Pell', 'person')]),
    ('Heryadi', [('Heryadi', 'person')]),
    ('srf/hosb;kesm', [('srf/hosb', 'agency'), ('kesm', 'agency')]),
    ('Political Editor Una Pell', [('Una Pell', 'person')]),
    ('Una Pell Health Correspondent', [('Una Pell', 'person')]),
    ('mediaindonesia.com developer', []),
    ('Press Association', [('Press Association', 'agency')]),
    ('Written by Una Pell', [('Una Pell', 'person')]),
    ('Text: Jana Pohl', [('Jana Pohl', 'person')]),
    ('Una Pell - Chief reporter', [('Una Pell', 'person')]),
    ('Super User', []),
    ("O'Brien, Kate", [("Kate O'Brien", 'person')]),
    ('Иван Петров и Анна Смирнова', [('Иван Петров', 'person'), ('Анна Смирнова', 'person')]),
    ('Guest Author', []),
    ('The Editorial Board', [('The Editorial Board', 'desk')]),
    ('Newsroom', [('Newsroom', 'desk')]),
    ('Una Pell/Dov Arkin', [('Una Pell', 'person'), ('Dov Arkin', 'person')]),
    ('EFE / J.J. Guillén', [('EFE', 'agency'), ('J.J. Guillén', 'person')]),
    ('Una Pell | Eastmere Echo', [('Una Pell', 'person')]),
    ('una pell', [('Una Pell', 'person')]),
    ('Will Reporter Jones', [('Will Reporter Jones', 'person')]),
    ('News Desk', [('News Desk', 'desk')]),
    ('Web Desk', [('Web Desk', 'desk')]),
    ('MARIE-CLAIRE DUPONT', [('Marie-Claire Dupont', 'person')]),
    ('Josh Editorson', [('Josh Editorson', 'person')]),
    ('Tom Krisher, AP Auto Writer', [('Tom Krisher', 'person')]),
    ('Rosa Teale, MS, RD', [('Rosa Teale', 'person')]),
    ('Analysis by Rosa Teale, Echo Editor-at-large', [('Rosa Teale', 'person')]),
    ('Rosa Teale Eastmere Echo', [('Rosa Teale', 'person')]),
    ('HNN Staff | Updated November 18, 2019', [('HNN Staff', 'desk')]),
    ('Finian Crewe. Tide International', [('Finian Crewe', 'person'), ('Tide International', 'person')]),
    ('Rosa Teale Published 3 March 2026', [('Rosa Teale', 'person')]),
    ('Rosa Teale | 3 March 2026 | Share', [('Rosa Teale', 'person')]),
    ('Staff Reports', [('Staff Reports', 'desk')]),
    ('T. S. Crewe', [('T. S. Crewe', 'person')]),
    ('Dan Crewe', [('Dan Crewe', 'person')]),
    ('Con Teale and Dan Crewe', [('Con Teale', 'person'), ('Dan Crewe', 'person')]),
    ('ROSA TEALE AND IAN CREWE', [('Rosa Teale', 'person'), ('Ian Crewe', 'person')]),
    ('Jana Pohl, Leitende Wirtschaftsredakteurin', [('Jana Pohl', 'person')]),
    ('Rosa Teale Rosa Teale', [('Rosa Teale', 'person')]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right"), BYLINES, ids=[row[0] for row in BYLINES])
def test_a_byline_is_its_names(text: str, right: list[tuple[str, str]]) -> None:
    """Particles, "and" in many languages, roles, agencies, outlets, slugs, accounts, addresses, handles."""
    found = bylines.read(text, outlets=("Eastmere Echo", "echo.example"))
    assert [(name.text, name.kind) for name in found] == right


def test_a_slug_is_spelt_out() -> None:
    """As names are written."""
    assert bylines.spelt("una-maria_pell2") == "Una Maria Pell2"


@pytest.mark.parametrize(
    "text", ["", ",", "By", "and", "|||", "<b></b>", "\x00", "@", "&amp;" * 500, "A " * 5_000, "Una Pell, " * 900]
)
def test_whatever_is_sent_is_bounded(text: str) -> None:
    """No exception, and no more names than a byline has."""
    found = bylines.read(text)
    assert len(found) <= bylines.MAX_NAMES
    assert all(0 < len(name.text) <= bylines.MAX_NAME for name in found)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Una Pell", True),
        ("Ludwig van Beethoven", True),
        ("松岡 大地", True),
        ("Una", False),
        ("Senior reporter", False),
        ("una pell writes", False),
        ("Una Pell 3", False),
    ],
)
def test_the_form_of_a_full_name(text: str, is_one: bool) -> None:
    """Two words or more, capitals where the script has them, no figures."""
    assert bylines.is_person(text) is is_one
