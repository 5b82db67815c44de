"""The parts of the `enrichment` object, each with its inverse: text and stage runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.article import Component, Language, Model, Quality, Removed, Segment, StageRun, Text

UNCLASSIFIED = "unclassified"  # says that `subjects` is empty; derived, so it is not stored in a record


def write_text(text: Text) -> dict[str, Any]:
    """Segments, removals, language and quality; the text itself is the ninjs body."""
    return {
        "sha256": text.sha256,
        "offsetUnit": "codepoint",
        "language": {"tag": text.language.tag, "confidence": text.language.confidence},
        "segments": [_write_segment(segment) for segment in text.segments],
        "removed": [{"kind": r.kind, "rule": r.rule, "text": r.text} for r in text.removed],
        "quality": {"score": text.quality.score, "flags": list(text.quality.flags)},
    }


def read_text(part: dict[str, Any], *, value: str) -> Text:
    """The inverse of `write_text`; `value` is the ninjs body."""
    quality = part["quality"]
    return Text(
        value=value,
        sha256=part["sha256"],
        language=Language(tag=part["language"]["tag"], confidence=part["language"]["confidence"]),
        segments=tuple(Segment(**segment) for segment in part["segments"]),
        removed=tuple(Removed(**removed) for removed in part["removed"]),
        quality=Quality(score=quality["score"], flags=tuple(f for f in quality["flags"] if f != UNCLASSIFIED)),
    )


def _write_segment(segment: Segment) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": segment.kind, "start": segment.start, "end": segment.end}
    if segment.level is not None:
        written["level"] = segment.level
    if segment.language is not None:
        written["language"] = segment.language
    return written


def write_run(run: StageRun) -> dict[str, Any]:
    """One stage's entry in the provenance."""
    component = run.component
    written: dict[str, Any] = {"stage": run.stage, "component": component.name, "version": component.version}
    if component.config:
        written["config"] = component.config
    if model := component.model:
        written["model"] = {"name": model.name, "version": model.version, "sha256": model.sha256}
    started = datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="milliseconds")
    return {
        **written,
        "status": run.status,
        "startedAt": started.replace("+00:00", "Z"),
        "durationMs": round(run.duration_ms, 3),
    }


def read_run(part: dict[str, Any]) -> StageRun:
    """The inverse of `write_run`."""
    model = part.get("model")
    return StageRun(
        stage=part["stage"],
        component=Component(
            name=part["component"],
            version=part["version"],
            config=part.get("config", ""),
            model=Model(**model) if model else None,
        ),
        status=part["status"],
        started_at=datetime.fromisoformat(part["startedAt"]).timestamp(),
        duration_ms=part["durationMs"],
    )
