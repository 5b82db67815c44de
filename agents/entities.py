"""The agent of the entities stage: articles.cleaned -> articles.annotated."""

from __future__ import annotations

from typing import Any

import faust

from agents.processor import Processor


def agent(app: faust.App, topic: Any, processor: Processor) -> Any:
    """Register the agent: one stream over all partitions this worker has, so that acks stay in order."""

    @app.agent(topic, name="entities", concurrency=1)  # type: ignore[untyped-decorator]
    async def entities(stream: Any) -> None:
        await processor.consume(stream)

    return entities
