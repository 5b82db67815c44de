"""TLS, SCRAM-SHA-512, mutual TLS and ACLs on Apache Kafka: what works, and the one true line for what does not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from certificates import Certificates
from kafka import Kafka
from users import ROLES, admin_config, apply, grants, set_password

from agents.broker.java import run_tool
from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import broken
from tests.integration.worker import command, until

CANARY = "canary-6f1d-correct-horse"  # every password here: whatever shows it, leaks


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kafka, Path]]:
    """A broker with TLS on every listener, ACLs, and users; and its administrator's config."""
    with Kafka(tmp_path_factory.mktemp("secured"), secure=True) as kafka:
        assert kafka.certificates
        config = admin_config(kafka.certificates, kafka.folder)
        for user in ("worker", "feeder", "desk"):
            set_password(kafka.bootstrap, config, user, CANARY)
        calls = [c for user in ("worker", "feeder", "desk") for c in grants(user, ROLES[user], prefix="s.", group="s")]
        apply(kafka.bootstrap, config, calls)
        yield kafka, config


@pytest.fixture
async def deployment(secured: tuple[Kafka, Path], tmp_path: Path) -> AsyncIterator[Deployment]:
    """A deployment there; the harness itself comes in as the administrator, by certificate."""
    kafka, _ = secured
    assert kafka.certificates
    pair = kafka.certificates.issue("admin")
    context = ssl.create_default_context(cafile=kafka.certificates.authority)
    context.load_cert_chain(pair.certificate, pair.key)
    made = Deployment(kafka.bootstrap, "s", tmp_path, client={"security_protocol": "SSL", "ssl_context": context})
    async with made.admin() as admin:
        await admin.delete_topics([topic for topic in await admin.list_topics() if topic.startswith("s.")])
        for _ in range(100):
            if not any(topic.startswith("s.") for topic in await admin.list_topics()):
                break
            await asyncio.sleep(0.1)
    await made.create()
    yield made
    made.stop()


def scram(kafka: Kafka, user: str = "worker", **more: str) -> dict[str, str]:
    """Settings of a client with a password over TLS."""
    assert kafka.certificates
    assert kafka.sasl
    given = {
        "broker": kafka.sasl,
        "security_protocol": "SASL_SSL",
        "sasl_username": user,
        "sasl_password": CANARY,
        "ssl_cafile": str(kafka.certificates.authority),
    } | more
    return {f"COPYDESK_{key.upper()}": value for key, value in given.items()}


async def complains(deployment: Deployment, settings: dict[str, str], *words: str) -> None:
    """`copydesk check` and `copydesk worker` each say why in one line, with these words in it, and exit 1."""
    given = deployment.settings | settings | {"COPYDESK_WEB_PORT": "0"}
    checked, worked = await asyncio.gather(
        command("check", "--no-models", settings=given), command("worker", settings=given)
    )
    said = [line for line in checked[1].splitlines() if line.startswith("FAIL")]
    assert (checked[0], len(said), checked[2]) == (1, 1, ""), checked
    lines = worked[2].strip().splitlines()
    assert (worked[0], worked[1], len(lines)) == (1, "", 1), worked
    for word in words:
        assert word in said[0], said[0]
        assert word in lines[0], lines[0]
    assert CANARY not in str(checked) + str(worked)


@pytest.mark.slow
async def test_least_privilege_worker_and_feeder_over_scram(
    secured: tuple[Kafka, Path], deployment: Deployment
) -> None:
    """SASL_SSL, ACLs from users.py: fed by the feeder, enriched by the worker; and the canary password is nowhere."""
    kafka, _ = secured
    password = deployment.folder / "password"
    password.write_text(CANARY + "\n")
    secret = scram(kafka) | {"COPYDESK_SASL_PASSWORD_FILE": str(password), "COPYDESK_LOG_LEVEL": "debug"}
    del secret["COPYDESK_SASL_PASSWORD"]
    worker = deployment.worker(**{k.removeprefix("COPYDESK_").lower(): v for k, v in secret.items()})
    worker.start()
    await worker.ready(60)
    articles_file = deployment.folder / "articles.jsonl"
    articles_file.write_bytes(b"\n".join(a.value for a in articles(50, broken_every=None)))
    code, out, err = await command("feed", str(articles_file), settings=deployment.settings | scram(kafka, "feeder"))
    assert code == 0, out + err
    async with deployment.watched():
        await deployment.feed(articles(50, broken_every=10))  # and something to refuse, so that there are dead letters
        await deployment.all_answered(60)
        await until(lambda: len(deployment.answered) >= 100, 30)
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    assert (len(facts.raw), len(deployment.answered)) == (100, 100)
    assert not broken(facts)
    shown = [worker.log, (await worker.page("/metrics"))[1], out, err, _command_lines(worker.pid)]
    shown += [str((r.value, r.headers)) for t in deployment.topics for r in await deployment.read(t)]
    code, out, err = await command("check", "--no-models", settings=deployment.settings | secret)
    assert code == 0, out + err
    assert not [text for text in [*shown, out, err] if CANARY in text], "the password shows"


@pytest.mark.slow
async def test_mutual_tls(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """A client certificate instead of a password; the principal is its name."""
    kafka, _ = secured
    assert kafka.certificates
    pair = kafka.certificates.issue("worker")
    worker = deployment.worker(
        broker=kafka.bootstrap, security_protocol="SSL", ssl_cafile=str(kafka.certificates.authority),
        ssl_certfile=str(pair.certificate), ssl_keyfile=str(pair.key),
    )  # fmt: skip
    worker.start()
    await worker.ready(60)
    async with deployment.watched():
        await deployment.feed(articles(40, broken_every=10))
        await deployment.all_answered(60)
    assert not broken(await deployment.facts())


async def test_a_wrong_password(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """Kafka clients say "unable to bootstrap"."""
    await complains(deployment, scram(secured[0], sasl_password="nonsense"), "password is wrong", "'worker'")


async def test_an_unknown_user(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """The same: a broker does not tell which of the two is wrong."""
    await complains(deployment, scram(secured[0], "nobody"), "password is wrong", "'nobody'")


async def test_a_mechanism_that_is_not_offered(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """The line names those that are."""
    await complains(deployment, scram(secured[0], sasl_mechanism="PLAIN"), "does not offer PLAIN", "SCRAM-SHA-512")


async def test_an_untrusted_certificate(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """Another authority signed it."""
    other = Certificates(deployment.folder / "other", name="somebody else")
    await complains(deployment, scram(secured[0], ssl_cafile=str(other.authority)), "authority", "COPYDESK_SSL_CAFILE")


async def test_a_wrong_host_name(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """The certificate is for 127.0.0.1 and localhost; 127.0.0.2 leads to the same broker."""
    kafka, _ = secured
    assert kafka.certificates
    made = Certificates(kafka.certificates.folder).issue("elsewhere", hosts=("kafka.example",))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=server)
    async with listening:
        at = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        await complains(deployment, scram(kafka, broker=at), "another host name", "127.0.0.1")


async def test_a_plaintext_listener(kafka: Kafka, secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """Told to use TLS, and the listener does not speak it."""
    await complains(deployment, scram(secured[0], broker=kafka.bootstrap), "speaks plaintext")


async def test_a_tls_listener_in_plaintext(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """The other way round: the setting that is missing is named."""
    plain = {"COPYDESK_BROKER": str(secured[0].sasl), "COPYDESK_SECURITY_PROTOCOL": "PLAINTEXT"}
    await complains(deployment, plain, "speaks TLS only", "COPYDESK_SECURITY_PROTOCOL")


async def test_no_client_certificate(secured: tuple[Kafka, Path], deployment: Deployment) -> None:
    """The listener for mutual TLS wants one."""
    kafka, _ = secured
    assert kafka.certificates
    settings = {
        "COPYDESK_BROKER": kafka.bootstrap,
        "COPYDESK_SECURITY_PROTOCOL": "SSL",
        "COPYDESK_SSL_CAFILE": str(kafka.certificates.authority),
    }
    await complains(deployment, settings, "client certificate", "COPYDESK_SSL_CERTFILE")


@pytest.mark.slow
async def test_a_closed_port_and_an_unknown_host_name(deployment: Deployment) -> None:
    """A port without a listener; a name that is in no book."""
    await complains(deployment, {"COPYDESK_BROKER": "127.0.0.1:1"}, "nothing listens", "127.0.0.1:1")
    await complains(deployment, {"COPYDESK_BROKER": "kafka.invalid:9092"}, "kafka.invalid")


@pytest.mark.parametrize(
    ("right", "resource"), [("Read", "raw"), ("Read", "group"), ("Write", "cleaned"), ("Describe", "enriched")]
)
@pytest.mark.slow
async def test_a_missing_permission_is_named(
    right: str, resource: str, secured: tuple[Kafka, Path], deployment: Deployment
) -> None:
    """A worker that may not do one thing says which before it joins."""
    kafka, config = secured
    assert kafka.certificates
    name = "s" if resource == "group" else f"s.articles.{resource}"
    what = ["--group" if resource == "group" else "--topic", name]
    at = ["--bootstrap-server", kafka.bootstrap, "--command-config", str(config)]
    deny = ["--deny-principal", "User:worker", "--operation", right, *what]
    await asyncio.to_thread(run_tool, "org.apache.kafka.tools.AclCommand", *at, "--add", *deny)
    try:
        # An ACL is in force some milliseconds after it was acknowledged.
        await asyncio.sleep(0.5)
        await complains(deployment, scram(kafka), "user worker may not", f"{right.lower()} ", name)
    finally:
        await asyncio.to_thread(run_tool, "org.apache.kafka.tools.AclCommand", *at, "--remove", "--force", *deny)


@pytest.mark.slow
async def test_an_output_that_may_not_be_written_blocks_and_skips_nothing(
    secured: tuple[Kafka, Path], deployment: Deployment
) -> None:
    """The right is taken away while it runs: not ready, nothing committed; given back, everything comes out."""
    kafka, config = secured
    assert kafka.certificates
    at = ["--bootstrap-server", kafka.bootstrap, "--command-config", str(config)]
    deny = ["--deny-principal", "User:worker", "--operation", "Write", "--topic", deployment.dead_letters]
    worker = deployment.worker(**{k.removeprefix("COPYDESK_").lower(): v for k, v in scram(kafka).items()})
    worker.start()
    await worker.ready(60)
    async with deployment.watched():
        await asyncio.to_thread(run_tool, "org.apache.kafka.tools.AclCommand", *at, "--add", *deny)
        try:
            await deployment.feed(articles(60, broken_every=10))
            problems: list[str] = []
            for _ in range(100):
                if problems := [p for p in await worker.problems() if "write" in p]:
                    break
                await asyncio.sleep(0.2)
            assert problems, worker.log[-2000:]
            blocked = await deployment.sample()
            raw = sum(offset for place, offset in blocked.committed.items() if place.topic == deployment.raw)
            assert raw < 60
        finally:
            await asyncio.to_thread(run_tool, "org.apache.kafka.tools.AclCommand", *at, "--remove", "--force", *deny)
        await deployment.all_answered(60)
    assert await until(lambda: worker.starts == 1 and worker.pid is not None, 1)
    facts = await deployment.facts(allowed_duplicates=64)
    assert not broken(facts)
    assert {m.origin for m in facts.dead_letters} == deployment.broken_at
    assert (await worker.metrics())["copydesk_dead_letter_write_failures_total", ()] > 0


async def test_a_password_in_the_clear_is_refused_off_loopback(deployment: Deployment) -> None:
    """SASL without TLS, to another machine: not even tried."""
    settings = {
        "COPYDESK_BROKER": "kafka.example:9092",
        "COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "COPYDESK_SASL_USERNAME": "worker",
        "COPYDESK_SASL_PASSWORD": CANARY,
    }
    code, out, err = await command("worker", settings=deployment.settings | settings)
    assert code == 2
    assert "SASL_SSL" in err
    assert CANARY not in out + err


def _command_lines(pid: int | None) -> str:
    """What `ps` shows of a worker and its children."""
    every = Path("/proc").glob("[0-9]*/cmdline")
    return "\n".join(path.read_bytes().replace(b"\0", b" ").decode(errors="replace") for path in every if path.exists())
