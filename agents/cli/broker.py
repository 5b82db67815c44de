"""copydesk broker: the embedded broker in the foreground."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Annotated

import typer

from agents.kafka.broker import SESSION_SECONDS, EmbeddedBroker
from pipeline.errors import BrokerError


def broker(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0: any free one.")] = 9092,
) -> None:
    """Run the embedded broker until Ctrl-C. For trying things out: in memory, on 127.0.0.1, not durable."""
    # SIGTERM must reach the `with` below, or the broker would outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with EmbeddedBroker(port=port) as embedded:
        print(
            f"embedded broker on {embedded.address}: in memory, NOT durable, stops with Ctrl-C\n"
            f"  export COPYDESK_BROKER={embedded.address} COPYDESK_SESSION_SECONDS={SESSION_SECONDS}\n"
            "  copydesk topics create && copydesk worker",
            file=sys.stderr,
        )
        with contextlib.suppress(KeyboardInterrupt):
            code = embedded.wait()
            raise BrokerError(f"the embedded broker ended by itself with {code}")
