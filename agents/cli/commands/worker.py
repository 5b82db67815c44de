"""copydesk worker: the pipeline on Kafka."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli.options import Broker, Prefix, settings


def worker(
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages",
            help="Stages to run, comma separated: cleaning,entities,classification.",
            show_default="all three",
        ),
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="Child processes.", show_default="one per core")
    ] = None,
    web_port: Annotated[
        int | None,
        typer.Option(
            "--web-port", min=0, help="Port of /metrics, /livez, /readyz; 0: any free one.", show_default="9108"
        ),
    ] = None,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Run a worker until it is stopped: read articles from Kafka, enrich them, write the records back.

    It commits an offset only after the broker has the record or the dead letter.
    Exit 0: stopped by SIGTERM or Ctrl-C; nothing is lost. 1: a crash, or the broker, a topic or a model is missing
    (then it has not joined the consumer group). 2: usage error.
    """
    flags = {
        "stages": stages,
        "processes": processes,
        "web_port": web_port,
        "broker": broker,
        "topic_prefix": topic_prefix,
    }
    chosen = settings(**flags)
    from agents.app import run_worker

    raise typer.Exit(run_worker(chosen))
