"""copydesk check: whether settings, broker, topics and models work, and what to do if not."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.cli import output
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import permissions, topics
from agents.settings import Settings
from agents.workers.pool import Pool
from pipeline.errors import CopydeskError


def check(
    models: Annotated[bool, typer.Option("--models/--no-models", help="Load the models too.")] = True,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Check everything that a worker needs: settings, broker, topics, models; one line each. Exit 1 if one fails."""
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    output.say(
        f"ok    settings: group {chosen.group}, stages {','.join(chosen.stages)}, {chosen.process_count} processes"
    )
    if not wait(_check(chosen, models=models)):
        raise typer.Exit(1)


async def _check(chosen: Settings, *, models: bool) -> bool:
    fine = await _broker(chosen)
    return await _models(chosen) and fine if models else fine


async def _broker(chosen: Settings) -> bool:
    try:
        findings = await topics.check(chosen)
    except CopydeskError as error:
        output.say(f"FAIL  broker: {error}")
        return False
    output.say(f"ok    broker: {chosen.broker} ({chosen.security_protocol})")
    if chosen.security_protocol != "PLAINTEXT" and (lacks := await permissions.lacking(chosen)):
        output.say(f"FAIL  rights: {permissions.refusal(chosen, lacks)}")
        return False
    for finding in findings:
        said = finding.error or f"{finding.partitions} partitions"
        output.say(f"{'FAIL' if finding.error else 'ok  '}  topic: {finding.topic}: {said}")
    return not any(finding.error for finding in findings)


async def _models(chosen: Settings) -> bool:
    pool = Pool(
        stages=chosen.stages,
        options=chosen.options,
        processes=1,
        time_limit=chosen.time_limit_seconds,
        memory_limit=chosen.memory_limit_mb,
    )
    try:
        for loaded in await pool.start():
            models = [component.model for component in loaded.components if component.model]
            what = ", ".join(f"{m.name} {m.version} sha256:{m.sha256[:16]}" for m in models) or "no model"
            output.say(
                f"ok    model: {loaded.stage}: {what}" + (", without the fast runtime" if loaded.fallback else "")
            )
    except CopydeskError as error:
        output.say(f"FAIL  model: {error}")
        return False
    finally:
        await pool.stop()
    return True
