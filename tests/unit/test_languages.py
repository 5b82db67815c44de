"""Language packs: which are installed, what each has, and what is said of a broken one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.languages import registry

GOOD = 'format = "copydesk-language/1"\nlanguage = "qaa"\nname = "Q"\n'


def pack(folder: Path, toml: str, **files: str) -> Path:
    """A folder of packs with one pack in it."""
    home = folder / "one"
    home.mkdir(parents=True, exist_ok=True)
    (home / "pack.toml").write_text(toml, encoding="utf-8")
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
    return folder


def test_english_ships_whole() -> None:
    """The default pack has every part, and each of its files is there."""
    packs = registry.installed()
    assert packs.default is packs.of("en-GB") is registry.english()
    assert set(packs.default.parts) == set(registry.PARTS)
    assert all(len(packs.default.digest(part)) == 64 for part in registry.PARTS)
    assert packs.of("qaa") is None
    assert packs.of(None) is None


def test_a_pack_of_the_users_stands_beside_ours(tmp_path: Path) -> None:
    """It is found by its language; the parts that it has are its own."""
    packs = registry.installed(pack(tmp_path, GOOD + '[entities]\nnames = "names.tsv"\n', **{"names.tsv": "x"}))
    assert set(packs.by_language) == {"en", "qaa"}
    assert set(packs.with_part("entities")) == {"en", "qaa"}
    assert set(packs.with_part("subjects")) == {"en"}
    assert packs.default.language == "en"


def test_a_pack_of_the_users_for_english_wins_for_english_alone(tmp_path: Path) -> None:
    """The default for languages without a pack stays the one that ships."""
    packs = registry.installed(pack(tmp_path, GOOD.replace("qaa", "en")))
    theirs = packs.of("en")
    assert theirs is not None
    assert theirs.parts == {}
    assert packs.default.has("subjects")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("", "its format is None"),
        ('format = "copydesk-language/9"', "its format is 'copydesk-language/9'"),
        (GOOD.replace("qaa", "en-GB"), "'en-GB' is no primary tag"),
        (GOOD.replace("qaa", "und"), "'und' is no primary tag"),
        (GOOD + "[grammar]\n", "it has a part 'grammar'; a pack has boilerplate, entities, subjects"),
        (GOOD + '[entities]\nnames = "names.tsv"\n', "[entities] names: it has no names.tsv"),
        (GOOD + '[entities]\nnames = "../../names.tsv"\n', "[entities] names names no file within it"),
        (GOOD + "[entities]\nnames = 7\n", "[entities] names names no file within it"),
        ("language = ", "cannot be read: Invalid value"),
    ],
)
def test_a_broken_pack_is_one_line(tmp_path: Path, toml: str, said: str) -> None:
    """It says which folder, and what is wrong with it."""
    with pytest.raises(ModelError) as caught:
        registry.installed(pack(tmp_path, toml))
    assert said in str(caught.value)
    assert str(tmp_path / "one") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_packs_is_said(tmp_path: Path) -> None:
    """An empty folder, one that is not there, and two packs of one language."""
    for folder, said in ((tmp_path, "no folder with a pack.toml"), (tmp_path / "none", "No such file")):
        with pytest.raises(ModelError, match=said):
            registry.installed(folder)
    shutil.copytree(pack(tmp_path, GOOD) / "one", tmp_path / "two")
    with pytest.raises(ModelError, match="is of the language 'qaa' too"):
        registry.installed(tmp_path)


def test_a_digest_changes_with_what_it_covers_and_nothing_else(tmp_path: Path) -> None:
    """A file, its name or the section: another hash. Another part, or another folder: the same."""

    def digest(where: str, toml: str, **files: str) -> str:
        found = registry.installed(pack(tmp_path / where, toml, **files)).of("qaa")
        assert found is not None
        return found.digest("entities")

    toml = GOOD + '[entities]\nnames = "n"\n'
    first = digest("a", toml, n="x")
    assert digest("b", toml + "[subjects]\n", n="x") == first
    others = [
        digest("c", toml, n="y"),
        digest("d", toml + "more = 1\n", n="x"),
        digest("e", toml.replace('"n"', '"m"'), m="x"),
    ]
    assert len({first, *others}) == 4
