#!/usr/bin/env python3
"""A real Apache Kafka on loopback, without Docker: KRaft, one broker or several, with or without security.

    python deploy/kafka/kafka.py                        a broker on 127.0.0.1:9092, in the foreground, until Ctrl-C
    python deploy/kafka/kafka.py --port 0 --brokers 3   three of them on free ports, replication 3, min.insync 2
    python deploy/kafka/kafka.py --secure               TLS, SCRAM-SHA-512 and ACLs (users: see users.py)

Run it in the environment of `make setup`: it is `copydesk broker` with more brokers and with security, by the same
code (agents/broker). Also imported by the integration tests. Not for production: one machine, small heaps, 127.0.0.1.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from certificates import Certificates

from agents.broker.folder import Folder
from agents.broker.node import LOOPBACK, Node, free_ports
from agents.broker.node import properties as given_properties
from pipeline.errors import BrokerError

_PROTOCOLS = {"DIRECT": "PLAINTEXT", "PROXIED": "PLAINTEXT", "MTLS": "SSL", "SASL": "SASL_SSL"}


class Kafka:
    """A cluster of brokers in one folder; a context manager that starts it and takes it down.

    Attributes:
        bootstrap: `host:port,...` to connect to directly, in plain text. With `secure` it asks for a certificate.
        proxied: the address that clients of `proxy_port` are told to use; None without it.
        sasl: `host:port,...` of the SASL_SSL listener; None unless `secure`.
        certificates: the authority and the key pairs; None unless `secure`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        brokers: int = 1,
        port: int = 0,
        secure: bool = False,
        proxy_port: int | None = None,
        disk: Path | None = None,
        heap: str = "192m",
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """Take the folder and lay it out; no broker runs yet.

        Args:
            folder: where everything lies; a temporary one, removed at the end of whatever kind, without it.
            brokers: 1, or 3 and more for replication 3 with min.insync.replicas 2.
            port: of the first broker, 0 for any free one.
            secure: TLS on every listener, SCRAM-SHA-512 for clients, ACLs (nobody may anything but the super user).
            proxy_port: adds a listener that tells its clients to come to this port, where a proxy listens.
            disk: where the first broker keeps its log, if not in `folder` (a small file system to fill, say).
            heap: memory of one broker.
            properties: more of Kafka's own, or others than the defaults here.
        """
        self._folder = Folder(folder)
        self.folder = self._folder.path
        try:
            kind = f"{brokers} brokers of kafka.py{' with security' if secure else ''}"
            layout = self._folder.layout(kind, ports=free_ports(4 * brokers))  # the ports stay with the folder
            self.certificates = Certificates(self.folder / "tls") if secure else None
        except BaseException:
            self._folder.release()
            raise
        ports = layout["ports"]
        names = {"MTLS": 0, "SASL": 2} if secure else {"DIRECT": 0, "PROXIED": 3}
        if proxy_port is None:
            names.pop("PROXIED", None)
        at = [{name: ports[4 * i + n] for name, n in names.items()} for i in range(brokers)]
        if port:
            at[0]["MTLS" if secure else "DIRECT"] = port
        self.brokers: list[Node] = []
        for i, listeners in enumerate(at):
            node = self.folder / f"broker-{i + 1}"
            made = given_properties(
                i + 1,
                listeners,
                controller_port=ports[4 * i + 1],
                voters=",".join(f"{n + 1}@{LOOPBACK}:{ports[4 * n + 1]}" for n in range(brokers)),
                log=disk if disk is not None and i == 0 else node / "log",
                advertised={"PROXIED": f"{LOOPBACK}:{proxy_port}"} if proxy_port else None,
                protocols=_PROTOCOLS | {"CONTROLLER": "SSL" if secure else "PLAINTEXT"},
                count=brokers,
            )
            if self.certificates:
                made |= _security(self.certificates)
            made |= dict(properties or {})
            self.brokers.append(Node(node, made, within=self._folder, cluster_id=str(layout["cluster"]), heap=heap))
        first = "MTLS" if secure else "DIRECT"
        self.bootstrap = ",".join(f"{LOOPBACK}:{one[first]}" for one in at)
        self.sasl = ",".join(f"{LOOPBACK}:{one['SASL']}" for one in at) if secure else None
        self.proxied = f"{LOOPBACK}:{proxy_port}" if proxy_port else None
        self.proxy_target = (LOOPBACK, at[0]["PROXIED"]) if proxy_port else None

    @property
    def broker(self) -> Node:
        """The first one, which is the only one mostly."""
        return self.brokers[0]

    def start(self, timeout: float = 60.0) -> None:
        """Format the disks where that was not done, start every broker, return when all take requests."""
        for one in self.brokers:
            one.format()
        (self.folder / "bootstrap").write_text(self.bootstrap + "\n")  # users.py reads it
        for one in self.brokers:
            one.start()
        for one in self.brokers:
            one.wait_ready(timeout)

    def stop(self) -> None:
        """Stop every broker; remove the folder where it was a temporary one."""
        for one in reversed(self.brokers):
            one.stop(timeout=15.0)
        self._folder.release()

    def __enter__(self) -> Kafka:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _security(certificates: Certificates) -> dict[str, str]:
    """TLS everywhere; brokers and the administrator are known by certificate, clients by SCRAM or certificate."""
    store = certificates.issue("broker", hosts=("localhost", LOOPBACK))
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store.bundle),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        "ssl.client.auth": "required",
        "listener.name.sasl.ssl.client.auth": "none",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:broker;User:admin",
    }


def main() -> int:
    """Run a cluster in the foreground until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(description="A real Apache Kafka on loopback, without Docker.")
    parser.add_argument("--port", type=int, default=9092, help="of the first broker, 0 for any free one (9092)")
    parser.add_argument("--dir", type=Path, help="keep everything here; a temporary folder without it")
    parser.add_argument("--brokers", type=int, default=1, help="how many (1); 3 gives replication 3, min.insync 2")
    parser.add_argument("--secure", action="store_true", help="TLS, SCRAM-SHA-512 and ACLs")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with Kafka(given.dir, brokers=given.brokers, port=given.port, secure=given.secure) as kafka:
            print(f"Apache Kafka is ready: {kafka.bootstrap}", flush=True)
            if kafka.certificates:
                print(f"  clients with a password (SASL_SSL): {kafka.sasl}")
                print(f"  certificates: {kafka.certificates.folder}")
                print(f"  users: python deploy/kafka/users.py --dir {kafka.folder} worker feeder", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except (BrokerError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
