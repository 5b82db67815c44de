"""What is documented is what there is: settings, metrics, topics, reasons and flags, read out of docs/."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Any

import pytest
from pydantic import SecretStr
from typer.main import get_command

from agents import cli
from agents.kafka import topics
from agents.monitoring.metrics import Metrics
from agents.settings import PREFIX, REMOVED, Settings, load
from pipeline import codec, formats
from pipeline.cleaning.quality import Flag
from pipeline.errors import Reason

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def rows(page: str, *, under: str = "") -> dict[str, list[str]]:
    """Table rows whose first cell is one `word`: that word, and the other cells. `under` is a heading's text."""
    text = (DOCS / page).read_text()
    if under:
        _, _, text = text.partition(f"\n## {under}\n")
        assert text, f"{page} has no heading {under}"
        text = text.partition("\n## ")[0]
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if matched := re.match(r"\| `([^`]+)` \|(.*)\|$", line):
            assert matched[1] not in found, f"{page}: {matched[1]} twice"
            found[matched[1]] = [cell.strip() for cell in matched[2].split(" | ")]
    return found


def default(value: Any) -> str:
    """A default as the page writes it."""
    if value in (None, "", ()) or isinstance(value, SecretStr | PurePath):
        return "—"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_every_setting_is_documented_with_its_default() -> None:
    """docs/settings.md and Settings hold the same names and defaults."""
    written = {name: cells[0] for name, cells in rows("settings.md").items() if name.startswith(PREFIX)}
    written = {name: text for name, text in written.items() if not name.endswith("_FILE")}
    assert written == {PREFIX + name.upper(): default(field.default) for name, field in Settings.model_fields.items()}


def test_every_metric_is_documented_with_its_labels() -> None:
    """docs/metrics.md and Metrics hold the same exposed names and labels."""
    written = {
        name: {label for label in re.split(r"[ ,`]+", cells[0]) if label} for name, cells in rows("metrics.md").items()
    }
    exposed = {}
    for metric in vars(Metrics()).values():
        if hasattr(metric, "_labelnames"):
            (family,) = metric.describe()
            suffix = "_total" if family.type == "counter" else ""
            exposed[family.name + suffix] = set(metric._labelnames)
    assert written == exposed


def test_every_topic_is_documented() -> None:
    """docs/topics.md names the pipeline's five."""
    assert list(rows("topics.md", under="Topics"))[:5] == list(topics.named(load(environment={})).pipeline)


def test_every_reason_is_documented() -> None:
    """And the set is at most 20: it is a metric label."""
    assert set(rows("topics.md", under="Dead letters")) == {reason.value for reason in Reason}
    assert len(Reason) <= 20


def test_every_flag_is_documented() -> None:
    """Those of cleaning and those of the codec."""
    assert set(rows("topics.md", under="Quality flags")) == {flag.value for flag in Flag} | codec.FLAGS | formats.FLAGS


PAGES = sorted(page.relative_to(ROOT).as_posix() for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page: str) -> None:
    """Every COPYDESK_ variable is a setting, every copydesk_ metric is exposed or a header, every command is one."""
    text = (ROOT / page).read_text()
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    settings |= set(REMOVED)
    settings |= {name + "_FILE" for name in settings if "PASSWORD" in name}
    for name in re.findall(r"\bCOPYDESK_[A-Z_]*[A-Z]\b(?!_|\*|\.)", text):
        assert name in settings or any(known.startswith(name + "_") for known in settings), name
    commands = get_command(cli.app).list_commands(None)  # type: ignore[attr-defined, arg-type]
    code = "\n".join(_FENCE.findall(text) + re.findall(r"`([^`\n]+)`", text))
    for name in re.findall(r"(?:^|[ /])copydesk ([a-z][a-z-]+)", code, re.M):
        assert name in commands, f"copydesk {name}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Relative links name files that are there, and headings that are in them."""
    folder = (ROOT / page).parent
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", (ROOT / page).read_text()):
        file = (folder / target).resolve() if target else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
            assert anchor in {slug(heading) for heading in headings}, f"{page}: {target}#{anchor}"


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
