"""The Faust agents: one for each row of the stage table."""

from __future__ import annotations

from typing import Any

import faust

from agents.processor import Processor


def agent(app: faust.App, topic: Any, processor: Processor) -> Any:
    """Register a stage's agent: one stream over all partitions that this worker has, so that acks stay in order."""

    async def run(stream: Any) -> None:
        await processor.consume(stream)

    return app.agent(topic, name=processor.stage, concurrency=1)(run)
