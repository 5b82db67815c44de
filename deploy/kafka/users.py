#!/usr/bin/env python3
"""Make the users of a secured Kafka and give each the least it needs.

    python deploy/kafka/users.py --dir DIR worker feeder reader     on a broker of kafka.py --secure --dir DIR
    python deploy/kafka/users.py --bootstrap HOST:PORT --admin-config admin.properties worker

| role | may |
|---|---|
| worker | read raw, cleaned, annotated; write cleaned, annotated, enriched, dead-letters; read its group |
| feeder | write raw |
| reader | read enriched; read its own groups, `reader-*` |
| desk | what `copydesk dead-letters`, `tail` and `trace` need: read every topic, write raw, read groups `desk-*` |

No role may create, alter or delete anything: topics are made once, by an administrator, with `copydesk topics create`.
A user's password is read from NAME_PASSWORD (upper case), else made up and written to DIR/NAME.password (mode 600);
it is never on a command line. With --certificates a client certificate is made as well (`User:NAME` by mTLS).
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from certificates import Certificates

from agents.broker.java import run_tool

_RAW, _CLEANED, _ANNOTATED, _ENRICHED, _DEAD = "raw", "cleaned", "annotated", "enriched", "dead-letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a user may: topics by their last word, groups by name, or by prefix where it ends in `-`."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    group: str | None = None


ROLES = {
    "worker": Role(read=(_RAW, _CLEANED, _ANNOTATED), write=(_CLEANED, _ANNOTATED, _ENRICHED, _DEAD), group="copydesk"),
    "feeder": Role(write=(_RAW,)),
    "reader": Role(read=(_ENRICHED,), group="reader-"),
    "desk": Role(read=(_RAW, _CLEANED, _ANNOTATED, _ENRICHED, _DEAD), write=(_RAW,), group="desk-"),
}


def admin_config(certificates: Certificates, folder: Path) -> Path:
    """Write the client properties of the administrator of a broker that kafka.py made."""
    pair = certificates.issue("admin")
    path = folder / "admin.properties"
    path.write_text(
        "security.protocol=SSL\nssl.keystore.type=PEM\nssl.truststore.type=PEM\n"
        f"ssl.keystore.location={pair.bundle}\nssl.truststore.location={certificates.authority}\n"
    )
    os.chmod(path, 0o600)
    return path


def set_password(bootstrap: str, config: Path, user: str, password: str) -> None:
    """Make a SCRAM-SHA-512 user, or change its password; by a file, so that `ps` does not show it."""
    with tempfile.NamedTemporaryFile("w", suffix=".properties") as credentials:  # mode 600
        credentials.write(f"SCRAM-SHA-512=iterations=4096,password={password}\n")
        credentials.flush()
        at = ["--bootstrap-server", bootstrap, "--command-config", str(config)]
        who = ["--alter", "--entity-type", "users", "--entity-name", user]
        run_tool("kafka.admin.ConfigCommand", *at, *who, "--add-config-file", credentials.name)


def grants(user: str, role: Role, *, prefix: str = "", group: str | None = None) -> list[list[str]]:
    """The arguments of AclCommand that give a user its role, one list for each call."""
    who = ["--add", "--allow-principal", f"User:{user}"]
    calls = []
    for topics, operation in ((role.read, "Read"), (role.write, "Write")):
        if topics:
            named = [word for topic in topics for word in ("--topic", f"{prefix}articles.{topic}")]
            calls.append([*who, "--operation", operation, "--operation", "Describe", *named])
    if role.group:
        by_prefix = role.group.endswith("-")
        name = role.group if by_prefix or group is None else group
        pattern = ["--resource-pattern-type", "prefixed"] if by_prefix else []
        calls.append([*who, "--operation", "Read", "--operation", "Describe", "--group", name, *pattern])
    return calls


def apply(bootstrap: str, config: Path, calls: Sequence[Sequence[str]]) -> None:
    """Run AclCommand once for each list of arguments, several at a time since most of it is a JVM starting."""
    at = ["--bootstrap-server", bootstrap, "--command-config", str(config)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda call: run_tool("org.apache.kafka.tools.AclCommand", *at, *call), calls))


def main() -> int:
    """Make the users that are named on the command line."""
    parser = argparse.ArgumentParser(description="Make the users of a secured Kafka, each with the least it needs.")
    parser.add_argument("users", nargs="+", metavar="USER", help=f"a role as a user: {', '.join(ROLES)}; or NAME=ROLE")
    parser.add_argument("--dir", type=Path, default=Path(), help="the folder of kafka.py --secure; passwords go here")
    parser.add_argument("--bootstrap", help="host:port; without it the broker in --dir")
    parser.add_argument("--admin-config", type=Path, help="Kafka client properties of an administrator")
    parser.add_argument("--prefix", default="", help="COPYDESK_TOPIC_PREFIX (none)")
    parser.add_argument("--group", default="copydesk", help="COPYDESK_GROUP (copydesk)")
    parser.add_argument("--certificates", action="store_true", help="make client certificates too (needs --dir)")
    given = parser.parse_args()
    authority = None
    if given.certificates or not given.admin_config:
        if not (given.dir / "tls" / "ca.pem").exists():
            parser.error("no tls/ca.pem in --dir: give the folder of kafka.py --secure, or --admin-config")
        authority = Certificates(given.dir / "tls")
    config = given.admin_config or admin_config(authority, given.dir)
    bootstrap = given.bootstrap or (given.dir / "bootstrap").read_text().strip()
    calls: list[list[str]] = []
    for word in given.users:
        user, _, name = word.partition("=")
        if (name or user) not in ROLES:
            parser.error(f"no role {name or user!r}: one of {', '.join(ROLES)}")
        password = os.environ.get(f"{user.upper()}_PASSWORD") or _made_up(given.dir / f"{user}.password")  # noqa: TID251
        set_password(bootstrap, config, user, password)
        if authority and given.certificates:
            authority.issue(user)
        calls += grants(user, ROLES[name or user], prefix=given.prefix, group=given.group)
    apply(bootstrap, config, calls)
    print(f"users at {bootstrap}: {', '.join(given.users)}")
    return 0


def _made_up(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n")
    return path.read_text().strip()


if __name__ == "__main__":
    sys.exit(main())
