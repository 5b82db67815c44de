"""copydesk broker: the embedded broker in the foreground."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from agents.broker import EmbeddedBroker, kafka_version
from agents.settings import Settings
from pipeline.errors import BrokerError


def broker(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0: any free one.")] = 9092,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Keep topics and messages in this folder; the next start with it has them again.",
        ),
    ] = None,
) -> None:
    """Run an Apache Kafka until Ctrl-C, for trying copydesk out: one node on 127.0.0.1, no passwords.

    Without --data nothing is kept. The first start downloads Apache Kafka (46 MB) into your cache folder.
    """
    # SIGTERM must reach the `with` below, so that the broker and its folder are ended in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with EmbeddedBroker(port=port, data=data) as embedded:
        kept = f"kept in {data}" if data else "NOT durable: everything is deleted when it stops"
        print(f"Apache Kafka {kafka_version()} on {embedded.address}, {kept}; Ctrl-C stops it", file=sys.stderr)
        if embedded.address != Settings.model_fields["broker"].default:
            print(f"  export COPYDESK_BROKER={embedded.address}", file=sys.stderr)
        print("  copydesk topics create && copydesk worker", file=sys.stderr, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            code = embedded.wait()
            raise BrokerError(f"the embedded broker ended by itself with exit code {code}: {embedded.problem()}")
