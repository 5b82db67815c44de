"""The audit by readers: what is laid out, that only verdicts are kept, and what is made of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import audit  # noqa: E402
import audit_sheets  # noqa: E402
import audit_verdicts  # noqa: E402
from conll import article  # noqa: E402

from pipeline.annotations import Entity, Link, Mention  # noqa: E402
from pipeline.article import Layer  # noqa: E402

HEAD = "reader,pipeline,article,item,kind,verdict"
MARK = "6c33a212eca41774"
TEXTS = [
    f"Anna Keller, mayor of Hamburg, opened the new bridge number {n} in Germany on Monday. The city council "
    "of Hamburg had voted for it in spring, and Keller said that the port and its companies would profit from the work."
    for n in range(6)
]
GERMAN = (
    "Die Bürgermeisterin hat am Montag die neue Brücke im Hafen eröffnet. Der Rat der Stadt hatte im Frühjahr für den "
    "Bau gestimmt, und die Unternehmen des Hafens freuen sich darüber sehr."
)


def lines(*given: tuple[int, str, str], reader: str = "one", of: str = "a" * 16) -> list[str]:
    return [f"{reader},{MARK},{of},{item},{kind},{verdict}" for item, kind, verdict in given]


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


GOOD = lines((1, "name", "right"), (2, "link", "wrong_link"), (3, "subject", "right"), (4, "coverage", "right"))


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A set of our own in place of one that is not ours."""
    given = [*TEXTS, GERMAN]

    def read() -> Iterator[audit_sheets.Given]:
        for text in given:
            yield audit_sheets._given(text, title="Bridge opened in Hamburg" if text != GERMAN else "", body=text)

    monkeypatch.setitem(audit_sheets.SETS, "bbc", read)
    return given


def lay_out(folder: Path, *options: str) -> int:
    return audit.main(["lay-out", "--set", "bbc", "--out", str(folder), *options])


def test_what_is_laid_out(texts: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each English article has its sheet; every number of a sheet has a row without a verdict, and no row has text."""
    assert lay_out(tmp_path / "new", "--length", "60", "--reader", "reader-1 (built the tool)") == 0
    assert "6 articles (of 30: the set has no more)" in capsys.readouterr().out
    sheets = sorted((tmp_path / "new").glob("0*.md"))
    head, *rows = (tmp_path / "new" / "verdicts.csv").read_text(encoding="utf-8").splitlines()
    assert head == HEAD
    assert len(sheets) == 6
    for sheet in sheets:
        text, name = sheet.read_text(encoding="utf-8"), sheet.stem.split("-")[1]
        mine = [row.split(",") for row in rows if row.split(",")[2] == name]
        assert all(row[0] == "reader-1 (built the tool)" and row[5] == "" for row in mine)
        assert all(f"\n{row[3]}. " in text for row in mine)
        assert mine[-1][4] == "coverage"
        assert text.startswith("# Bridge opened in Hamburg\n")
        assert "characters more]" in text
        assert "PERSON  **Anna Keller** (also Keller)" in text
        assert "body: ... [Anna Keller], mayor of Hamburg" in text
        assert "GPE  **Hamburg** is geonames 2911298, city Hamburg" in text
        assert "confidence" in text
    assert not any(word in "\n".join(rows) for word in ("Keller", "Hamburg", "bridge"))


def test_the_five_most_salient_names_are_judged() -> None:
    """No more than five, the most salient first; every link is judged, and that no subject is there."""
    text = "Oslo, Bern, Rome, Lima, Cairo, Accra"
    entities = tuple(
        Entity(
            id=f"e{n}",
            type="GPE",
            name=name,
            mentions=(Mention(start=text.index(name), end=text.index(name) + len(name), text=name),),
            salience=n / 10,
            link=Link(kb="geonames", id="1") if name in ("Oslo", "Accra") else None,
        )
        for n, name in enumerate(text.split(", "))
    )
    given = replace(article([text]), layers={"entities": Layer(json=None, objects=entities)})
    found = [(item.kind, item.text.split("**")[1] if "**" in item.text else "") for item in audit_sheets.items(given)]
    assert found == [
        *(("name", name) for name in ("Accra", "Cairo", "Lima", "Rome", "Bern")),
        ("link", "Accra"),
        ("link", "Oslo"),
        ("coverage", ""),
    ]


def test_the_same_seed_chooses_the_same_articles(texts: list[str], tmp_path: Path) -> None:
    """Whatever their order in the set; another seed chooses others."""

    def names(folder: str, seed: str) -> list[str]:
        assert lay_out(tmp_path / folder, "--articles", "3", "--seed", seed) == 0
        return sorted(path.name for path in (tmp_path / folder).glob("0*.md"))

    first = names("first", "1")
    texts.reverse()
    assert names("again", "1") == first
    assert names("other", "2") != first
    assert len(first) == 3


def test_sheets_stay_outside_the_repository(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by a relative path, not by a link, and nothing is written."""
    assert audit_sheets.ROOT == ROOT
    root = tmp_path / "repository"
    (root / "bench").mkdir(parents=True)
    (tmp_path / "link").symlink_to(root / "bench")
    monkeypatch.setattr(audit_sheets, "ROOT", root)
    monkeypatch.chdir(root)
    for folder in (root, root / "bench" / "sheets", Path("sheets"), Path("docs/../sheets"), tmp_path / "link" / "new"):
        assert lay_out(folder, "--articles", "1") == 1
        assert "must lie outside this repository" in capsys.readouterr().err
    assert [path.name for path in root.rglob("*")] == ["bench"]


def test_verdicts_are_never_written_over(texts: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with something in it is refused."""
    kept = written(tmp_path / "verdicts.csv", *GOOD)
    before = kept.read_bytes()
    assert lay_out(tmp_path) == 1
    assert "never written over" in capsys.readouterr().err
    assert kept.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said_so(
    texts: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line: a file stands where a folder above it should."""
    (tmp_path / "file").write_text("")
    assert lay_out(tmp_path / "file" / "new") == 1
    error = capsys.readouterr().err
    assert error.startswith("bench/audit.py: ")
    assert error.count("\n") == 1


def test_an_absent_set_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, and no folder is made."""
    monkeypatch.setattr(audit_sheets, "DATA", tmp_path / "nowhere")
    assert lay_out(tmp_path / "new") == 1
    error = capsys.readouterr().err
    assert "the set bbc is absent" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([*GOOD[:3], f"one,{MARK},{'a' * 16},4,coverage,"], ":5: item 4 of aaaaaaaaaaaaaaaa has no verdict"),
        ([f"one,{MARK},{'a' * 16},1,name,nice", *GOOD[1:]], ":2: the verdict of a name is one of right, wrong_type"),
        ([f"one,{MARK},{'a' * 16},1,name,wrong_link", *GOOD[1:]], ":2: the verdict of a name is one of"),
        ([f"one,{MARK},{'a' * 16},1,person,right", *GOOD[1:]], ":2: column kind is none of name, link"),
        ([f"one,{MARK},Harbour opens,1,name,right", *GOOD[1:]], ":2: column article holds something else"),
        ([f"one,{MARK},{'a' * 16},1 Anna,name,right", *GOOD[1:]], ":2: column item holds something else"),
        ([f"one,new,{'a' * 16},1,name,right", *GOOD[1:]], ":2: column pipeline holds something else"),
        ([f"{'one ' * 20},{MARK},{'a' * 16},1,name,right", *GOOD[1:]], ":2: column reader holds something else"),
        ([f"{GOOD[0]},Anna Keller", *GOOD[1:]], ":2: 7 columns, not 6"),
        ([GOOD[0], *GOOD[2:]], "item 2 of aaaaaaaaaaaaaaaa is not there (one)"),
        ([GOOD[0], *GOOD], "item 1 of aaaaaaaaaaaaaaaa is twice (one)"),
        (GOOD[:3], "the last item of aaaaaaaaaaaaaaaa is not its coverage (one)"),
        ([], "has no verdicts"),
    ],
)
def test_what_is_no_verdict_file(
    rows: list[str], error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says where and why: a missing or unknown verdict, a missing item, text."""
    assert audit.main(["score", str(written(tmp_path / "given.csv", *rows))]) == 1
    said = capsys.readouterr()
    assert error in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_other_files_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One with other columns, one that is not text, one that is not there, a folder."""
    (tmp_path / "other.csv").write_text("article,headline\n1,Harbour opens\n", encoding="utf-8")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("other.csv", "bytes.csv", "absent.csv", "."):
        assert audit.main(["score", str(tmp_path / name)]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def scored(tmp_path: Path, capsys: pytest.CaptureFixture[str], *files: list[str]) -> dict[str, Any]:
    paths = [str(written(tmp_path / f"{n}.csv", *rows)) for n, rows in enumerate(files)]
    assert audit.main(["score", "--json", *paths]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_a_reader_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shares are of what the reader was sure of; an article without a name is in no share of wrong names."""
    figures = scored(
        tmp_path,
        capsys,
        [
            *lines((1, "name", "right"), (2, "name", "wrong_type"), (3, "name", "not_a_name"), (4, "link", "right")),
            *lines((5, "link", "wrong_link"), (6, "link", "unsure"), (7, "subject", "wrong_subject")),
            *lines((8, "subject", "right"), (9, "coverage", "right")),
            *lines((1, "name", "unsure"), (2, "subject", "right"), (3, "coverage", "right"), of="b" * 16),
            *lines((1, "coverage", "right"), of="c" * 16),
            *lines((1, "coverage", "missing_subject"), of="d" * 16),
        ],
    )
    (reader,) = figures["readers"]
    assert reader["articles"] == 4
    assert reader["withAWrongName"] == [1, 2, 0.5]
    assert reader["names"] == [1, 3, 0.3333]
    assert reader["links"] == [1, 2, 0.5]
    assert reader["withALinkTwice"] == [0, 4, 0.0]
    assert reader["firstSubject"] == [2, 4, 0.5]
    assert reader["subjects"] == [2, 3, 0.6667]
    assert reader["coverage"] == [3, 4, 0.75]
    assert reader["verdicts"]["name"] == {"right": 1, "wrong_type": 1, "not_a_name": 1, "unsure": 1}
    assert figures["pairs"] == []


def test_a_link_that_two_names_bear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is right, and its article is counted."""
    given = lines((1, "link", "right"), (2, "link", "duplicate"), (3, "coverage", "right"))
    (reader,) = scored(tmp_path, capsys, given)["readers"]
    assert (reader["links"], reader["withALinkTwice"]) == ([2, 2, 1.0], [1, 1, 1.0])


@pytest.mark.parametrize("verdict", sorted(audit_verdicts.WRONG_NAMES))
def test_every_wrong_name_counts(verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of them is enough for an article."""
    (reader,) = scored(tmp_path, capsys, lines((1, "name", verdict), (2, "coverage", "right")))["readers"]
    assert reader["withAWrongName"] == [1, 1, 1.0]


def test_where_two_readers_disagree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Item by item, of the articles that both read, with Cohen's kappa."""
    one = lines((1, "name", "right"), (2, "name", "right"), (3, "name", "wrong_type"), (4, "coverage", "right"))
    other = lines(
        (1, "name", "right"),
        (2, "name", "not_a_name"),
        (3, "name", "wrong_type"),
        (4, "coverage", "right"),
        reader="two",
    )
    more = lines((1, "coverage", "right"), reader="two", of="b" * 16)
    figures = scored(tmp_path, capsys, one, [*other, *more])
    (pair,) = figures["pairs"]
    assert pair["readers"] == ["one", "two"]
    assert (pair["items"], pair["differ"]) == (4, 1)
    assert pair["where"] == [["a" * 16, 2, "name", "right", "not_a_name"]]
    # agreed 3/4; by chance 3/4 x 2/4 + 1/4 x 1/4 = 7/16
    assert pair["kappa"] == pytest.approx((3 / 4 - 7 / 16) / (1 - 7 / 16), abs=1e-4)
    assert pair["byKind"]["coverage"] == [1, 0, None]


def test_pipelines_are_not_compared_by_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An item of one pipeline is not that of another: before and after have figures of their own."""
    later = [line.replace(MARK, "b" * 16).replace("one", "two") for line in GOOD]
    figures = scored(tmp_path, capsys, GOOD, later)
    assert [reader["pipeline"] for reader in figures["readers"]] == [MARK, "b" * 16]
    assert figures["pairs"] == []


def test_what_cannot_be_scored_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One reader's article twice, and sheets that are not the same."""
    first = written(tmp_path / "1.csv", *GOOD)
    assert audit.main(["score", str(first), str(first)]) == 1
    assert "one judged item 1 of aaaaaaaaaaaaaaaa twice" in capsys.readouterr().err
    odd = written(tmp_path / "2.csv", *lines((1, "link", "right"), (2, "coverage", "right"), reader="two"))
    assert audit.main(["score", str(first), str(odd)]) == 1
    assert "item 1 of aaaaaaaaaaaaaaaa is a name and a link" in capsys.readouterr().err


def test_the_table_says_what_the_figures_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the places of disagreement."""
    two = [line.replace("one,", "two,").replace("wrong_link", "right") for line in GOOD]
    assert (
        audit.main(["score", *(str(written(tmp_path / f"{n}.csv", *rows)) for n, rows in enumerate((GOOD, two)))]) == 0
    )
    said = " ".join(capsys.readouterr().out.split())
    assert f"one, pipeline {MARK}, 1 articles" in said
    assert "links right 0 of 1 0.000" in said
    assert "link 1 of 1 differ, kappa 0.000 " in said
    assert f"{'a' * 16} 2 link wrong_link right" in said


def test_the_verdicts_that_are_kept_can_be_scored() -> None:
    """Every file of bench/audit is a whole verdict file."""
    for path in (ROOT / "bench" / "audit").glob("*"):
        assert path.suffix == ".csv"
        assert audit_verdicts.read(path)
