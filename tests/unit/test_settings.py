"""COPYDESK_* -> Settings: resolved once, and what cannot be used is said in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.settings import Settings, load
from pipeline.errors import SettingsError

ENVIRONMENT = {
    "COPYDESK_BROKER": "kafka-1:9092, kafka-2:9093",
    "COPYDESK_STAGES": "entities, classification",
    "COPYDESK_PROCESSES": "3",
    "COPYDESK_NER_VALUES": "true",
    "COPYDESK_SUBJECTS": "a.json,b.json",
    "COPYDESK_TIME_LIMIT_SECONDS": "2.5",
    "COPYDESK_GROUP": "",
    "HOME": "/root",
}


def test_defaults_environment_flags() -> None:
    """Flags that are not None win over the environment, and that over the defaults; empty is not set."""
    chosen = load({"processes": 5, "broker": None}, environment=ENVIRONMENT)
    assert chosen.hosts == [("kafka-1", 9092), ("kafka-2", 9093)]
    assert chosen.stages == ("entities", "classification")
    assert (chosen.processes, chosen.process_count) == (5, 5)
    assert (chosen.group, chosen.partitions) == ("copydesk", 8)
    assert chosen.options.values is True
    assert chosen.options.subjects == (Path("a.json"), Path("b.json"))
    assert chosen.time_limit_seconds == 2.5


def test_zero_processes_is_one_per_core() -> None:
    """At least one."""
    assert load(environment={}).process_count >= 1


def test_settings_do_not_change() -> None:
    """They are resolved once."""
    with pytest.raises(ValueError, match="frozen"):
        load(environment={}).group = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"COPYDESK_BROKR": "x:1"}, "COPYDESK_BROKR is not a setting; the nearest one is COPYDESK_BROKER"),
        ({"COPYDESK_SECOND_OPINION": "true"}, "COPYDESK_SECOND_OPINION was removed in 0.2.0"),
        ({"COPYDESK_SASL_PASSWORT": "x"}, "the nearest one is COPYDESK_SASL_PASSWORD"),
        ({"COPYDESK_BROKER_FILE": "x"}, "COPYDESK_BROKER_FILE is not a setting"),
        ({"COPYDESK_BROKER": "kafka"}, "COPYDESK_BROKER: 'kafka' is not host:port"),
        ({"COPYDESK_BROKER": "kafka:9092,"}, "COPYDESK_BROKER: '' is not host:port"),
        ({"COPYDESK_PROCESSES": "many"}, "COPYDESK_PROCESSES: "),
        ({"COPYDESK_PROCESSES": "-1"}, "COPYDESK_PROCESSES: "),
        ({"COPYDESK_STAGES": "cleaning,sorting"}, "COPYDESK_STAGES: "),
        ({"COPYDESK_STAGES": ","}, "COPYDESK_STAGES: "),
        ({"COPYDESK_TOPIC_PREFIX": "a b"}, "COPYDESK_TOPIC_PREFIX: "),
        ({"COPYDESK_LOG_LEVEL": "loud"}, "COPYDESK_LOG_LEVEL: "),
        ({"COPYDESK_WEB_PORT": "70000"}, "COPYDESK_WEB_PORT: "),
        ({"COPYDESK_SECURITY_PROTOCOL": "SASL"}, "COPYDESK_SECURITY_PROTOCOL: "),
        ({"COPYDESK_SECURITY_PROTOCOL": "SASL_SSL"}, "COPYDESK_SASL_USERNAME is needed"),
        ({"COPYDESK_SASL_PASSWORD_FILE": "/nowhere/at/all"}, "COPYDESK_SASL_PASSWORD_FILE: the file that it names"),
        ({"COPYDESK_BROKER": "kafka:0"}, "COPYDESK_BROKER: 'kafka:0' is not host:port"),
        ({"COPYDESK_BROKER": "kafka:²"}, "COPYDESK_BROKER: server 1 is not host:port"),
    ],
)
def test_what_cannot_be_used_is_one_line(environment: dict[str, str], said: str) -> None:
    """It names the setting and what to do."""
    with pytest.raises(SettingsError) as error:
        load(environment=environment)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("secret", ["sasl_password", "ssl_key_password"])
def test_a_secret_can_come_from_a_file(secret: str, tmp_path: Path) -> None:
    """Its first line, without the line's end; it shows itself nowhere."""
    file = tmp_path / "secret"
    file.write_text("canary-7f3a\nsecond line\n")
    chosen = load(environment={f"COPYDESK_{secret.upper()}_FILE": str(file)})
    assert getattr(chosen, secret).get_secret_value() == "canary-7f3a"
    assert "canary" not in repr(chosen) + str(chosen) + chosen.model_dump_json()


def test_a_secret_file_of_no_text_is_one_line(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are an error that names the file."""
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="COPYDESK_SASL_PASSWORD_FILE"):
        load(environment={"COPYDESK_SASL_PASSWORD_FILE": str(file)})


def test_a_wrong_setting_never_shows_a_secret() -> None:
    """The error of one setting does not print the others, nor itself."""
    environment = {"COPYDESK_SASL_PASSWORD": "canary-7f3a", "COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
                   "COPYDESK_SASL_USERNAME": "u", "COPYDESK_BROKER": "kafka.example:9092"}  # fmt: skip
    with pytest.raises(SettingsError) as error:
        load(environment=environment)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    ("broker", "refused"),
    [("127.0.0.1:9092", False), ("localhost:9092", False), ("[::1]:9092", False), ("10.0.0.1:9092", True),
     ("127.0.0.1:9092,kafka.example:9092", True), ("127.0.0.1.evil.example:9092", True)],
)  # fmt: skip
def test_a_password_in_the_clear_stays_on_this_machine(broker: str, refused: bool) -> None:
    """SASL_PLAINTEXT off loopback is refused, and the error says what to use."""
    environment: dict[str, Any] = {
        "COPYDESK_BROKER": broker, "COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "COPYDESK_SASL_USERNAME": "u",
    }  # fmt: skip
    if not refused:
        assert load(environment=environment).security_protocol == "SASL_PLAINTEXT"
        return
    with pytest.raises(SettingsError, match="SASL_SSL"):
        load(environment=environment)


@pytest.mark.parametrize(
    "broker",
    ["user:canary@kafka:9092", "user:canary@kafka", "kafka://user:canary@kafka:9092", "kafka:9092?password=canary",
     "kafka-1:9092,user:canary@kafka-2:9092", "canary,1@kafka:9092", "kafka:canary", "user canary@kafka:9092",
     "user:canary@[::1]:9092", "[canary]:9092", "canary:9092/", "SASL_SSL://kafka:9092,user:canary", "-canary@:1"],
)  # fmt: skip
def test_what_may_be_a_password_in_the_broker_is_refused_and_not_repeated(broker: str) -> None:
    """user:pw@host and URL forms: the line says where a password belongs instead."""
    for given in ({"flags": {"broker": broker}, "environment": {}}, {"environment": {"COPYDESK_BROKER": broker}}):
        with pytest.raises(SettingsError, match="COPYDESK_SASL_PASSWORD_FILE") as error:
            load(**given)  # type: ignore[arg-type]
        assert "canary" not in str(error.value) + repr(error.value)


@pytest.mark.parametrize("name", ["COPYDESK_SASL_PASSWORD_FILE", "COPYDESK_SSL_KEY_PASSWORD_FILE"])
@pytest.mark.parametrize("value", ["canary-7f3a", "/canary-7f3a", "canary" * 1000, "canary\0"])
def test_a_password_in_the_place_of_its_file_is_not_repeated(name: str, value: str) -> None:
    """The two variables are easily mixed up."""
    with pytest.raises(SettingsError, match=f"{name}: the file that it names") as error:
        load(environment={name: value})
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("secret", ["sasl_password", "ssl_key_password"])
@pytest.mark.parametrize("value", [["canary"], {"canary": 1}, b"canary\xff", "canary\ud800", 5])
def test_a_secret_that_is_no_text_is_not_repeated(secret: str, value: Any) -> None:
    """pydantic would show what it was given."""
    with pytest.raises(SettingsError, match=f"COPYDESK_{secret.upper()}") as error:
        load({secret: value}, environment={})
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    "host", ["kafka", "kafka-1.example.", "10.0.0.1", "::1", "[::1]", "[fe80::1]", "k_1", "bücher.example"]
)
def test_hosts_of_every_form(host: str) -> None:
    """Names, IPv4 and IPv6, with brackets or without."""
    assert load(environment={"COPYDESK_BROKER": f"{host}:9092"}).hosts == [(host, 9092)]


def test_every_setting_is_described() -> None:
    """Each field has a sentence of its own."""
    texts = [field.description for field in Settings.model_fields.values()]
    assert all(text and text.endswith((".", "`.")) for text in texts)
    assert len(set(texts)) == len(texts)
