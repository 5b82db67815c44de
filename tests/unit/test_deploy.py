"""What stands in deploy/ is held to the code: settings, metrics, versions, and who may listen where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from agents.broker import kafka_version
from agents.monitoring.metrics import Metrics
from agents.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def exposed() -> set[str]:
    """The names of every sample that a worker can show."""
    families = list(Metrics().registry.collect())
    suffixes = {
        "counter": ("_total", "_created"),
        "gauge": ("",),
        "histogram": ("_bucket", "_count", "_sum", "_created"),
    }
    return {family.name + suffix for family in families for suffix in suffixes[family.type]}


def expressions(path: Path) -> str:
    groups = yaml.safe_load(path.read_text())["groups"]
    return "\n".join(rule["expr"] for group in groups for rule in group["rules"])


def test_every_metric_in_a_rule_is_one_that_a_worker_shows() -> None:
    """A rule over a metric that was renamed would never fire, and nobody would know."""
    used = set(re.findall(r"\bcopydesk_[a-z0-9_]+", expressions(PROMETHEUS / "rules.yml")))
    assert used
    assert used <= exposed()


def test_the_latency_objective_is_a_bucket() -> None:
    """`le="5.0"` must be a bucket that is there, or the burn rate is empty."""
    page = Metrics().page().decode()
    for bound in set(re.findall(r'le="([^"]+)"', expressions(PROMETHEUS / "rules.yml"))):
        assert f'copydesk_end_to_end_latency_seconds_bucket{{le="{bound}"}}' in page


def test_every_alert_names_its_paragraph() -> None:
    """Who is woken by it finds what to do."""
    rules = [r for g in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for r in g["rules"]]
    alerts = [rule for rule in rules if "alert" in rule]
    assert len(alerts) >= 10
    for alert in alerts:
        assert alert["annotations"]["runbook"].startswith("docs/operations.md#copydesk")
        assert alert["labels"]["severity"] in ("page", "ticket")


def test_every_alert_has_a_unit_test() -> None:
    """Each fires in rules_test.yml at least once."""
    rules = [r for g in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for r in g["rules"]]
    tests = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())["tests"]
    fired = {t["alertname"] for test in tests for t in test.get("alert_rule_test", []) if t["exp_alerts"]}
    assert {rule["alert"] for rule in rules if "alert" in rule} == fired


def test_compose_publishes_on_loopback_only() -> None:
    """Nobody on the network reaches the broker, the worker or Prometheus unless told so."""
    for service in compose()["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), port


def test_compose_uses_settings_that_exist() -> None:
    """An unknown COPYDESK_* would stop the container."""
    known = {f"COPYDESK_{field.upper()}" for field in Settings.model_fields}
    for name, service in compose()["services"].items():
        used = {key for key in service.get("environment", {}) if key.startswith("COPYDESK_")}
        assert used <= known, name


def test_compose_runs_without_rights_and_comes_back() -> None:
    """Our own services: a root that cannot be written, no capabilities; the worker and the broker are started again."""
    services = compose()["services"]
    for name in ("topics", "worker", "feed", "tail"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["worker"]["restart"] == services["kafka"]["restart"] == "unless-stopped"
    assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"


def megabytes(limit: str) -> int:
    """A limit of Compose ("3g", "512m") in MiB."""
    return int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


def test_compose_limits_the_memory_of_every_service() -> None:
    """What swells dies in its container and not the machine."""
    for name, service in compose()["services"].items():
        assert megabytes(service.get("mem_limit", "0m")) >= 512, name


def test_a_worker_in_compose_has_the_memory_that_its_processes_may_allocate() -> None:
    """The documented limit for each of its child processes, and as much as one of them for the parent."""
    worker = compose()["services"]["worker"]
    given = {name.removeprefix("COPYDESK_").lower(): value for name, value in worker["environment"].items()}
    processes = int(given["processes"])
    each = int(given.get("memory_limit_mb", Settings().memory_limit_mb))
    assert processes >= 1  # 0 is one per core, of which nobody knows the number
    assert megabytes(worker["mem_limit"]) >= (processes + 1) * each


def test_a_unit_has_a_memory_limit() -> None:
    """systemd's as well; Kubernetes' are in test_deploy_kubernetes.py."""
    unit = (ROOT / "deploy" / "systemd" / "copydesk-worker.service").read_text()
    assert re.search(r"^MemoryMax=\d+G$", unit, re.M)


def test_compose_gives_a_worker_time_to_stop() -> None:
    """The grace periods are longer than COPYDESK_STOP_SECONDS."""
    grace = compose()["services"]["worker"]["stop_grace_period"]
    unit = (ROOT / "deploy" / "systemd" / "copydesk-worker.service").read_text()
    assert int(grace.removesuffix("s")) > Settings().stop_seconds
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > Settings().stop_seconds  # type: ignore[index]


def test_images_and_jars_are_pinned() -> None:
    """No `latest`, no ranges; Compose and the embedded broker bring the same Kafka."""
    images = [
        service["image"] for service in compose()["services"].values() if not service["image"].startswith("copydesk:")
    ]
    images += re.findall(r"^FROM (\S+)", (ROOT / "deploy" / "Dockerfile").read_text(), re.M)
    assert all(re.search(r":v?\d+\.\d+\.\d+(-[a-z-]+)?(@sha256:[0-9a-f]{64})?$", image) for image in images), images
    assert f"apache/kafka:{kafka_version()}" in [image.partition("@")[0] for image in images]


def test_the_image_runs_as_nobody() -> None:
    """Not root, from the lock file with hashes, with a health check."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    last = dockerfile.rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, re.M)
    assert "HEALTHCHECK" in last
    assert "--require-hashes -r requirements/run.lock" in dockerfile
