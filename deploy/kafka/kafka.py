#!/usr/bin/env python3
"""A real Apache Kafka on loopback, without Docker: KRaft, one broker or several, with or without security.

    python deploy/kafka/kafka.py                        a broker on 127.0.0.1:9092, in the foreground, until Ctrl-C
    python deploy/kafka/kafka.py --port 0 --brokers 3   three of them on free ports, replication 3, min.insync 2
    python deploy/kafka/kafka.py --secure               TLS, SCRAM-SHA-512 and ACLs (users: see users.py)

Also imported by the integration tests. The first start brings the jars (about 45 MB) with Maven. Not for production:
one machine, small heaps, everything on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from broker import Broker, free_ports
from certificates import Certificates
from jars import KafkaMissingError

_LOOPBACK = "127.0.0.1"


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
        heap: str = "256m",
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """Lay it out; nothing runs yet.

        Args:
            folder: where everything lies; a temporary one, removed at the end, without it.
            brokers: 1, or 3 and more for replication 3 with min.insync.replicas 2.
            port: of the first broker, 0 for any free one.
            secure: TLS on every listener, SCRAM-SHA-512 for clients, ACLs (nobody may anything but the super user).
            proxy_port: adds a listener that tells its clients to come to this port, where a proxy listens.
            disk: where the first broker keeps its log, if not in `folder` (a small file system to fill, say).
            heap: memory of one broker.
            properties: more of Kafka's own, or others than the defaults here.
        """
        self._temporary = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="copydesk-kafka-")) if folder is None else folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificates = Certificates(self.folder / "tls") if secure else None
        ports, cluster_id = _laid_out(self.folder / "layout.json", brokers)
        names = {"MTLS": 0, "SASL": 2} if secure else {"DIRECT": 0, "PROXIED": 3}
        if proxy_port is None:
            names.pop("PROXIED", None)
        at = [{name: ports[4 * i + n] for name, n in names.items()} for i in range(brokers)]
        if port:
            at[0]["MTLS" if secure else "DIRECT"] = port
        voters = ",".join(f"{i + 1}@{_LOOPBACK}:{ports[4 * i + 1]}" for i in range(brokers))
        self.brokers: list[Broker] = []
        for i, listeners in enumerate(at):
            node = self.folder / f"broker-{i + 1}"
            log = disk if disk is not None and i == 0 else node / "log"
            made = _properties(i + 1, listeners, ports[4 * i + 1], voters, log, count=brokers, proxy_port=proxy_port)
            if self.certificates:
                made |= _security(self.certificates)
            self.brokers.append(Broker(node, made | dict(properties or {}), cluster_id=cluster_id, heap=heap))
        first = "MTLS" if secure else "DIRECT"
        self.bootstrap = ",".join(f"{_LOOPBACK}:{one[first]}" for one in at)
        self.sasl = ",".join(f"{_LOOPBACK}:{one['SASL']}" for one in at) if secure else None
        self.proxied = f"{_LOOPBACK}:{proxy_port}" if proxy_port else None
        self.proxy_target = (_LOOPBACK, at[0]["PROXIED"]) if proxy_port else None

    @property
    def broker(self) -> Broker:
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
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Kafka:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _laid_out(path: Path, brokers: int) -> tuple[list[int], str]:
    """Four ports a broker and the cluster's id: those of the last time where the folder was used before."""
    if path.exists():
        known = json.loads(path.read_text())
        if len(known["ports"]) == 4 * brokers:
            return known["ports"], known["cluster"]
        raise KafkaMissingError(
            f"{path.parent} holds a cluster of {len(known['ports']) // 4} brokers, not of {brokers}"
        )
    number = uuid.uuid4().bytes
    number = bytes([number[0] & 0x7F]) + number[1:]  # an id that began with "-" would be taken for an option
    ports, cluster_id = free_ports(4 * brokers), base64.urlsafe_b64encode(number).decode().rstrip("=")
    path.write_text(json.dumps({"ports": ports, "cluster": cluster_id}))
    return ports, cluster_id


def _properties(
    node_id: int,
    listeners: Mapping[str, int],
    controller_port: int,
    voters: str,
    log: Path,
    *,
    count: int,
    proxy_port: int | None,
) -> dict[str, str]:
    protocols = {"DIRECT": "PLAINTEXT", "PROXIED": "PLAINTEXT", "MTLS": "SSL", "SASL": "SASL_SSL"}
    secure = "MTLS" in listeners
    replication = min(3, count)
    told = {name: proxy_port if name == "PROXIED" else port for name, port in listeners.items()}
    return {
        "process.roles": "broker,controller",
        "node.id": str(node_id),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "MTLS" if secure else "DIRECT",
        "listener.security.protocol.map": ",".join(
            [f"CONTROLLER:{'SSL' if secure else 'PLAINTEXT'}", *(f"{name}:{protocols[name]}" for name in listeners)]
        ),
        "listeners": ",".join(
            [
                f"CONTROLLER://{_LOOPBACK}:{controller_port}",
                *(f"{name}://{_LOOPBACK}:{port}" for name, port in listeners.items()),
            ]
        ),
        "advertised.listeners": ",".join(f"{name}://{_LOOPBACK}:{port}" for name, port in told.items()),
        "log.dirs": str(log),
        # A topic that is missing must be seen to be missing.
        "auto.create.topics.enable": "false",
        "default.replication.factor": str(replication),
        "min.insync.replicas": str(max(1, replication - 1)),
        "offsets.topic.replication.factor": str(replication),
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": str(replication),
        "transaction.state.log.min.isr": str(max(1, replication - 1)),
        # The cleaner's 128 MB would be most of a small heap.
        "log.cleaner.dedupe.buffer.size": "16777216",
        # Tests join and leave all the time: do not wait for more members first.
        "group.initial.rebalance.delay.ms": "0",
        "controlled.shutdown.enable": "true" if count > 1 else "false",
    }


def _security(certificates: Certificates) -> dict[str, str]:
    """TLS everywhere; brokers and the administrator are known by certificate, clients by SCRAM or certificate."""
    store = certificates.issue("broker", hosts=("localhost", _LOOPBACK))
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
    except (KafkaMissingError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
