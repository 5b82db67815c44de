"""Each rule of one span or block, as a table."""

import pytest

from pipeline.entities import lexicon
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.mentions import span_rules
from pipeline.entities.names import Name
from pipeline.languages import registry

LEXICON = lexicon.load(registry.english())


def span(text: str, core: str, label: str = "ORG") -> Name:
    """The first occurrence of a span."""
    start = text.index(core)
    return Name(start, start + len(core), label, seen=label)


@pytest.mark.parametrize(
    ("core", "label", "expected"),
    [
        ("the European Central Bank", "ORG", "European Central Bank"),
        ("Ana Petrov's", "PERSON", "Ana Petrov"),
        ("President Trump", "PERSON", "Trump"),
        ("Mr. Lee", "PERSON", "Lee"),
        ("“Acme”", "ORG", "Acme"),
        ("But Acme", "ORG", "Acme"),
        ("Acme Corp.", "ORG", "Acme Corp."),
        ("U.S.", "GPE", "U.S."),
        ("National Committee (CNC", "ORG", "National Committee"),
        ("Acme Corp (Holdings)", "ORG", "Acme Corp"),
        ("Greenbush - the world", "ORG", "Greenbush"),
        ("COVID-19", "ORG", None),
        ("coronavirus", "ORG", None),
        ("Liverpool 2-1", "ORG", "Liverpool"),
        ("…", "ORG", None),
        ("2024", "ORG", None),
        ("President", "PERSON", None),
    ],
)
def test_trim(core: str, label: str, expected: str | None) -> None:
    """What is not the name goes; what is no name goes whole."""
    text = f"xx {core} yy"
    name = span_rules.trim(text, span(text, core, label), LEXICON)
    assert (text[name.start : name.end] if name else None) == expected


@pytest.mark.parametrize(
    ("core", "label", "expected"),
    [
        ("U.S.-China", "GPE", [("U.S.", "GPE"), ("China", "GPE")]),
        ("China-U.S.", "ORG", [("China", "GPE"), ("U.S.", "GPE")]),
        ("REUTERS/Ana Petrov", "ORG", [("REUTERS", "ORG"), ("Ana Petrov", "PERSON")]),
        ("Beijing-backed", "ORG", [("Beijing", "GPE")]),
        ("London's Euston Station", "ORG", [("London", "GPE"), ("Euston Station", "ORG")]),
        ("Russian Nikita Mazepin", "LOC", [("Russian", "NORP"), ("Nikita Mazepin", "PERSON")]),
        ("Guinea-Bissau", "GPE", [("Guinea-Bissau", "GPE")]),
        ("Coca-Cola", "ORG", [("Coca-Cola", "ORG")]),
        ("Jean-Claude Juncker", "PERSON", [("Jean-Claude Juncker", "PERSON")]),
    ],
)
def test_split(core: str, label: str, expected: list[tuple[str, str]], places: Gazetteer) -> None:
    """Joined names come apart, double names do not."""
    text = f"the {core} talks"
    parts = span_rules.split(text, span(text, core, label), places)
    assert [(text[part.start : part.end], part.label) for part in parts] == expected


@pytest.mark.parametrize(
    ("core", "label", "expected"),
    [("China", "ORG", "GPE"), ("CHINA", "ORG", "GPE"), ("Chinese", "ORG", "NORP"), ("Huawei", "GPE", "ORG"),
     ("Middle East", "GPE", "LOC"), ("Acme", "GPE", "GPE"), ("Nvidia AI", "PERSON", "ORG")],
)  # fmt: skip
def test_listed(core: str, label: str, expected: str, places: Gazetteer) -> None:
    """A name that means one thing everywhere has that label."""
    assert span_rules.listed(core, span(core, core, label), places).label == expected


@pytest.mark.parametrize(
    ("text", "core", "label", "expected"),
    [
        ("the Ministry of Commerce said", "Ministry of Commerce", "LAW", "ORG"),
        ("at Kensington Palace today", "Kensington Palace", "ORG", "FAC"),
        ("on the Lenn River banks", "Lenn River", "PERSON", "LOC"),
        ("Harbour Fund gained", "Harbour Fund", "FAC", "ORG"),
        ("the Mate 60 smartphone", "Mate 60", "LAW", "PRODUCT"),
        ("the Mate 60 report", "Mate 60", "LAW", "LAW"),
        ("Manchester United won", "Manchester United", "PERSON", "ORG"),
        ("States United won", "States United", "PERSON", "PERSON"),
    ],
)
def test_suffixed(text: str, core: str, label: str, expected: str, places: Gazetteer) -> None:
    """The last word, or what follows, says what it is."""
    assert span_rules.suffixed(text, span(text, core, label), places).label == expected


@pytest.mark.parametrize(
    ("text", "core", "expected"),
    [
        ("as President Trump said", "Trump", "PERSON"),
        ("Secretary of State Ana Petrov", "Ana Petrov", "PERSON"),
        ("chief executive officer Ana Petrov", "Ana Petrov", "PERSON"),
        ("Chief Executive Ana Petrov", "Ana Petrov", "PERSON"),
        ("analyst Jim Reid said", "Jim Reid", "PERSON"),
        ("Christine Lagarde, President of the bank", "Christine Lagarde", "PERSON"),
        ("Li Chenggang, Vice Minister of Commerce", "Li Chenggang", "PERSON"),
        ("President Council of Lenn", "Council of Lenn", "ORG"),
        ("at Acme Corp in", "Acme Corp", "ORG"),
    ],
)
def test_titled(text: str, core: str, expected: str) -> None:
    """A title before or a role after makes a person."""
    assert span_rules.titled(text, span(text, core), LEXICON).label == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("President Trump spoke.", ["Trump"]),
        ("Mr Lee and Mrs. Ana de Souza", ["Lee", "Ana de Souza"]),
        ("Senator Warren Tuesday said", ["Warren"]),
        ("President Biden's plan", ["Biden"]),
        ("General Motors and General Electric", []),
        ("King County", []),
        ("President of the council", []),
    ],
)
def test_persons_by_title(text: str, expected: list[str]) -> None:
    """Persons after a title, found without the model."""
    assert [
        text[name.start : name.end] for name in span_rules.persons_by_title(text, 0, len(text), LEXICON)
    ] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PARIS (Reuters) - The mayor", [("PARIS", "GPE"), ("Reuters", "ORG")]),
        ("WASHINGTON/BEIJING (Reuters) - It", [("WASHINGTON", "GPE"), ("BEIJING", "GPE"), ("Reuters", "ORG")]),
        ("GENEVA — The United States", [("GENEVA", "GPE")]),
        ("BREAKING — The United States", []),
        ("Paris is a city.", []),
    ],
)
def test_dateline(text: str, expected: list[tuple[str, str]], places: Gazetteer) -> None:
    """The place and agency before the first sentence."""
    _, found = span_rules.dateline(text, 0, len(text), places)
    assert [(text[name.start : name.end], name.label) for name in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("REUTERS/Ana Petrov", ["REUTERS", "Ana Petrov"]),
        ("Reporting by Ana Petrov in Geneva; Editing by Li Wei and Jo Smith", ["Ana Petrov", "Li Wei", "Jo Smith"]),
        ("Editing by the desk", []),
        ("won by Ana Petrov", []),
    ],
)
def test_signed(text: str, expected: list[str]) -> None:
    """Credits and sign-offs name persons."""
    assert [text[name.start : name.end] for name in span_rules.signed(text, 0, len(text), LEXICON)] == expected


@pytest.mark.parametrize(
    ("text", "core", "expected"),
    [
        ("Ursula von der Leyen said", "Ursula von", "Ursula von der Leyen"),
        ("Ursula von der Leyen said", "Ursula", "Ursula von der Leyen"),
        ("Moon Jae-in said", "Moon Jae", "Moon Jae-in"),
        ("Ana Petrov de facto", "Ana Petrov", "Ana Petrov"),
    ],
)
def test_extended(text: str, core: str, expected: str) -> None:
    """A person's name is whole."""
    name = span_rules.extended(text, span(text, core, "PERSON"), LEXICON)
    assert text[name.start : name.end] == expected


@pytest.mark.parametrize(
    ("text", "core", "expected"),
    [
        ("Moncler shares rose", "Moncler", "ORG"),
        ("Liverpool manager Klopp", "Liverpool", "ORG"),
        ("Snam (SRG.MI) said", "Snam", "ORG"),
        ("Chinese giant Lenovo", "Lenovo", "ORG"),
        ("Garbers, who won", "Garbers", "PERSON"),
        ("Garbers, 34, won", "Garbers", "PERSON"),
        ("the city of Natanz", "Natanz", "GPE"),
        ("in Izmir", "Izmir", "GPE"),
        ("Izmir, Turkey", "Izmir", "GPE"),
        ("Garbers won", "Garbers", None),
    ],
)
def test_beside(text: str, core: str, expected: str | None, places: Gazetteer) -> None:
    """The words beside a name speak for a label."""
    assert span_rules.beside(text, span(text, core), places) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Beijing Stresses Mutual Respect", True),
        ("Export Relief Gains Momentum Amid Global Pressure", True),
        ("Uneasy optimism from global markets", False),
        ("Ana Petrov", False),
        ("", False),
    ],
)
def test_title_case(text: str, expected: bool) -> None:
    """Where nearly every word has a capital, capitals say nothing."""
    assert span_rules.title_case(text) is expected
