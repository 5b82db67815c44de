"""Every Prometheus metric with its help text, in a registry of our own. docs/metrics.md explains them to operators."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from pipeline import __version__

_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_LATENCY_BUCKETS = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300, 1800)
_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_SIZE_BUCKETS = (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000)
_ENTITY_BUCKETS = (0, 1, 2, 5, 10, 20, 40, 80)
_CONFIDENCE_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Metrics:
    """One worker's metrics. Labels come from closed sets: no number of articles or sources adds a series."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # process_*: memory, processor time and open files of the parent
        # Rate
        self.consumed = self._counter(
            "records_consumed", "Messages whose record or dead letter the broker has acknowledged, by stage.", "stage"
        )
        self.produced = self._counter(
            "records_produced", "Records that the broker acknowledged, routes included.", "stage", "topic"
        )
        self.dead_letters = self._counter("dead_letters", "Messages refused, by stage and reason.", "stage", "reason")
        self.write_failures = self._counter(
            "dead_letter_write_failures", "Dead letters that the broker did not allow to be written."
        )
        self.retries = self._counter(
            "retries", "Batches that failed as a whole and were tried again article by article.", "stage", "reason"
        )
        # Duration
        self.stage_seconds = self._histogram(
            "stage_duration_seconds",
            "Computing time of one article: an equal share of its batch.",
            _STAGE_BUCKETS,
            "stage",
        )
        self.latency = self._histogram(
            "end_to_end_latency_seconds",
            "From the append of the raw message to the acknowledgement of the record.",
            _LATENCY_BUCKETS,
        )
        self.batch = self._histogram("batch_size_records", "Messages taken in one batch.", _BATCH_BUCKETS, "stage")
        self.size = self._histogram("article_size_bytes", "Size of raw articles.", _SIZE_BUCKETS)
        # Lag
        where = ("topic", "partition")
        self.lag = self._gauge(
            "consumer_lag_records", "Messages without an acknowledged record or dead letter.", *where
        )
        self.lag_seconds = self._gauge(
            "consumer_lag_seconds", "Age of the oldest such message that is in flight; 0 without lag.", *where
        )
        self.committed = self._gauge("consumer_committed_offset", "Committed offset.", *where)
        self.high_watermark = self._gauge("consumer_high_watermark_offset", "The broker's high watermark.", *where)
        # Freshness
        self.last_success = self._gauge(
            "last_success_timestamp_seconds", "Unix time of the last batch that was done.", "stage"
        )
        # Saturation
        self.queue = self._gauge("queue_depth_records", "Messages in flight: taken, and not yet acknowledged.", "stage")
        self.processes = self._gauge("pool_processes", "Child processes.")
        self.restarts = self._counter("pool_restarts", "Child processes replaced, by cause.", "cause")
        # State
        self.ready = self._gauge("ready", "1 if /readyz says ready, else 0.")
        self.rebalances = self._counter("rebalances", "How often partitions were assigned.")
        self.build_info = self._gauge("build_info", "Always 1; the version is a label.", "version")
        self.model_info = self._gauge(
            "model_info", "Always 1; the model of each stage is in its labels.", "stage", "name", "version", "sha256"
        )
        self.fast_path = self._gauge(
            "fast_path_active", "1 if entities use the fast runtime, 0 if they use spaCy's own."
        )
        self.states = self._counter("editorial_states", "Articles the last stage wrote, by editorial state.", "state")
        # Quality, so that drift is seen
        self.entities = self._histogram("entities_per_article", "Entities found.", _ENTITY_BUCKETS)
        self.confidence = self._histogram("subject_confidence", "Confidence of the first subject.", _CONFIDENCE_BUCKETS)
        self.unclassified = self._counter(
            "articles_without_subject", "Articles for which the classifier was not sure of any subject."
        )
        self.layers = self._counter("layers", "Layers of annotators, by annotator and status.", "annotator", "status")
        self.removed = self._counter("removed_segments", "Lines removed as boilerplate, by rule.", "rule")
        self.unknown_fields = self._counter(
            "unknown_fields", "Unknown fields of raw articles, which are ignored, by name.", "field"
        )
        self.build_info.labels(__version__).set(1)

    def page(self) -> bytes:
        """The text that /metrics answers."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"copydesk_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"copydesk_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"copydesk_{name}", text, labels, buckets=buckets, registry=self.registry)
