"""The agent of the cleaning stage: articles.raw -> articles.cleaned."""

from __future__ import annotations

from typing import Any

import faust

from agents.processor import Processor


def agent(app: faust.App, topic: Any, processor: Processor) -> Any:
    """Register the agent: one stream over all partitions this worker has, so that acks stay in order."""

    @app.agent(topic, name="cleaning", concurrency=1)  # type: ignore[untyped-decorator]
    async def cleaning(stream: Any) -> None:
        await processor.consume(stream)

    return cleaning
