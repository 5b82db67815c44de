"""The same line on the embedded broker, which answers fewer questions: no ends of logs, not all that is committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.integration.ledger import Place
from tests.integration.line import Line

SESSION = "3"  # its group join takes half of it


class EmbeddedLine(Line):
    """A line on an embedded broker."""

    reading: Mapping[str, Any] = {"fetch_max_wait_ms": 20}  # it always waits it out
    idempotent = False
    tried = 0  # faults so far
    duplicates = 0  # of these

    @property
    def settings(self) -> dict[str, str]:
        """One process, and a session that is soon missed."""
        return super().settings | {"COPYDESK_PROCESSES": "1", "COPYDESK_SESSION_SECONDS": SESSION}

    async def _ends(self, consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while any(consumer.highwater(place) is None for place in places):
            await consumer.getmany(timeout_ms=200)
        await consumer.seek_to_beginning(*places)
        return {place: consumer.highwater(place) for place in places}

    async def _committed(self) -> dict[Place, int]:
        consumer = AIOKafkaConsumer(**self._client, **self.reading, group_id=self.name, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(topic, p) for topic in self.topics[:3] for p in range(self.partitions)]
            consumer.assign(places)
            offsets = {Place(*place): await consumer.committed(place) for place in places}
        finally:
            await consumer.stop()
        return {place: offset for place, offset in offsets.items() if offset is not None}
