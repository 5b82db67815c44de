"""The Kubernetes manifests, held to the code: they cannot be tried here, so what can be compared is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.web import Web
from agents.settings import _SECRETS, Settings, load
from pipeline.stages import STAGES

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"


def documents() -> list[dict[str, Any]]:
    """Every object of every file that the kustomization names."""
    named = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    assert {*named, "kustomization.yaml"} == {path.name for path in FOLDER.iterdir()}
    return [document for name in named for document in yaml.safe_load_all((FOLDER / name).read_text())]


def of(kind: str) -> list[dict[str, Any]]:
    return [document for document in documents() if document["kind"] == kind]


def pods() -> list[dict[str, Any]]:
    return [document["spec"]["template"]["spec"] for document in (*of("StatefulSet"), *of("Job"))]


def environment(pod: dict[str, Any]) -> dict[str, str]:
    """What its container is told; a field of the pod as its own name."""
    (config,) = of("ConfigMap")
    (container,) = pod["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
    own = {one["name"]: one.get("value") or "copydesk-entities-0" for one in container["env"]}
    return {**config["data"], **own}


def test_settings_are_ones_that_exist(tmp_path: Path) -> None:
    """The worker itself reads them: an unknown one, or a wrong value, would stop the pod."""
    secret = tmp_path / "password"
    secret.write_text("x")
    for pod in pods():
        given = environment(pod)
        for name in _SECRETS:
            if (key := f"COPYDESK_{name.upper()}_FILE") in given:
                assert given[key].startswith("/run/secrets/copydesk/")
                given[key] = str(secret)
        settings = load(environment=given)
        assert settings.security_protocol == "SASL_SSL"
        assert pod["enableServiceLinks"] is False  # COPYDESK_WORKERS_PORT=tcp://... is not a setting


def test_every_stage_has_a_worker_of_its_own() -> None:
    """And they differ in nothing else; each has a budget, and a static member name that is the pod's."""
    found = {}
    for workers in of("StatefulSet"):
        stage = workers["metadata"]["name"].removeprefix("copydesk-")
        text = json.dumps({**workers, "spec": {**workers["spec"], "replicas": 0}}).replace(stage, "STAGE")
        found[stage] = text
        (container,) = workers["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["worker", "--stages", stage]
        names = {one["name"]: one for one in container["env"]}
        assert names["COPYDESK_STATIC_MEMBER"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        labels = workers["spec"]["template"]["metadata"]["labels"]
        assert workers["spec"]["selector"]["matchLabels"] == labels
        (budget,) = [b for b in of("PodDisruptionBudget") if b["metadata"]["name"] == workers["metadata"]["name"]]
        assert budget["spec"]["selector"]["matchLabels"] == labels
    assert tuple(found) == STAGES
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("number", range(4))
def test_pods_have_no_rights(number: int) -> None:
    """Not root, nothing to write to but memory, no capabilities, no token."""
    pod = pods()[number]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    user = f"--uid {pod['securityContext']['runAsUser']} "
    assert user in (FOLDER.parent / "Dockerfile").read_text()
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert environment(pod)["COPYDESK_DATA_DIR"].startswith(mounts["tmp"]["mountPath"])
    assert mounts["secrets"]["readOnly"] is True
    assert container["resources"]["limits"]["memory"]
    assert {volume["name"] for volume in pod["volumes"]} == set(mounts)


def test_probes_ask_pages_that_exist() -> None:
    """At the port that the worker listens on; and it has the time to stop that it takes."""
    web = Web(host="", port=0, metrics=Metrics(), health=Health(clock=lambda: 0.0))
    pages = {resource.canonical for resource in web._runner.app.router.resources()}
    for workers in of("StatefulSet"):
        pod = workers["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        port = int(environment(pod)["COPYDESK_WEB_PORT"])
        assert container["ports"] == [{"name": "web", "containerPort": port}]
        for kind, page in (("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")):
            assert container[f"{kind}Probe"]["httpGet"] == {"path": page, "port": "web"}
            assert page in pages
        assert pod["terminationGracePeriodSeconds"] > Settings().stop_seconds
        limit = int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024
        processes = int(environment(pod)["COPYDESK_PROCESSES"])
        assert limit > processes * Settings().memory_limit_mb
    (service,) = of("Service")
    (policy,) = of("NetworkPolicy")
    assert [p["port"] for p in (*service["spec"]["ports"], *policy["spec"]["ingress"][0]["ports"])] == [port, port]
