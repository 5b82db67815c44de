"""copydesk topics create|check."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli import output
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import topics

app = typer.Typer(help="Create the Kafka topics, or check them.", no_args_is_help=True, rich_markup_mode="markdown")
Partitions = Annotated[
    int | None, typer.Option("--partitions", min=1, help="Partitions of each topic.", show_default="8")
]


@app.command()
def create(
    partitions: Partitions = None,
    replication: Annotated[
        int | None, typer.Option("--replication", min=1, help="Copies of each partition.", show_default="1")
    ] = None,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Create the topics that are missing, and list all. An existing topic is never changed. Exit 1 if one differs."""
    _say(
        wait(
            topics.create(
                settings(partitions=partitions, replication=replication, broker=broker, topic_prefix=topic_prefix)
            )
        )
    )


@app.command()
def check(partitions: Partitions = None, broker: Broker = None, topic_prefix: Prefix = None) -> None:
    """List the topics, and say which are missing or differ from the settings. Exit 1 if any do."""
    _say(wait(topics.check(settings(partitions=partitions, broker=broker, topic_prefix=topic_prefix))))


def _say(findings: list[topics.Finding]) -> None:
    for finding in findings:
        output.say(f"{finding.topic}: {finding.error or f'{finding.partitions} partitions'}")
    if any(finding.error for finding in findings):
        raise typer.Exit(1)
