"""The permissions of a worker's user, as the broker names them before the worker joins the group.

Kafka tells a client's own permissions in the responses to Metadata (version 8 on) and DescribeGroups (version 3 on).
aiokafka sends older versions, so the two requests are defined here. A broker without an authorizer allows everything.
"""

from __future__ import annotations

from typing import Any

from aiokafka.errors import GroupAuthorizationFailedError, IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Bytes, Int16, Int32, Schema, String

from agents.kafka.connection import admin
from agents.kafka.faust_internals import network_client
from agents.kafka.topics import Topics, named
from agents.settings import Settings
from pipeline.stages import LAST

_READ, _WRITE = 1 << 3, 1 << 4  # AclOperation, as a bit field
_UNKNOWN = -(1 << 31)  # the broker does not say
_TOPIC_AUTHORIZATION_FAILED, _GROUP_AUTHORIZATION_FAILED = 29, 30
_TEXT = String("utf-8")


class _MetadataAnswer(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", _TEXT),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("operations", Int32),
            ),
        ),
        ("cluster_operations", Int32),
    )


class _MetadataAsked(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _MetadataAnswer
    SCHEMA = Schema(
        ("topics", Array(_TEXT)),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_operations", Boolean),
        ("include_topic_operations", Boolean),
    )


class _Metadata(Request[_MetadataAsked]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataAsked]) -> _MetadataAsked:
        return request_struct_class(self._topics, False, False, True)


class _GroupAnswer(Response):  # type: ignore[misc]
    API_KEY = 15
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "groups",
            Array(
                ("error_code", Int16),
                ("group", _TEXT),
                ("state", _TEXT),
                ("protocol_type", _TEXT),
                ("protocol", _TEXT),
                (
                    "members",
                    Array(
                        ("member_id", _TEXT),
                        ("client_id", _TEXT),
                        ("client_host", _TEXT),
                        ("metadata", Bytes),
                        ("assignment", Bytes),
                    ),
                ),
                ("operations", Int32),
            ),
        ),
    )


class _GroupAsked(RequestStruct):  # type: ignore[misc]
    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = _GroupAnswer
    SCHEMA = Schema(("groups", Array(_TEXT)), ("include_operations", Boolean))


class _Group(Request[_GroupAsked]):  # type: ignore[misc]
    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[_GroupAsked]) -> _GroupAsked:
        return request_struct_class([self._group], True)


async def lacking(settings: Settings) -> list[str]:
    """The permissions that a worker with these stages lacks: `read articles.raw`, ...; empty if it has all.

    Raises BrokerError if the broker cannot be reached. A broker too old to be asked: nothing is known to lack.
    """
    topics = named(settings)
    needed = _needed(topics, settings)
    async with admin(settings) as client:
        asked = network_client(client)
        try:
            answer = await asked.send(asked.get_random_node(), _Metadata(sorted(needed)))
            missing = _of_topics(answer, needed)
            if group := await _of_group(client, settings.group):
                missing.append(group)
        except (IncompatibleBrokerVersion, KafkaError):
            return []
    return missing


def _needed(topics: Topics, settings: Settings) -> dict[str, int]:
    needed: dict[str, int] = {topics.dead_letters: _WRITE}
    for stage in settings.stages:
        for topic, right in ((topics.input(stage), _READ), (topics.output(stage), _WRITE)):
            needed[topic] = needed.get(topic, 0) | right
    if LAST in settings.stages:
        needed |= {topic: needed.get(topic, 0) | _WRITE for _, topic in topics.routes}
    return needed


def _of_topics(answer: Any, needed: dict[str, int]) -> list[str]:
    missing = []
    for error, topic, _, _, operations in answer.topics:
        if error == _TOPIC_AUTHORIZATION_FAILED:
            missing.append(f"describe {topic}")
        elif not error and operations != _UNKNOWN:
            lacks = needed[topic] & ~operations
            missing += [f"{word} {topic}" for word, bit in (("read", _READ), ("write", _WRITE)) if lacks & bit]
    return sorted(missing)


def refusal(settings: Settings, missing: list[str]) -> str:
    """One line for an operator."""
    who = f"user {settings.sasl_username}" if settings.sasl_username else "this worker's user"
    return f"{who} may not {', '.join(missing)}; an administrator must allow it (deploy/kafka/users.py shows how)"


async def _of_group(client: Any, group: str) -> str | None:
    try:
        node = await client.find_coordinator(group)
    except GroupAuthorizationFailedError:
        return f"read group {group}"
    answer = await network_client(client).send(node, _Group(group))
    for error, _, _, _, _, _, operations in answer.groups:
        if error == _GROUP_AUTHORIZATION_FAILED or (not error and operations != _UNKNOWN and not operations & _READ):
            return f"read group {group}"
    return None
