"""copydesk topics create|check."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli import output
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import topics

app = typer.Typer(help="Create the Kafka topics, or check them.", no_args_is_help=True, rich_markup_mode="markdown")
Partitions = Annotated[int | None, typer.Option("--partitions", min=1, help="Partitions a topic.", show_default="8")]


@app.command()
def create(
    partitions: Partitions = None,
    replication: Annotated[
        int | None, typer.Option("--replication", min=1, help="Copies of each partition.", show_default="1")
    ] = None,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Create what is missing, and say what is there; what exists is never changed. Exit 1 where something differs."""
    _say(
        wait(
            topics.create(
                settings(partitions=partitions, replication=replication, broker=broker, topic_prefix=topic_prefix)
            )
        )
    )


@app.command()
def check(partitions: Partitions = None, broker: Broker = None, topic_prefix: Prefix = None) -> None:
    """Say what differs from what the line needs. Exit 1 where something does."""
    _say(wait(topics.check(settings(partitions=partitions, broker=broker, topic_prefix=topic_prefix))))


def _say(findings: list[topics.Finding]) -> None:
    for finding in findings:
        output.say(f"{finding.topic}: {finding.error or f'{finding.partitions} partitions'}")
    if any(finding.error for finding in findings):
        raise typer.Exit(1)
