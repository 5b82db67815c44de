"""The Faust app, with the settings under which no message is lost (docs/decisions/0002)."""

from __future__ import annotations

from typing import Any

import faust
import mode
from yarl import URL

from agents.kafka import batches, connection, faust_internals
from agents.kafka.topics import MAX_MESSAGE_BYTES
from agents.settings import Settings

_FETCH_BYTES = 128 << 10  # a partition
_SEND_BYTES = 128 << 10  # a partition


def faust_app(settings: Settings) -> faust.App:
    """A Faust app for these settings; it makes its data folder."""
    batches.read_any_batch()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        settings.group,
        broker=[URL(f"kafka://{host}:{port}") for host, port in settings.hosts],
        broker_credentials=_credentials(settings),
        web_enabled=False,  # Faust's own server, router and tables are all off
        store="memory://",
        datadir=settings.data_dir,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        agent_supervisor=mode.CrashingSupervisor,  # the default restarts an agent over events it has lost
        stream_wait_empty=True,
        stream_buffer_maxsize=512,
        broker_commit_interval=settings.commit_seconds,
        # A request that a dead connection swallowed holds up commits for as long: Faust would wait 90 s.
        broker_request_timeout=max(30.0, 2 * settings.session_seconds),
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 5,
        consumer_auto_offset_reset="earliest",
        # What one fetch brings is handed to the stages before the next one: a small one keeps a backlog before the
        # first stage from holding up the others, and out of memory. A larger message still comes whole.
        consumer_max_fetch_size=_FETCH_BYTES,
        consumer_group_instance_id=settings.static_member or None,
        consumer_metadata_max_age_ms=15_000,  # partitions that are added are read within 30 s
        producer_acks=-1,
        # A batch of a stage is one request: with Faust's 16 KiB it is one after another, of two articles a partition.
        producer_max_batch_size=_SEND_BYTES,
        producer_linger=0.005,  # for the stage to hand over its whole batch
        producer_request_timeout=60.0,
        producer_max_request_size=MAX_MESSAGE_BYTES,
        worker_redirect_stdouts=False,
    )
    app.transport.Consumer = faust_internals.Consumer
    return app


def _credentials(settings: Settings) -> Any:
    context = connection.ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=settings.sasl_mechanism,
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None
