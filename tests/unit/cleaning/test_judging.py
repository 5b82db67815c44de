"""How a line is read, where it stands, and the verdict on both."""

import math
from pathlib import Path

import numpy as np
import pytest

from pipeline.cleaning.boilerplate import context_features, line_classifier, line_features
from pipeline.cleaning.structure.blocks import Block
from pipeline.errors import ModelError
from pipeline.languages import registry
from pipeline.languages.registry import Pack
from tests.unit.cleaning.articles import BODY

PARAGRAPHS = BODY.split("\n\n")
OWN = 37  # columns of a line itself; those of its neighbours follow


def line(text: str, kind: str = "paragraph") -> line_features.Line:
    return line_features.read(Block(kind=kind, text=text))


def lines(*texts: str) -> list[line_features.Line]:
    return [line(text) for text in texts]


# --- wording


@pytest.mark.parametrize(
    ("text", "found", "absent"),
    [
        ("Sign up for our newsletter", {"rule=promo.newsletter", "first=sign_up_for", "end=_", "house"}, {"reader"}),
        ("We want your photos!", {"reader", "house", "reader+house", "end=!"}, {"speech"}),
        ("Is this the end?", {"end=?", "cap=l"}, {"reader"}),
        ("Photo: Ana Lima/Harbour Post", {"cap=T", "shape=^_photo_:_Aa_/_Aa_$"}, {"cap=A"}),
        ("MOST READ", {"cap=A", "all=most_read", "rule=box.most_read"}, {"cap=T"}),
        ("Posted 14:10, 4 May 2024", {"all=posted_0:0_0_may_0000", "month5"}, {"w=2024", "w=14:10"}),
        ("Write to news@harbour.example", {"w=@mail"}, {"w=news"}),
        ("More at www.harbour.example/tips", {"w=@url"}, {"w=tips"}),
        ("@harbour and #quay on X", {"w=@x", "w=#x"}, {"w=quay"}),
        ("“We are sorry,” said the chair.", {"speech", "quoted", "quotation", "end=."}, {"reader"}),
        ("One. Two. Three.", {"sentences=2"}, {"sentences=3"}),
    ],
)
def test_the_features_of_a_line(text: str, found: set[str], absent: set[str]) -> None:
    """Words with names and numbers by their form, who is spoken to, capitals, the ending."""
    features = line_features.features(line(text))
    assert found <= features
    assert not absent & features


def test_the_same_words_mean_the_same_whatever_the_quotes() -> None:
    """Typographic and plain quotation marks are one."""
    curly, plain = (
        line_features.features(line(text)) for text in ("“Don’t ask,” she said.", '"Don\'t ask," she said.')
    )
    words = {name for name in curly if name.startswith(("w=", "b=", "first="))}
    assert "w=don't" in words
    assert words <= plain


@pytest.mark.parametrize(
    ("text", "readable", "body"),
    [
        (PARAGRAPHS[0], True, True),
        ("Quay to close for two years", True, False),
        (PARAGRAPHS[0].rstrip("."), True, False),
        ("word " * 61 + "word", True, True),
        ("x" * (line_features.LONGEST + 1), False, True),
        ("Roses are red\nViolets are blue", False, True),
        ("•••", False, True),
        ("We use cookies and similar technologies on this site to improve your experience of it.", True, False),
    ],
)
def test_what_has_the_shape_of_a_paragraph(text: str, readable: bool, body: bool) -> None:
    """Length and a full stop, or more length; not where a rule knows the line; what cannot be read is the article's."""
    found = line(text)
    assert (found.readable, found.body) == (readable, body)


def test_typographic_quotes_do_not_matter() -> None:
    """Typographic quotes and plain ones are the same line."""
    assert line_features.features(line("“Join” us, it’s free")) == line_features.features(line('"Join" us, it\'s free'))


# --- place


def scores(odds: list[float]) -> context_features.Floats:
    table = np.tile(context_features.SURE_SCORES, (len(odds), 1))
    table[:, 0] = odds
    return table


def test_a_row_has_the_columns_that_the_forest_was_grown_on() -> None:
    """Another column is another forest: the weights must be trained again."""
    rows = context_features.rows(lines(*PARAGRAPHS, "Most read"), scores([-8, -8, -8, 3]), [0, 3])
    assert rows.shape == (2, 89)
    assert rows.dtype == np.float32
    assert line_classifier.load().forest.column.max() < rows.shape[1]
    assert (
        rows.shape[1]
        <= line_classifier.load().again.column.max()
        < rows.shape[1] + context_features.among([0.0]).shape[1]
    )


def test_first_verdicts_are_seen_by_the_lines_around() -> None:
    """Four before, its own, four after; what fades from above and from below; their mean, and how many are likely."""
    rows = context_features.among([0.1, 0.9, 0.4])
    assert rows.shape == (3, 13)
    assert rows[1, :9].tolist() == pytest.approx([-1, -1, -1, 0.1, 0.9, 0.4, -1, -1, -1])
    assert rows[:, 9].tolist() == pytest.approx([0, 0.03, 0.291])
    assert rows[:, 10].tolist() == pytest.approx([0.354, 0.12, 0])
    assert rows[:, 11].tolist() == pytest.approx([1.4 / 3] * 3)
    assert rows[:, 12].tolist() == [1, 1, 1]


def test_neighbours_stand_in_their_order() -> None:
    """Three before and three after, by their log odds; the nearest with all that their words speak for."""
    (row,) = context_features.rows(lines(*["Short line"] * 7), scores([1, 2, 3, 4, 5, 6, 7]), [3]).tolist()
    assert row[0] == 4
    assert [row[OWN + at] for at in (0, 1, 6, 17)] == [1, 2, 3, 3]
    assert [row[OWN + at] for at in (22, 33, 38, 43)] == [5, 5, 6, 7]
    assert row[OWN + 44 : OWN + 46] == [3, 7]  # the most that speaks for removal before and after


def test_what_is_not_there_is_nowhere() -> None:
    """Before the first line and after the last, and only there."""
    alone = context_features.rows(lines("Share"), scores([2]), [0])[0]
    assert set(alone[OWN : OWN + 44].tolist()) == {context_features.NOWHERE}
    assert context_features.NOWHERE not in alone[:OWN]
    among = context_features.rows(lines(*["Short line"] * 7), scores([1] * 7), [3])[0]
    assert context_features.NOWHERE not in among[: OWN + 44]


def test_a_line_between_paragraphs_differs_from_one_below_a_box() -> None:
    """The same words, in two places."""
    heading = "Quay to close for two years"
    between = context_features.rows(lines(*PARAGRAPHS[:2], heading, PARAGRAPHS[2]), scores([-8, -8, 0, -8]), [2])
    below = context_features.rows(lines(*PARAGRAPHS, "Most read", heading), scores([-8, -8, -8, 3, 0]), [4])
    assert not np.array_equal(between, below)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Dana Okonjo", ("dana okonjo", "dana ")),
        ("By Dana Okonjo and Ana Lima", ("dana okonjo", "dana ", "ana lima", "ana ")),
        ("By staff", ()),
    ],
)
def test_writers_are_those_who_sign(text: str, names: tuple[str, ...]) -> None:
    """By their full names and their first; a line of the article or what is known from elsewhere."""
    assert context_features.writers([line(text, kind="byline")], None) == names
    assert context_features.writers([], text) == names


# --- judge


def linear(**weights: list[int]) -> line_classifier.Linear:
    columns = len(next(iter(weights.values())))
    return line_classifier.Linear(
        names={name: row for row, name in enumerate(weights)},
        weights=np.array(list(weights.values()), np.int8),
        scale=np.full(columns, 0.5, np.float32),
        bias=np.ones(columns, np.float32),
    )


def test_words_add_up() -> None:
    """Weights times their scale, and what nobody knows counts nothing."""
    found = linear(a=[2, 0], b=[-4, 6])([{"a", "b"}, {"b", "unknown"}, set()])
    assert found.tolist() == [[0.0, 4.0], [-1.0, 4.0], [1.0, 1.0]]


# Column 0 at most .5? then -2, else: column 1 at most 1? then 0, else 3. A second tree: column 1 at most 2? 1, else 5.
WEIGHTS = registry.english().read("boilerplate", "weights") or b""
FOREST = line_classifier.Forest(
    starts=np.array([0, 2], np.int32),
    column=np.array([0, 1, 1], np.int32),
    limit=np.array([0.5, 1, 2], np.float32),
    strikes=np.array([0xFFFE, 0xFFFD, 0xFFFE], np.uint16),
    value=np.array([[-2, 0, 3] + [0] * 13, [1, 5] + [0] * 14], np.float32),
    bias=-1.0,
)


@pytest.mark.parametrize(
    ("row", "odds"), [((0.5, 9), 2.0), ((0.6, 1), 0.0), ((0.6, 1.1), 3.0), ((-30, -30), -2.0), ((9, 9), 7.0)]
)
def test_a_packed_forest_walks_its_trees(row: tuple[float, float], odds: float) -> None:
    """A limit is passed by what is above it; the first leaf that no answer strikes out counts."""
    found = FOREST(np.array([row], np.float32))
    assert found.tolist() == pytest.approx([1 / (1 + math.exp(-odds))])


def test_a_line_has_the_same_verdict_in_any_batch() -> None:
    """To the last bit: sums are of whole numbers, or in a fixed order."""
    count = line_classifier.AT_ONCE + 50
    rows = np.random.default_rng(3).normal(0, 5, (count, 89)).astype(np.float32)
    forest, order = line_classifier.load().forest, np.random.default_rng(4).permutation(count)
    whole = forest(rows)
    assert np.array_equal(forest(rows[order]), whole[order])
    assert np.array_equal(np.concatenate([forest(rows[at : at + 1]) for at in range(count)]), whole)
    found = [line_features.features(one) for one in lines(*PARAGRAPHS, "Share", "Most read")]
    words = line_classifier.load().words
    assert np.array_equal(words(found[::-1])[::-1], words(found))
    article = lines(*PARAGRAPHS, "Share this article")
    before = line_classifier.load()(article)
    line_classifier.load()(lines("Most read", "Quay to close"))
    assert line_classifier.load()(article) == before


def test_a_flood_of_lines_is_asked_about_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones; what comes behind is kept."""
    flood = lines(*PARAGRAPHS, *["Share this article"] * 5)
    assert all(line_classifier.load()(flood)[3:])
    monkeypatch.setattr(line_classifier, "MOST", 2)
    assert [verdict > 0 for verdict in line_classifier.load()(flood)] == [False] * 3 + [True] * 2 + [False] * 3


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Quay to close", True),
        (PARAGRAPHS[0], False),
        ("x" * 800, False),
        ("Roses are red\nViolets are blue", False),
        ("Our free newsletter brings you the day's best stories, straight to your inbox, every weekday morning.", True),
    ],
)
def test_what_is_looked_at(text: str, asked: bool) -> None:
    """Every short line, and a paragraph that has words against it."""
    assert line_classifier.load().in_question(line(text)) is asked


def test_what_is_not_looked_at_has_no_chance_to_go() -> None:
    """And no article, no verdict."""
    assert line_classifier.load()(lines(*PARAGRAPHS)) == [0.0] * 3
    assert line_classifier.load()([]) == []


def test_log_odds_and_logarithms() -> None:
    """Equal scores are equal shares; odds are of the groups that go against those that stay."""
    count, kept = len(line_features.GROUPS), len(line_features.KEPT)
    (row,) = line_classifier.groups(np.zeros((1, count), np.float32)).tolist()
    assert row[0] == pytest.approx(math.log((count - kept) / kept))
    assert row[1:] == pytest.approx([-math.log(count)] * count)


def test_a_rule_names_the_kind_else_the_words_do() -> None:
    """Always one of the documented kinds."""
    assert line_classifier.load().kind(line("Sign up for our newsletter")) == "newsletter_promo"
    assert line_classifier.load().kind(line("Nobody knows what this might be")) in line_features.KINDS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x03\x04 and no more",
        WEIGHTS[:-2_000],
        WEIGHTS[:200_000] + b"\0" * 500,
    ],
)
def test_a_broken_file_of_weights_is_an_error(tmp_path: Path, content: bytes) -> None:
    """At load, in one line, not a judge that judges wrongly."""
    (tmp_path / "w").write_bytes(content)
    pack = Pack(language="qaa", name="Q", folder=tmp_path, parts={"boilerplate": {"weights": "w"}})
    with pytest.raises(ModelError, match="the weights that judge lines cannot be read"):
        line_classifier.load(pack)


def test_weights_that_lack_a_part_name_it() -> None:
    """The part that is looked for first."""
    with pytest.raises(KeyError, match=r"quick\.names"):
        line_classifier.unpack({})
