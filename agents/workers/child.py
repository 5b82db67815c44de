"""The child's side: what runs in a child process. It ignores SIGINT and SIGTERM, and dies with its parent."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents.monitoring import logs
from agents.workers.answers import PIPELINE, Answer, Facts, Job, Loaded, Loader
from agents.workers.lifetime import end_with_parent
from pipeline.annotating import AnnotatorStage
from pipeline.errors import ModelError
from pipeline.runner import Pipeline
from pipeline.stages import FIRST, LAST, Hop, Options, Outcome, Produced, row

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
)
# Extraction and language identification load what they need on their first page: let it not be a reader's.
_FIRST_PAGE = b'{"html": "<html><body><article><p>The first page of a child process is this one.</p></article></body>"}'

_hops: dict[str, Hop] = {}
_problem: ModelError | None = None
_pipeline: Pipeline | None = None
_options: Options | None = None


def start(stages: Sequence[str], options: Options, memory_limit: int, loader: Loader, log: Mapping[str, str]) -> None:
    """Runs once in each child process: sets limits, loads the models. The first task reports an error."""
    global _problem, _options
    _options = options
    logs.configure(**log)  # what a library says in here passes the same checks
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit << 20, memory_limit << 20))
    for name in _ONE_THREAD:  # one process per core: more BLAS threads only get in each other's way
        os.environ[name] = "1"  # noqa: TID251  read by NumPy's BLAS when a stage is loaded below
    for stage in stages:
        try:
            _hops[stage] = Hop(loader(stage, options, time.time), clock=time.time, field_map=options.field_map)
            if stage == FIRST:
                _hops[stage].run([(_FIRST_PAGE, None)])
        except ModelError as error:
            _problem = error  # told by the first task: an exception here would only end the process
        except Exception as error:  # a broken installation, say: one line here too
            _problem = ModelError(f"the {stage} stage cannot be loaded: {type(error).__name__}: {error}")
    gc.freeze()  # models and tables live as long as the process: the collector need not look at them again and again


def hello() -> list[Loaded]:
    """What was loaded. Raises ModelError."""
    if _problem:
        raise _problem
    return [
        Loaded(stage=name, components=hop.stage.components, fallback=hop.stage.fallback) for name, hop in _hops.items()
    ]


def optional(stage: str) -> tuple[str, ...]:
    """The annotators of that stage that cost their layer alone."""
    found = _hops[stage].stage if stage in _hops else None
    return found.optional if isinstance(found, AnnotatorStage) else ()


def work(stage: str, jobs: Sequence[Job], leave_out: bool) -> list[Answer] | str | None:
    """The answers, or the name of the exception that an article caused: the parent takes any other for its own.

    With `leave_out` the annotators that are not required are not called, and of cancellations nothing is computed; None
    if the stage has no such annotator and the jobs are no cancellations.
    """
    if _problem:
        raise _problem
    without = optional(stage) if leave_out else ()
    try:
        bare = _hops[stage].bare(jobs) if leave_out and stage in _hops else None
        if bare is None and leave_out and not without:
            return None
        outcomes = bare or (_whole(jobs) if stage == PIPELINE else _hops[stage].run(jobs, without=without))
    except (MemoryError, ModelError):
        raise
    except Exception as error:
        return type(error).__name__
    return [
        Answer(
            value=outcome.value,
            facts=facts(outcome, LAST if stage == PIPELINE else stage),
            milliseconds=outcome.milliseconds,
        )
        if isinstance(outcome, Produced)
        else Answer(refusal=outcome)
        for outcome in outcomes
    ]


def _whole(jobs: Sequence[Job]) -> list[Outcome]:
    global _pipeline
    if _pipeline is None:
        _pipeline = Pipeline(_options, stages=[hop.stage for hop in _hops.values()], clock=time.time)
    return _pipeline.run_messages(jobs)


def facts(outcome: Produced, stage: str) -> Facts:
    """What headers, routes and metrics need of an article, after that stage."""
    article, layers = outcome.article, row(stage).layers
    found: dict[str, Any] = {
        "uri": article.uri,
        "id": outcome.id,
        "unknown_fields": outcome.unknown_fields,
        "unknown_names": outcome.unknown_names,
        "pub_status": article.editorial.pub_status,
        "embargo_ends": article.editorial.embargo_ends,
        "layers": tuple((run.component.name, run.status) for run in article.runs if run.stage == stage),
    }
    if stage == FIRST:
        found["removed"] = tuple(removed.rule for removed in article.text.removed)
    if "entities" in layers and (entities := article.layers.get("entities")):
        found["entities"] = len(entities.json)
    if "subjects" in layers and (subjects := article.layers.get("subjects")):
        found["subject_confidence"] = subjects.json[0]["confidence"] if subjects.json else None
        found["unclassified"] = not subjects.json
    if stage == LAST:
        labels = {label for layer in article.layers.values() for label in layer.labels}
        labels |= {f"language:{article.text.language.tag}".casefold(), f"source:{article.meta.source or ''}".casefold()}
        found["labels"] = frozenset(labels)
    return Facts(**found)
