"""Annotators of others: how the settings name them, and what is said if one cannot be used."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from pipeline import plugins
from pipeline.article import Component
from pipeline.errors import ModelError, SettingsError
from pipeline.plugins import Choice
from pipeline.stages import choices
from tests.unit.test_annotating import Counter


class NoMethods:
    """Nothing that an annotator has."""


class OtherName(Counter):
    """Is not called what its entry point says."""

    def __init__(self) -> None:
        super().__init__(name="other")


class NoComponent(Counter):
    """Has a version and nothing else."""

    def __init__(self) -> None:
        super().__init__(component="1")  # type: ignore[arg-type]


class ListOfLanguages(Counter):
    """A list is no set."""

    def __init__(self) -> None:
        super().__init__(languages=["en"])  # type: ignore[arg-type]


class Broken(Counter):
    """Cannot be made."""

    def __init__(self) -> None:
        raise OSError("no lexicon")


class Entities(Counter):
    """Takes a name of ours."""

    def __init__(self) -> None:
        super().__init__(name="entities")


def install(monkeypatch: pytest.MonkeyPatch, **classes: str) -> None:
    """Entry points with these names."""
    found = {
        name: EntryPoint(name=name, value=f"tests.unit.test_plugins:{value}", group=plugins.GROUP)
        for name, value in classes.items()
    }
    monkeypatch.setattr(plugins, "installed", lambda: found)


def test_an_annotator_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """And made without arguments."""
    install(monkeypatch, words="Counter")
    assert plugins.load("words").component == Component(name="words", version="1")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("NoMethods", "'words' cannot be used: it has no annotate, to_json, from_json"),
        ("OtherName", "its name is 'other'"),
        ("NoComponent", "its component is no pipeline.article.Component"),
        ("ListOfLanguages", "languages is no frozenset"),
        ("Broken", "'words' cannot be loaded: OSError: no lexicon"),
        ("Missing", "'words' cannot be loaded: AttributeError"),
    ],
)
def test_one_that_cannot_be_used_is_one_line(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    """Before the worker joins its group."""
    install(monkeypatch, words=value)
    with pytest.raises(ModelError) as refused:
        plugins.load("words")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_layer_of_ours_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else writes `entities`."""
    install(monkeypatch, entities="Entities")
    with pytest.raises(ModelError, match="none of entities, subjects"):
        plugins.load("entities")


def test_one_that_is_missing_is_named() -> None:
    """With what is installed."""
    with pytest.raises(ModelError, match="no annotator 'quotes' is installed"):
        plugins.load("quotes")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("quotes", (Choice(name="quotes", stage="classification"),)),
        ("quotes!, tone@entities", (Choice(name="quotes", stage="classification", required=True),
                                    Choice(name="tone", stage="entities"))),
        ("a@entities!", (Choice(name="a", stage="entities", required=True),)),
    ],
)  # fmt: skip
def test_the_setting_names_them(text: str, found: tuple[Choice, ...]) -> None:
    """In the last stage unless another is named."""
    assert choices(text) == found


@pytest.mark.parametrize("text", ["Quotes", "a b", "quotes@nowhere", "quotes@cleaning", "a,a", "!", "@entities"])
def test_what_names_none_is_a_settings_error(text: str) -> None:
    """In one line."""
    with pytest.raises(SettingsError):
        choices(text)
