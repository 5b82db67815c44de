"""copydesk worker: the line on Kafka."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli.options import Broker, Prefix, settings


def worker(
    stages: Annotated[
        str | None,
        typer.Option("--stages", help="Which stages: cleaning,entities,classification.", show_default="all three"),
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="Child processes.", show_default="one per core")
    ] = None,
    web_port: Annotated[
        int | None,
        typer.Option("--web-port", min=0, help="Port of /metrics, /livez, /readyz; 0: any.", show_default="9108"),
    ] = None,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Run a worker until it is stopped: it reads, enriches, writes, and acknowledges only what the broker has.

    Exit 0 after SIGTERM or Ctrl-C, with nothing lost. Exit 1 after a crash, and before joining the consumer group
    where the broker, a topic or a model is missing.
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
