"""The metrics: one vocabulary, a sentence each, series that no input can multiply."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from agents.monitoring.metrics import Metrics
from pipeline import __version__

FAMILIES = {family.name: family for family in Metrics().registry.collect() if not family.name.startswith("process_")}
PROCESS = {family.name for family in Metrics().registry.collect() if family.name.startswith("process_")}
# What Prometheus' own naming rules call a unit, or a name without one for what has none.
UNITS = ("_seconds", "_bytes", "_records", "_info", "_active", "_processes", "_offset", "_total")
WITHOUT = {"copydesk_ready", "copydesk_entities_per_article", "copydesk_subject_confidence"}


def test_names_are_ours_and_unique() -> None:
    """Under one prefix, with a unit where there is one; two pages together are one vocabulary."""
    assert len(FAMILIES) == len({family.name for family in Metrics().registry.collect()} - PROCESS)
    for name, family in FAMILIES.items():
        assert re.fullmatch(r"copydesk_[a-z][a-z0-9_]+", name)
        assert family.type == "counter" or name.endswith(UNITS) or name in WITHOUT, name


def test_each_has_a_sentence_of_its_own() -> None:
    """Help that begins with a capital or a number and ends with a full stop."""
    texts = [family.documentation for family in FAMILIES.values()]
    assert len(set(texts)) == len(texts)
    assert all(re.fullmatch(r"[A-Z0-9].+\.", text) for text in texts)


def test_the_page_is_prometheus_text() -> None:
    """Its own parser reads it, and finds the version."""
    metrics = Metrics()
    metrics.consumed.labels("cleaning").inc()
    metrics.dead_letters.labels("cleaning", 'odd "reason"\n').inc()
    read = {family.name: family for family in text_string_to_metric_families(metrics.page().decode())}
    assert {name.removesuffix("_total") for name in FAMILIES} <= read.keys()
    (info,) = read["copydesk_build_info"].samples
    assert (info.labels, info.value) == ({"version": __version__}, 1.0)


def test_registries_are_apart() -> None:
    """Two workers in one process, as in tests, do not see each other."""
    one, other = Metrics(), Metrics()
    one.rebalances.inc()
    assert other.registry.get_sample_value("copydesk_rebalances_total") == 0


def test_labels_are_closed_sets() -> None:
    """No metric has a label for what comes from outside: source, uri, language, entity."""
    allowed = {
        "stage",
        "state",
        "topic",
        "partition",
        "reason",
        "cause",
        "rule",
        "version",
        "name",
        "sha256",
        "annotator",
        "status",
        "field",  # at most 30 names a stage: tests/unit/test_unknown_fields.py
    }
    metrics = Metrics()
    for metric in vars(metrics).values():
        assert set(getattr(metric, "_labelnames", ())) <= allowed
