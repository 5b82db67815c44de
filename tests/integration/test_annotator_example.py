"""The annotator of docs/annotators.md, from an empty folder to a record on Kafka: its text is what runs here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from agents.broker import EmbeddedBroker, free_port
from tests.integration.worker import ROOT, Worker, command

LAYER = (("annotator", "quotes"), ("status", "ok"))
PAGE = (ROOT / "docs" / "annotators.md").read_text("utf-8")
ARTICLE = {
    "uri": "urn:x:quoted",
    "title": "Harbour reopens",
    "body": "The harbour of Rotterdam reopened on Tuesday. “We are glad,” said Ana Petrov. “It was a long week.”",
}


def written(folder: Path) -> Path:
    """The two files that the page shows."""
    project = folder / "newsroom-quotes"
    project.mkdir()
    (toml,) = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    python = re.findall(r"```python\n(.*?)```", PAGE, re.S)[0]
    (project / "pyproject.toml").write_text(toml)
    (project / "newsroom_quotes.py").write_text(python)
    assert len(python.splitlines()) < 60
    return project


def installed(project: Path, target: Path) -> None:
    """By pip, beside copydesk and without touching its environment."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(project)], check=True, capture_output=True, timeout=120)


async def test_the_example_annotates_an_article(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Installed by pip and named in the settings: its layer is in the record, and its label leads to a route."""
    installed(written(tmp_path), tmp_path / "site")
    settings = {
        "COPYDESK_BROKER": broker.address,
        "COPYDESK_TOPIC_PREFIX": "quoted.",
        "COPYDESK_GROUP": "quoted",
        "COPYDESK_PARTITIONS": "1",
        "COPYDESK_PROCESSES": "1",
        "COPYDESK_DATA_DIR": str(tmp_path / "data"),
        "COPYDESK_ANNOTATORS": "quotes",
        "COPYDESK_ROUTES": "quotes:yes=quoted.articles.quoted",
        "PYTHONPATH": str(tmp_path / "site"),
    }
    article = tmp_path / "article.json"
    article.write_text(json.dumps(ARTICLE))
    code, _, err = await command("topics", "create", settings=settings)
    assert (code, err) == (0, "")
    worker = Worker("worker", settings, folder=tmp_path, port=free_port())
    worker.start()
    try:
        await worker.ready()
        code, _, err = await command("feed", str(article), settings=settings)
        assert (code, err) == (0, "1 acknowledged\n")
        for topic in ("enriched", "quoted.articles.quoted"):
            _, out, _ = await command("tail", topic, "--json", "--from-beginning", "-n", "1", settings=settings)
            record = json.loads(out)
            layer = record["enrichment"]["annotations"]["quotes"]
            assert layer["count"] == 2
            text = record["bodies"][0]["value"]
            assert [text[start:end] for start, end in layer["spans"]] == ["“We are glad,”", "“It was a long week.”"]
            run = record["enrichment"]["provenance"]["stages"][-1]
            assert (run["stage"], run["component"], run["status"]) == ("classification", "quotes", "ok")
            assert record["enrichment"]["status"] == "complete"
        assert (await worker.metrics())["copydesk_layers_total", LAYER] == 1
    finally:
        worker.kill()
