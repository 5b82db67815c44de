"""Kafka topics: their names, who writes and reads them, creating and checking them. docs/topics.md tells users."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from agents.kafka.connection import admin
from agents.settings import Settings
from pipeline.errors import BrokerError, SettingsError
from pipeline.formats import MAX_WIRE_BYTES
from pipeline.stages import FIRST, LAST, STAGES, TABLE, row

DEAD_LETTERS = "articles.dead-letters"
EVENT_TYPE = {row.name: row.event_type for row in TABLE}
TAKEN_DOWN_TYPE = "news.article.taken_down.v1"  # of a message without a value, on every topic
# Room for headers and batch overhead above the largest value.
MAX_MESSAGE_BYTES = MAX_WIRE_BYTES + 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics' full names, and the routes: (what an article must have, where it then also goes).

    `route_states` are the states beside usable that follow routes.
    """

    prefix: str = ""
    routes: tuple[tuple[str, str], ...] = ()
    route_states: tuple[str, ...] = ()

    def input(self, stage: str) -> str:
        """The topic a stage reads."""
        return self.prefix + row(stage).reads

    def output(self, stage: str) -> str:
        """The topic a stage writes."""
        return self.prefix + row(stage).writes

    @property
    def raw(self) -> str:
        """Where articles are fed."""
        return self.input(FIRST)

    @property
    def enriched(self) -> str:
        """Where the last stage writes."""
        return self.output(LAST)

    @property
    def dead_letters(self) -> str:
        """Where what a stage refuses goes."""
        return self.prefix + DEAD_LETTERS

    @property
    def records(self) -> tuple[str, ...]:
        """The topics that the stages write, in order."""
        return tuple(self.output(stage) for stage in STAGES)

    @property
    def pipeline(self) -> tuple[str, ...]:
        """The topics of the pipeline itself."""
        return (self.raw, *self.records, self.dead_letters)

    @property
    def all(self) -> tuple[str, ...]:
        """The pipeline's topics and those that routes lead to."""
        return tuple(dict.fromkeys((*self.pipeline, *(topic for _, topic in self.routes))))


def named(settings: Settings) -> Topics:
    """The topics under this prefix. Raises SettingsError if a route cannot be read."""
    return Topics(prefix=settings.topic_prefix, routes=read_routes(settings.routes), route_states=settings.route_states)


def read_routes(text: str) -> tuple[tuple[str, str], ...]:
    """Routes from `what=topic,what=topic`, or from a file of such lines; `#` begins a comment.

    `what` is a subject code (`medtop:15000000` takes everything below it too), `entity:` and a name or id,
    `language:` and a tag, or `source:` and an outlet's name. Raises SettingsError.
    """
    if not text.strip():
        return ()
    if "=" not in text:
        try:
            with open(text.strip(), encoding="utf-8") as file:
                text = ",".join(line.split("#", 1)[0] for line in file)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise SettingsError(f"COPYDESK_ROUTES: {text.strip()} cannot be read ({why})") from None
    routes = []
    for entry in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        what, _, topic = (part.strip() for part in entry.rpartition("="))
        kind = what.partition(":")[0]
        if not what or not topic or (kind not in ("entity", "language", "source") and ":" not in what):
            raise SettingsError(
                f"COPYDESK_ROUTES: {entry!r} is not what=topic, where what is a subject code such as "
                "medtop:15000000, entity:NAME, language:TAG or source:NAME"
            )
        if not all(c.isalnum() or c in "._-" for c in topic) or len(topic) > 249:
            raise SettingsError(f"COPYDESK_ROUTES: {topic!r} is not a valid topic name")
        routes.append((_folded(what), topic))
    return tuple(routes)


def _folded(what: str) -> str:
    kind, _, value = what.partition(":")
    return f"{kind}:{value.strip().casefold()}" if kind in ("entity", "language", "source") else what


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is to be said about one topic; `error` if the pipeline cannot run with it."""

    topic: str
    partitions: int | None  # None if it is missing
    error: str | None = None


async def create(settings: Settings) -> list[Finding]:
    """Create what is missing, and say of each topic what is there now. Raises BrokerError."""
    topics = named(settings)
    async with admin(settings) as client:
        existing = set(await client.list_topics())
        missing = [topic for topic in topics.all if topic not in existing]
        if missing:
            try:
                answer = await client.create_topics([_new_topic(topic, topics, settings) for topic in missing])
            except TopicAlreadyExistsError:
                answer = None
            except KafkaError as error:
                raise BrokerError(f"topics cannot be created: {error}") from None
            for topic, code, *message in answer.topic_errors if answer else ():
                problem = for_code(code)
                if code and problem is not TopicAlreadyExistsError:
                    said = next(iter(message), None) or problem.__name__
                    raise BrokerError(f"topic {topic} cannot be created: {said}")
    findings = await check(settings)
    for _ in range(50):  # a broker may answer before its own metadata shows what it has just created
        if all(finding.partitions for finding in findings):
            break
        await asyncio.sleep(0.1)
        findings = await check(settings)
    return findings


async def check(settings: Settings) -> list[Finding]:
    """Each topic, and what is wrong with it. Raises BrokerError."""
    topics = named(settings)
    async with admin(settings) as client:
        described = {d["topic"]: d for d in await client.describe_topics() if not d["error_code"]}
    findings = []
    for topic in topics.all:
        if topic not in described:
            findings.append(Finding(topic=topic, partitions=None, error="is missing; run: copydesk topics create"))
            continue
        count = len(described[topic]["partitions"])
        error = None
        if count != settings.partitions:
            error = f"has {count} partitions, but COPYDESK_PARTITIONS is {settings.partitions}"
        findings.append(Finding(topic=topic, partitions=count, error=error))
    return findings


async def missing(settings: Settings, stages: tuple[str, ...] = STAGES) -> list[str]:
    """The topics without which these stages cannot run. Raises BrokerError."""
    topics = named(settings)
    needed = {topics.input(s) for s in stages} | {topics.output(s) for s in stages} | {topics.dead_letters}
    if LAST in stages:
        needed |= {topic for _, topic in topics.routes}
    async with admin(settings) as client:
        return sorted(needed - set(await client.list_topics()))


def _new_topic(topic: str, topics: Topics, settings: Settings) -> NewTopic:
    hours = settings.dead_letter_retention_hours if topic == topics.dead_letters else settings.retention_hours
    return NewTopic(
        name=topic,
        num_partitions=settings.partitions,
        replication_factor=settings.replication,
        topic_configs={
            # The newest record of an article is what counts: compacted by uri, and deleted by time.
            "cleanup.policy": "compact,delete" if topic == topics.enriched else "delete",
            "retention.ms": str(hours * 3_600_000),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            # The broker's clock, not a feeder's or a worker's: Kafka refuses what is an hour ahead, and retention
            # deletes at once what is a week behind.
            "message.timestamp.type": "LogAppendTime",
        },
    )
