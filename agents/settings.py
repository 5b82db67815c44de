"""COPYDESK_* -> one frozen Settings: defaults, environment and flags are resolved once, here and nowhere else.

Every field is documented in docs/settings.md; a test compares the two. A secret can come from a file: if
`COPYDESK_SASL_PASSWORD_FILE` names one, its first line is the value of `COPYDESK_SASL_PASSWORD`.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from pipeline.errors import SettingsError
from pipeline.formats import field_names
from pipeline.stages import STAGES, Options, choices, row

PREFIX = "COPYDESK_"
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_SECRETS = ("sasl_password", "ssl_key_password")
# Settings that are gone: in which version, and what to do instead.
REMOVED = {"COPYDESK_SECOND_OPINION": "0.2.0; subjects need it no longer: unset it"}


_HOST = re.compile(
    r"[^\W_]([\w.-]*\w)?\.?"
)  # a name or an IPv4 address: nothing that a user, a password or a URL would need
_SHOWN = re.compile(r"[\w.-]*(:[0-9]*)?")  # of what is no server, only this is repeated


def in_clear_text_allowed(host: str) -> bool:
    """May a password go to this host in the clear? Only to this machine, by a name that is nothing else."""
    return host in _LOOPBACK


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _known(stages: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(row(stage).name for stage in stages)
    except SettingsError as error:
        raise ValueError(str(error)) from None


class Settings(BaseModel):
    """Everything that can be set, as it is used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Kafka
    broker: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers: `host:port,host:port`.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT",
        description="How to talk to the broker. SASL_PLAINTEXT is refused unless every host is loopback, "
        "those that the broker names included.",
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="How to log in, with SASL_PLAINTEXT or SASL_SSL."
    )
    sasl_username: str = Field("", description="User name for SASL.")
    sasl_password: SecretStr = Field(SecretStr(""), description="Password for SASL. Better: `..._FILE`.")
    ssl_cafile: Path | None = Field(None, description="PEM file of the authorities to trust; the system's if unset.")
    ssl_certfile: Path | None = Field(None, description="PEM file of the client certificate, for mutual TLS.")
    ssl_keyfile: Path | None = Field(None, description="PEM file of the client's private key, for mutual TLS.")
    ssl_key_password: SecretStr = Field(SecretStr(""), description="Password of the private key. Better: `..._FILE`.")

    # Topics
    group: str = Field("copydesk", min_length=1, description="Consumer group; also the Faust app id.")
    static_member: str = Field(
        "",
        description="A name that only this worker has, and keeps when it is restarted (Kafka static membership).",
    )
    topic_prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]*$", description="Prefix of every topic's name.")
    partitions: int = Field(8, ge=1, le=10_000, description="Partitions of the topics that are created.")
    replication: int = Field(1, ge=1, le=100, description="Replication factor of the topics that are created.")
    retention_hours: int = Field(168, ge=1, description="How long the topics that are created keep an article.")
    dead_letter_retention_hours: int = Field(720, ge=1, description="How long dead letters are kept.")
    routes: str = Field(
        "",
        description="Further topics for enriched records: `medtop:15000000=articles.sport,language:de=articles.de`, "
        "or the path of a file with one route per line.",
    )

    route_states: Annotated[
        tuple[Literal["embargoed", "withheld"], ...],
        BeforeValidator(_split),
    ] = Field(
        (),
        description="Which articles follow routes beside those that are usable: `embargoed`, `withheld` or both, comma "
        "separated. Cancellations and take-downs go to every route.",
    )

    # The worker
    stages: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_known)] = Field(
        STAGES, min_length=1, description="Which stages this worker runs: `cleaning,entities,classification`."
    )
    processes: int = Field(0, ge=0, le=1024, description="Child processes for CPU work; 0 is one per core.")
    batch_records: int = Field(64, ge=1, le=10_000, description="How many articles a batch has, at most.")
    batch_wait_seconds: float = Field(
        0.0,
        ge=0,
        le=10,
        description="How long a batch that is not full waits for more articles, at most; 0: it does not wait.",
    )
    time_limit_seconds: float = Field(
        10.0, gt=0, description="How long a batch may take in a child process, and then each of its articles alone."
    )
    memory_limit_mb: int = Field(1024, ge=256, description="How much memory (MiB) a child process may allocate.")
    stall_seconds: float = Field(
        120.0,
        gt=0,
        description="If articles wait and none is processed for so long, the worker is not ready and exits 1.",
    )
    stop_seconds: float = Field(12.0, gt=0, description="How long SIGTERM waits for the running batches.")
    session_seconds: float = Field(15.0, ge=1, description="Kafka session timeout: how soon a dead worker is missed.")
    commit_seconds: float = Field(1.0, gt=0, description="How often offsets are committed.")
    data_dir: Path = Field(
        Path(tempfile.gettempdir()) / f"copydesk-{os.getuid()}",
        description="Folder that Faust may write to. Nothing in it needs to survive.",
    )

    # Monitoring
    web_host: str = Field("127.0.0.1", description="Address of /metrics, /livez and /readyz.")
    web_port: int = Field(9108, ge=0, le=65535, description="Port of /metrics, /livez and /readyz; 0 is any free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for programs.")

    # What the stages do
    field_map: str = Field(
        "",
        description="Names by which feeders call fields, beside those of docs/feeding.md: "
        "`title=headline,by=desk.editor`. They count before all others.",
    )
    ner_model: str = Field("en_core_web_sm", description="spaCy model for entities: an installed package or a folder.")
    ner_values: bool = Field(False, description="Whether dates, times, quantities and numbers are entities too.")
    boilerplate: Path | None = Field(None, description="File written by `copydesk learn-boilerplate`.")
    subjects: Annotated[tuple[Path, ...], BeforeValidator(_split)] = Field(
        (), description="Files written by `copydesk train-subjects`, comma separated."
    )
    languages_dir: Path | None = Field(
        None, description="Folder with language packs of your own, each a folder in it (docs/languages.md)."
    )
    annotators: str = Field(
        "",
        description="Annotators of other packages: `NAME`, `NAME@STAGE` to run it in another stage than the last, "
        "`NAME!` if articles need its layer; comma separated.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            choices(self.annotators)
        except SettingsError as error:
            raise ValueError(f"{PREFIX}ANNOTATORS: {error}") from None
        try:
            field_names.field_map(self.field_map)
        except SettingsError as error:
            raise ValueError(f"{PREFIX}FIELD_MAP: {error}") from None
        hosts = self.hosts  # raises here, not where the first client is made
        if self.security_protocol == "SASL_PLAINTEXT" and not all(in_clear_text_allowed(h) for h, _ in hosts):
            raise ValueError(
                "SASL_PLAINTEXT sends the password in the clear; for a host other than loopback, use SASL_SSL"
            )
        if self.security_protocol.startswith("SASL") and not self.sasl_username:
            raise ValueError(f"{PREFIX}SASL_USERNAME is needed for {self.security_protocol}")
        for secret in _SECRETS:
            if any("\ud800" <= c <= "\udfff" for c in getattr(self, secret).get_secret_value()):
                raise ValueError(f"{PREFIX}{secret.upper()}: is not UTF-8")
        return self

    @property
    def hosts(self) -> list[tuple[str, int]]:
        """The bootstrap servers as (host, port). Raises ValueError if one is not `host:port`."""
        return [_server(self.broker, n, server.strip()) for n, server in enumerate(self.broker.split(","), 1)]

    @property
    def process_count(self) -> int:
        """Child processes: as set, or one per core."""
        allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.processes or allowed or 1

    @property
    def options(self) -> Options:
        """What the stages need to know."""
        return Options(
            ner_model=self.ner_model,
            values=self.ner_values,
            boilerplate=self.boilerplate,
            subjects=self.subjects,
            annotators=choices(self.annotators),
            languages=self.languages_dir,
            field_map=field_names.field_map(self.field_map),
        )


def load(flags: Mapping[str, Any] | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from defaults, then the environment, then flags that are not None.

    Raises SettingsError, one line that says which setting and what to do.
    """
    values = _from_environment(os.environ if environment is None else environment)  # noqa: TID251  the one place
    values.update({name: value for name, value in (flags or {}).items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        raise SettingsError(f"{name}{first['msg'].removeprefix('Value error, ')}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    known += [f"{PREFIX}{secret.upper()}_FILE" for secret in _SECRETS]
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        if name in REMOVED:
            raise SettingsError(f"{name} was removed in {REMOVED[name]}")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingsError(f"{name} is not a setting; the nearest one is {near[0]}")
        if name.endswith("_FILE") and name.removesuffix("_FILE") in known:
            values[name.removeprefix(PREFIX).removesuffix("_FILE").lower()] = _read_secret(name, value)
        elif value != "":
            values[name.removeprefix(PREFIX).lower()] = value
    return values


def _server(broker: str, number: int, server: str) -> tuple[str, int]:
    """Host and port. What may hold a password (user:pw@host, a URL) is refused and never repeated."""
    host, _, port = server.rpartition(":")
    if _is_host(host) and port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536:
        return host, int(port)
    if all(_SHOWN.fullmatch(part.strip()) for part in broker.split(",")):
        raise ValueError(f"{PREFIX}BROKER: {server!r} is not host:port")
    raise ValueError(
        f"{PREFIX}BROKER: server {number} is not host:port; a user and a password are set in "
        f"{PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD_FILE"
    )


def _is_host(host: str) -> bool:
    if ":" not in host:
        return bool(_HOST.fullmatch(host))
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).version == 6
    except ValueError:
        return False


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, ValueError) as error:  # not the path: whoever mixes the two up has put the secret itself there
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{name}: the file that it names cannot be read ({why})") from None


def forget_environment() -> None:
    """Take all COPYDESK_* out of this process's environment, so that no child process inherits one."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:  # noqa: TID251  the one place
        del os.environ[name]  # noqa: TID251


def environment_for_children() -> dict[str, str]:
    """This process's environment, for a child process: nothing of ours in it."""
    return {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}  # noqa: TID251  handed on, not read
