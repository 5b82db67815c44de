"""Settings -> the arguments of Kafka clients: one ssl.SSLContext for all of them, SASL, and admin access."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from agents.kafka import batches, clear_text, faust_internals
from agents.kafka.diagnosis import diagnose
from agents.settings import Settings
from pipeline.errors import BrokerError, SettingsError


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """TLS 1.2 or later with the host name checked; None for a plaintext protocol. Raises SettingsError."""
    if "SSL" not in settings.security_protocol:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_cafile)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.ssl_certfile:
            password = settings.ssl_key_password.get_secret_value() or None
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile, password=password)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"TLS files cannot be used: {error.strerror or error}") from None
    return context


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of any aiokafka client."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.broker,
        "security_protocol": settings.security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return options


@asynccontextmanager
async def admin(settings: Settings, *, within: float = 10.0) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client; it answers `within` seconds. Raises BrokerError if the broker cannot be reached."""
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=int(within * 1000))
    try:
        await start(client, settings)
        yield client
    finally:
        await client.close()


async def start(client: Any, settings: Settings) -> None:
    """Start an aiokafka client. Raises BrokerError that says why the broker cannot be used."""
    batches.read_any_batch()
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it says in several lines, at once, what we say in one
    try:
        await client.start()
    except (KafkaError, OSError) as error:
        _named_elsewhere(client, settings)
        cause = await diagnose(settings, ssl_context(settings))
        raise BrokerError(str(cause)) if cause else unreachable(settings, error) from None
    finally:
        log.setLevel(level)
    await asyncio.sleep(0)  # a consumer that is stopped before its tasks have begun raises CancelledError
    _named_elsewhere(client, settings)


def _named_elsewhere(client: Any, settings: Settings) -> None:
    """Raises PasswordWithheld if the metadata name a host that the password must not go to in the clear.

    It would not go there (agents/kafka/clear_text.py); here it is said at once, and why.
    """
    if settings.security_protocol != "SASL_PLAINTEXT":
        return
    brokers = faust_internals.network_client(client).cluster.brokers()
    if at := clear_text.refused((broker.host, broker.port) for broker in brokers):
        raise clear_text.withheld(*at, named_by=settings.broker)


def unreachable(settings: Settings, error: BaseException) -> BrokerError:
    """The one-line error for a broker that does not answer."""
    what = type(error).__name__ if not str(error) else str(error).split("\n", 1)[0][:160]
    return BrokerError(f"no Kafka broker at {settings.broker} ({what}); set COPYDESK_BROKER, or run: copydesk broker")
