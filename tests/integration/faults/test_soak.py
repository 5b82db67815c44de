"""A random mix of all faults: `make soak` is thirty minutes, CI runs three. A seed can be given again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from kafka import Kafka

from agents.broker import free_port
from tests.integration.articles import Input, article, articles
from tests.integration.deployment import Deployment
from tests.integration.faults.runs import injected, supervised
from tests.integration.ledger import allowed_duplicates
from tests.integration.proxy import Proxy
from tests.integration.report import Ledger
from tests.integration.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.soak, pytest.mark.timeout(7_200)]
RATE = 20.0


class Mischief:
    """The faults, each a method that takes some seconds and leaves everything running."""

    def __init__(
        self, kafka: Kafka, proxy: Proxy, deployment: Deployment, workers: list[Worker], dice: random.Random
    ) -> None:
        self.kafka, self.proxy, self.deployment, self.workers, self.dice = kafka, proxy, deployment, workers, dice
        self.done: Counter[str] = Counter()

    async def one(self) -> None:
        """Any of them."""
        name = self.dice.choice([name for name in dir(self) if name.startswith("fault_")])
        print(f"  {time.strftime('%H:%M:%S')} {name.removeprefix('fault_')}", flush=True)
        self.done[name.removeprefix("fault_")] += 1
        await getattr(self, name)()

    def _worker(self) -> Worker:
        return self.dice.choice(self.workers)

    async def fault_worker_sigkill(self) -> None:
        self._worker().kill()  # whoever supervises it starts it again

    async def fault_worker_sigterm(self) -> None:
        self._worker().signal(signal.SIGTERM)

    async def fault_worker_stopped(self) -> None:
        worker = self._worker()
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(self.dice.uniform(2, 25))
        worker.signal(signal.SIGCONT)

    async def fault_child_harmed(self) -> None:
        for child in self._worker().children()[:1]:
            os.kill(child, self.dice.choice([signal.SIGKILL, signal.SIGSTOP]))

    async def fault_broker_killed(self) -> None:
        self.kafka.broker.kill()
        await asyncio.sleep(self.dice.uniform(0, 5))
        self.kafka.broker.start()

    async def fault_broker_stopped(self) -> None:
        self.kafka.broker.pause()
        await asyncio.sleep(self.dice.uniform(2, 20))
        self.kafka.broker.resume()

    async def fault_network_black_hole(self) -> None:
        async with self.proxy.black_hole():
            await asyncio.sleep(self.dice.uniform(2, 20))

    async def fault_network_resets(self) -> None:
        async with self.proxy.resets():
            await asyncio.sleep(self.dice.uniform(1, 5))

    async def fault_network_delay(self) -> None:
        self.proxy.delay = 0.2
        await asyncio.sleep(self.dice.uniform(5, 15))
        self.proxy.delay = 0.0

    async def fault_poison_article(self) -> None:
        bad = article(self.dice.randrange(1_000_000, 2_000_000))
        word = self.dice.choice([b"HANG-HERE", b"DIE-HERE", b"EAT-HERE"])
        poison = Input(bad.key, bad.value.replace(b'"body": "', b'"body": "%s ' % word), broken=True)
        await self.deployment.feed([poison])


async def test_a_random_mix_of_faults(pytestconfig: pytest.Config, tmp_path: Path, ledger: Ledger) -> None:
    """Two workers, one broker behind a proxy, a fault every few seconds: nothing lost, nothing in both."""
    seconds = pytestconfig.getoption("--soak-seconds")
    seed = pytestconfig.getoption("--soak-seed") or random.SystemRandom().randrange(1 << 32)
    print(f"\nsoak: {seconds} s, seed {seed} (repeat with --soak-seed={seed})")
    dice = random.Random(seed)
    with Kafka(proxy_port=free_port()) as kafka:
        assert kafka.proxied
        assert kafka.proxy_target
        deployment = Deployment(kafka.bootstrap, "soak", tmp_path)
        await deployment.create()
        async with Proxy(int(kafka.proxied.rpartition(":")[2]), kafka.proxy_target) as proxy:
            settings = {"broker": kafka.proxied, "time_limit_seconds": "8", "processes": "1"}
            # One that is killed and one that is not: the memory of the second is worth looking at.
            workers = [deployment.worker(f"worker-{n}", environment=injected(), **settings) for n in (1, 2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                await worker.ready(60)
            mischief = Mischief(kafka, proxy, deployment, workers[:1], dice)
            began = time.monotonic()
            memory: list[tuple[float, float]] = []
            try:
                async with deployment.watched(), supervised(deployment, *workers):
                    feeding = asyncio.create_task(deployment.feed(articles(int(seconds * RATE), keys=5_000), rate=RATE))
                    while time.monotonic() - began < seconds:
                        await asyncio.sleep(dice.uniform(4, 14))
                        await mischief.one()
                        memory.append((time.monotonic() - began, workers[1].memory()))
                        print(f"           {workers[1].memory():.1f} MiB, {workers[1].starts} starts", flush=True)
                    await feeding
                    await deployment.all_answered(300)
                    faults = sum(mischief.done.values())
                    facts = await deployment.facts(allowed_duplicates=allowed_duplicates(rate=RATE, faults=faults))
                print(f"soak: {dict(mischief.done)}; memory of the spared worker {slope(memory)}", flush=True)
                note = f"{faults} faults, seed {seed}"
                await ledger.close("random mix", deployment, facts, seconds=time.monotonic() - began, note=note)
            finally:
                deployment.stop()


def slope(samples: list[tuple[float, float]]) -> str:
    """MiB an hour by least squares, over what was seen after a third of the time."""
    late = [(t, m) for t, m in samples if t > samples[-1][0] / 3 and m > 0]
    mean_t, mean_m = (sum(values) / len(late) for values in zip(*late, strict=True))
    spread = sum((t - mean_t) ** 2 for t, _ in late) or 1.0
    per_second = sum((t - mean_t) * (m - mean_m) for t, m in late) / spread
    return f"{late[0][1]:.0f} -> {late[-1][1]:.0f} MiB, slope {per_second * 3600:+.1f} MiB/h"
