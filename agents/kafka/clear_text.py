"""Keeps a password from being sent unencrypted to another machine: a check before each Kafka login of this process.

The settings check the bootstrap servers, but a client then connects to any host that the broker's metadata name. All
clients (of Faust, admin, readers, feeders, diagnosis) log in through one method of aiokafka. The check runs before it:
for the requested host name, and for the address that the connection really has. Importing this module installs it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from aiokafka.errors import KafkaConnectionError

from agents.kafka import faust_internals
from agents.settings import in_clear_text_allowed
from pipeline.errors import BrokerError

REMEDY = "use SASL_SSL, or have the broker's advertised.listeners name 127.0.0.1 or localhost"


class PasswordWithheld(BrokerError, KafkaConnectionError):  # type: ignore[misc]  # noqa: N818  nothing went wrong
    """A host that must not be given the password, and was not. To aiokafka: a connection that failed, to be retried."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what}; {REMEDY}"


def withheld(host: str, port: int, *, address: str | None = None, named_by: str | None = None) -> PasswordWithheld:
    """The one-line error for a host that must not be given the password.

    `address` is what it resolved to; `named_by` the server whose metadata name it.
    """
    resolved = "" if address is None or address == host else f", which is {address}"
    because = f", which {named_by} names to go on with" if named_by else ""
    return PasswordWithheld(f"the password is not sent in the clear to {host!r:.270}{resolved} (port {port}){because}")


def is_this_machine(address: str) -> bool:
    """Is it a loopback address (127.0.0.0/8, ::1, or the former written as IPv6)?"""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def refused(hosts: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """The first of these (host, port) that must not be given a password in the clear, by its name."""
    return next((at for at in hosts if not in_clear_text_allowed(at[0])), None)


def _allowed(host: str, port: int, address: str) -> None:
    if not in_clear_text_allowed(host) or not is_this_machine(address):
        raise withheld(host, port, address=address)


faust_internals.check_logins(_allowed)
