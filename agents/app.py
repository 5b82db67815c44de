"""The composition root: settings -> pool, topics, processors, agents, web. Nothing else constructs collaborators."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable
from typing import Any

import faust
from aiokafka.errors import KafkaError

from agents.kafka import faust_internals, permissions, topics
from agents.kafka.faust_app import faust_app
from agents.kafka.messages import Headers
from agents.monitoring import logs, web_limits
from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.web import Web
from agents.processor import Processor
from agents.settings import Settings
from agents.stage_agents import agent
from agents.workers.pool import Pool
from pipeline.errors import BrokerError, CopydeskError, SettingsError

_WATCH_SECONDS = 1.0
_STORM_SECONDS = 30.0

log = logging.getLogger("copydesk")


class Worker:
    """One worker: everything it is made of, and how it starts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topics = topics.named(settings)
        logs.know([*self.topics.all, settings.group, *(host for host, _ in settings.hosts)])
        self.metrics = Metrics()
        self.health = Health(clock=time.monotonic)
        self.pool = Pool(
            stages=settings.stages,
            options=settings.options,
            processes=settings.process_count,
            time_limit=settings.time_limit_seconds,
            memory_limit=settings.memory_limit_mb,
            metrics=self.metrics,
        )
        self.web = Web(
            host=settings.web_host,
            port=settings.web_port,
            metrics=self.metrics,
            health=self.health,
            places=web_limits.places(processes=settings.process_count),
        )
        try:
            self.app = faust_app(settings)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SettingsError(f"COPYDESK_DATA_DIR: {settings.data_dir} cannot be created ({why})") from None
        self._outputs: dict[str, Any] = {}
        self._assignments: deque[float] = deque(maxlen=5)
        for stage in settings.stages:
            agent(self.app, self._topic(self.topics.input(stage)), self._processor(stage))
        self.app.on_partitions_assigned.connect(self._assigned, weak=False)

    def _processor(self, stage: str) -> Processor:
        return Processor(
            stage,
            pool=self.pool,
            topics=self.topics,
            send=self._send,
            metrics=self.metrics,
            health=self.health,
            clock=time.time,
            batch_records=self.settings.batch_records,
            batch_wait=self.settings.batch_wait_seconds,
        )

    def _topic(self, name: str) -> Any:
        return self.app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,  # a null value takes an article down: it is not Faust's to drop
        )

    async def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Awaitable[Any]:
        if topic not in self._outputs:
            self._outputs[topic] = self._topic(topic)
        sent: Awaitable[Any] = await self._outputs[topic].send(key=key, value=value, headers=headers)
        return sent

    async def prepare(self) -> None:
        """Check everything that a worker needs, before it joins the consumer group.

        Raises InstallationError, BrokerError, ModelError or SettingsError, one line each that says what to do.
        """
        faust_internals.check()
        if self.settings.security_protocol != "PLAINTEXT" and (lacks := await permissions.lacking(self.settings)):
            raise BrokerError(permissions.refusal(self.settings, lacks))
        gone = await topics.missing(self.settings, self.settings.stages)
        if gone:
            raise BrokerError(f"topics are missing: {', '.join(gone)}; run: copydesk topics create")
        await self.web.start()
        for loaded in await self.pool.start():
            for model in (component.model for component in loaded.components):
                if model:
                    self.metrics.model_info.labels(loaded.stage, model.name, model.version, model.sha256).set(1)
            if loaded.stage == "entities":
                self.metrics.fast_path.set(0 if loaded.fallback else 1)
                if loaded.fallback:
                    log.warning(
                        "entities: the fast runtime does not support this model; spaCy's own, slower one is used"
                    )
        self.health.models_loaded = True

    async def _assigned(self, _: Any, assigned: Any, **__: Any) -> None:
        ours = {self.topics.input(stage) for stage in self.settings.stages}
        partitions = sorted((tp.topic, tp.partition) for tp in assigned if tp.topic in ours)
        self.metrics.rebalances.inc()
        faust_internals.fetch_promptly(self.app.consumer)
        self.health.assigned(partitions)
        for gauge in (self.metrics.lag, self.metrics.lag_seconds, self.metrics.committed, self.metrics.high_watermark):
            gauge.clear()
        log.info("assigned %d partitions", len(partitions))
        self._assignments.append(time.monotonic())
        if self.settings.static_member and len(self._assignments) == self._assignments.maxlen:
            within = self._assignments[-1] - self._assignments[0]
            if within < _STORM_SECONDS:
                log.warning(
                    "%d assignments in %.0f s: is there another worker with COPYDESK_STATIC_MEMBER=%s?",
                    len(self._assignments),
                    within,
                    self.settings.static_member,
                )
                self._assignments.clear()

    async def watch(self) -> None:
        """Keep lag and readiness current; end a worker that has work and does none. Runs until cancelled."""
        was_ready = None
        while True:
            waiting = self._waiting()
            if waiting == 0:
                self.health.nothing_waits()
            self.health.stalled = self.health.idle_for() > self.settings.stall_seconds
            problems = self.health.problems()
            self.metrics.ready.set(0 if problems else 1)
            if bool(problems) is was_ready or was_ready is None:
                log.info("ready" if not problems else "not ready: %s", *(["; ".join(problems)] if problems else []))
                was_ready = not problems
            if self.health.stalled:
                raise BrokerError(
                    f"{waiting or 'unknown'} articles wait and none was processed for {self.settings.stall_seconds:g} s"
                    + "".join(f"; {problem}" for problem in problems)
                )
            await asyncio.sleep(_WATCH_SECONDS)

    def _waiting(self) -> int | None:
        """The lag, or None if the consumer's state cannot be read: then an idle worker counts as stalled."""
        try:
            return self._measure()
        except Exception:  # it is looked at from outside its thread, and may be starting or stopping
            log.debug("the state of the consumer cannot be read", exc_info=True)
            return None

    def _measure(self) -> int:
        """Set the lag metrics from what the consumer already knows; asks the broker nothing. Returns the lag."""
        consumer = self.app.consumer
        client = faust_internals.client_of(consumer)
        self.health.broker_reachable = faust_internals.knows_coordinator(client)
        waiting = 0
        if client is None or not self.health.joined:
            return 0
        for tp in list(consumer.assignment()):
            label = (tp.topic, str(tp.partition))
            committed = faust_internals.committed(consumer, tp)
            if committed is not None:
                self.metrics.committed.labels(*label).set(committed)
            lag = consumer.waiting(tp, answered=self.health.next_offset((tp.topic, tp.partition)))
            if lag is None:
                continue
            self.metrics.high_watermark.labels(*label).set(client.highwater(tp))
            self.metrics.lag.labels(*label).set(lag)
            oldest = self.health.oldest((tp.topic, tp.partition))
            self.metrics.lag_seconds.labels(*label).set(max(0.0, time.time() - oldest) if lag and oldest else 0)
            waiting += lag
        return waiting

    async def stop(self) -> None:
        """End what `prepare` started."""
        await self.pool.stop()
        await self.web.stop()


class _FaustWorker(faust.Worker):  # type: ignore[misc]
    """Faust's worker, quiet on stdout, and with a deadline on SIGTERM."""

    def __init__(self, worker: Worker, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            worker.app, loop=loop, quiet=True, redirect_stdouts=False, override_logging=False, stdout=sys.stderr
        )
        self.spinner = None
        self._worker = worker
        self._watching: asyncio.Task[None] | None = None

    async def on_first_start(self) -> None:
        await super().on_first_start()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        try:
            await self._worker.watch()
        except BrokerError as stalled:
            log.error("%s; exiting", stalled)
            os._exit(1)  # a consumer that hangs cannot be trusted to stop in order; nothing in flight is committed

    def _on_sigint(self) -> None:
        self._on_sigterm()

    def _on_sigterm(self) -> None:
        seconds = self._worker.settings.stop_seconds
        log.info("stopping; running batches have %g s to finish", seconds)
        self.loop.call_later(seconds, self._leave)
        super()._on_sigterm()

    def _leave(self) -> None:
        log.warning("running batches did not finish in time; their articles will be processed again")
        os._exit(0)  # it was asked to stop; what was not acknowledged is redelivered

    def on_worker_shutdown(self) -> None:
        if self._watching:
            self._watching.cancel()

    def _setproctitle(self, info: str, *, ident: str = "copydesk") -> None:
        super()._setproctitle(info, ident=ident)


def _stopped_before_it_began(*_: object) -> None:
    log.info("stopped before it joined the consumer group")
    threading.excepthook = lambda _: None  # a pool that is ended while it starts has a traceback to tell of it
    raise SystemExit(0)


def run_worker(settings: Settings) -> int:
    """Run until stopped: 0 after SIGTERM or SIGINT, 1 after a crash.

    Raises BrokerError, ModelError or SettingsError before the group is joined.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGTERM, _stopped_before_it_began)
    worker = Worker(settings)
    try:
        loop.run_until_complete(worker.prepare())
        log.info(
            "worker: stages %s, %d child processes, group %s, http://%s:%d/metrics",
            "+".join(settings.stages),
            settings.process_count,
            settings.group,
            worker.web.host,
            worker.web.port,
        )
    except BaseException:
        loop.run_until_complete(worker.stop())
        raise
    faust_worker = _FaustWorker(worker, loop=loop)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # a terminal that is closed; nohup asks for the contrary
        loop.add_signal_handler(signal.SIGHUP, faust_worker._on_sigterm)
    try:
        faust_worker.execute_from_commandline()
    except SystemExit as exit:
        return int(exit.code or 0)
    except (KafkaError, CopydeskError) as error:
        log.error("worker stopped: %s", error)
        return 1
    except Exception:
        log.exception("worker stopped")
        return 1
    else:
        return 0
    finally:
        worker.pool.kill()
