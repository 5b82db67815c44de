"""Why a broker cannot be used: the cause in one line, for which Kafka clients only say "unable to bootstrap".

Tries the broker step by step, as a client would: the name, the port, TLS, and the login. It speaks the few bytes
of Kafka's protocol that it needs, because a client library hides which step failed. Sends nothing but what a client
would send with the same settings, and the password only over the connection that the settings ask for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass

from aiokafka.conn import create_conn
from aiokafka.errors import SaslAuthenticationFailed

from agents.kafka import clear_text
from agents.settings import Settings

_SECONDS = 5.0
_API_VERSIONS, _METADATA, _SASL_HANDSHAKE = 18, 3, 17
_MAX_ANSWER = 10_000_000
_ILLEGAL_SASL_STATE = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What is wrong, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


async def diagnose(settings: Settings, context: ssl.SSLContext | None) -> Cause | None:
    """The reason why none of the bootstrap servers can be used, or None if one can.

    `context` is the one the clients use; it matters for the TLS protocols only. Takes at most some seconds a server.
    """
    cause = None
    for host, port in settings.hosts:
        cause = await _server(settings, context, host, port)
        if cause is None:
            return None
    return cause


async def _server(settings: Settings, context: ssl.SSLContext | None, host: str, port: int) -> Cause | None:
    at = f"{host}:{port}"
    tls = "SSL" in settings.security_protocol
    if cause := await _port(host, port):
        return cause
    if tls and context and (cause := await _handshake(host, port, context)):
        return cause
    answer = await _asked(host, port, context if tls else None, _API_VERSIONS, b"")
    if answer is None:
        return await _silent(settings, host, port)
    if settings.security_protocol.startswith("SASL"):
        return await _login(settings, context if tls else None, host, port)
    if await _asked(host, port, context if tls else None, _METADATA, struct.pack(">i", 0)) is None:
        protocol = "SASL_SSL" if tls else "SASL_PLAINTEXT"
        return Cause(
            what=f"the listener at {at} wants a login first",
            remedy=f"set COPYDESK_SECURITY_PROTOCOL={protocol}, COPYDESK_SASL_USERNAME and COPYDESK_SASL_PASSWORD_FILE",
        )
    return None


async def _port(host: str, port: int) -> Cause | None:
    """Is the name known, and does anything listen there?"""
    at = f"{host}:{port}"
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror:
        return Cause(what=f"no machine of the name {host} is known", remedy="correct COPYDESK_BROKER")
    except TimeoutError:
        return Cause(what=f"{at} does not answer", remedy="see whether the network lets you reach it")
    except OSError:
        what = f"no Kafka broker at {at}: nothing listens there"
        return Cause(what=what, remedy="set COPYDESK_BROKER, or run: copydesk broker")
    writer.close()
    return None


async def _handshake(host: str, port: int, context: ssl.SSLContext) -> Cause | None:
    """Does the broker speak TLS, and does its certificate hold?"""
    at = f"{host}:{port}"
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        writer.close()
    except ssl.SSLCertVerificationError as error:
        return _certificate(error, at, host)
    except (OSError, TimeoutError) as error:  # SSLError is an OSError
        if await _asked(host, port, None, _API_VERSIONS, b"") is not None:
            return Cause(
                what=f"the listener at {at} speaks plaintext, not TLS",
                remedy="name its TLS port in COPYDESK_BROKER, or set COPYDESK_SECURITY_PROTOCOL=PLAINTEXT",
            )
        why = getattr(error, "reason", None) or type(error).__name__
        return Cause(what=f"TLS with {at} failed ({why})", remedy="see what its listener is configured for")
    return None


def _certificate(error: ssl.SSLCertVerificationError, at: str, host: str) -> Cause:
    """The codes are X509_V_ERR_* of OpenSSL."""
    if error.verify_code in (62, 64):
        what = f"the certificate of {at} is for another host name, not for {host}"
        return Cause(what=what, remedy="write the name that it is for in COPYDESK_BROKER")
    if error.verify_code == 10:
        return Cause(what=f"the certificate of {at} has expired", remedy="renew it, or set this machine's clock")
    if error.verify_code in (2, 18, 19, 20, 21):
        what = f"the certificate of {at} is not from an authority that is trusted here"
        return Cause(what=what, remedy="set COPYDESK_SSL_CAFILE to the authority's PEM file")
    return Cause(what=f"the certificate of {at} is not valid ({error.verify_message})", remedy="have it renewed")


async def _silent(settings: Settings, host: str, port: int) -> Cause:
    """The port is open, but no Kafka answers in this protocol: what else does it speak?"""
    at = f"{host}:{port}"
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # looks only: nothing is sent over it
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    if "SSL" not in settings.security_protocol and await _speaks_tls(host, port, blind):
        wanted = "SASL_SSL" if settings.security_protocol.startswith("SASL") else "SSL or SASL_SSL"
        return Cause(what=f"the listener at {at} speaks TLS only", remedy=f"set COPYDESK_SECURITY_PROTOCOL={wanted}")
    if settings.security_protocol == "SSL" and settings.ssl_certfile:
        what = f"the broker at {at} does not accept the certificate in COPYDESK_SSL_CERTFILE"
        return Cause(what=what, remedy="have it signed by an authority that the broker trusts")
    if settings.security_protocol == "SSL":
        what = f"the broker at {at} wants a client certificate"
        return Cause(what=what, remedy="set COPYDESK_SSL_CERTFILE and COPYDESK_SSL_KEYFILE, or use SASL_SSL")
    return Cause(what=f"what listens at {at} is no Kafka broker, or it hangs", remedy="correct COPYDESK_BROKER")


async def _speaks_tls(host: str, port: int, blind: ssl.SSLContext) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=blind, server_hostname=host)
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # it answered in TLS, if only to complain
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _login(settings: Settings, context: ssl.SSLContext | None, host: str, port: int) -> Cause | None:
    """Does the listener take logins, of this kind, and this one?"""
    at, mechanism = f"{host}:{port}", settings.sasl_mechanism
    name = mechanism.encode()
    answer = await _asked(host, port, context, _SASL_HANDSHAKE, struct.pack(">h", len(name)) + name)
    code = struct.unpack_from(">h", answer)[0] if answer and len(answer) >= 2 else _ILLEGAL_SASL_STATE
    if code == _ILLEGAL_SASL_STATE:
        what, other = f"the listener at {at} takes no logins (SASL)", "SSL" if context else "PLAINTEXT"
        return Cause(what=what, remedy=f"set COPYDESK_SECURITY_PROTOCOL={other}, or name its SASL port")
    if code and answer:
        what = f"the broker at {at} does not offer {mechanism}, but {', '.join(_strings(answer)) or 'nothing'}"
        return Cause(what=what, remedy="set COPYDESK_SASL_MECHANISM to one of these")
    try:
        connection = await create_conn(
            host,
            port,
            request_timeout_ms=int(_SECONDS * 1000),
            ssl_context=context,
            security_protocol=settings.security_protocol,
            sasl_mechanism=mechanism,
            sasl_plain_username=settings.sasl_username,
            sasl_plain_password=settings.sasl_password.get_secret_value(),
        )
    except clear_text.PasswordWithheld as error:
        return Cause(what=error.what, remedy=clear_text.REMEDY)
    except SaslAuthenticationFailed:
        return Cause(
            what=f"the broker at {at} refuses user {settings.sasl_username!r}: the name or the password is wrong",
            remedy="correct COPYDESK_SASL_USERNAME and COPYDESK_SASL_PASSWORD (or its _FILE)",
        )
    except (OSError, TimeoutError, ValueError) as error:
        return Cause(what=f"the login at {at} failed ({type(error).__name__})", remedy="look into the broker's log")
    connection.close()
    return None


async def _asked(host: str, port: int, context: ssl.SSLContext | None, api: int, body: bytes) -> bytes | None:
    """Send one request (header version 0 or 1) and give the answer's body; None if nothing sensible came back."""
    writer = None
    version = 1 if api in (_METADATA, _SASL_HANDSHAKE) else 0
    request = struct.pack(">hhih", api, version, 7, -1) + body
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=context, server_hostname=host if context else None
            )
            writer.write(struct.pack(">i", len(request)) + request)
            size, correlation = struct.unpack(">ii", await reader.readexactly(8))
            if correlation != 7 or not 4 <= size <= _MAX_ANSWER:
                return None
            return await reader.readexactly(size - 4)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return None
    finally:
        if writer:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()


def _strings(answer: bytes) -> list[str]:
    """The mechanisms in a SaslHandshake answer: error code, count, then length and text of each."""
    found, at = [], 6
    with contextlib.suppress(struct.error):
        for _ in range(struct.unpack_from(">i", answer, 2)[0]):
            (length,) = struct.unpack_from(">h", answer, at)
            found.append(answer[at + 2 : at + 2 + length].decode("utf-8", "replace"))
            at += 2 + length
    return [name for name in found if name.isprintable()][:10]
