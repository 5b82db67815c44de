#!/usr/bin/env python3
"""Make agents/broker/jars.lock anew, with the SHA-256 and size of every jar of Apache Kafka: `make lock-kafka`.

    python deploy/kafka/lock_jars.py             the version that is locked now
    python deploy/kafka/lock_jars.py 4.3.1       another one; docker-compose.yml must name the same

Needs no Maven and no Java: jgo resolves the dependencies. It downloads all of them, into a temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from agents.broker.jars import kafka_version, locked, sha256_of

LOCK = Path(__file__).resolve().parents[2] / "agents" / "broker" / "jars.lock"
HEADER = """\
# Every jar of Apache Kafka's broker and command line tools, in the order of the class path. Made by `make lock-kafka`.
# group:artifact:version  SHA-256  size in bytes
"""
# Kafka Connect and its web server, which the tools name: nothing here runs it.
UNUSED = ("connect-runtime", "connect-api", "connect-json")
# Logs to stderr, set by system properties; the version of the slf4j-api that Kafka brings.
LOGGING = "org.slf4j:slf4j-simple:1.7.36"


def main() -> int:
    """Resolve, download, hash, write."""
    version = sys.argv[1] if len(sys.argv) > 1 else kafka_version()
    with tempfile.TemporaryDirectory() as folder:
        maven = MavenContext(repo_cache=Path(folder))
        unused = [maven.project("org.apache.kafka", name) for name in UNUSED]
        asked = [
            maven.create_dependency(f"org.apache.kafka:kafka_2.13:{version}"),
            maven.create_dependency(f"org.apache.kafka:kafka-tools:{version}", unused),
            maven.create_dependency(LOGGING),
        ]
        given, others = maven.resolver.resolve(asked)
        lines = []
        for each in [*given, *sorted(others, key=lambda d: (d.groupId, d.artifactId))]:
            jar = Path(each.artifact.resolve())
            lines.append(f"{each.groupId}:{each.artifactId}:{each.version} {sha256_of(jar)} {jar.stat().st_size}\n")
    LOCK.write_text(HEADER + "".join(lines))
    print(f"{LOCK.name}: {len(locked())} jars, {sum(jar.size for jar in locked()) / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
