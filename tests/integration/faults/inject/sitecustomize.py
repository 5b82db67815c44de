"""Faults inside a child process, without a hook in the product: Python imports this file at start from PYTHONPATH.

An article whose bytes hold one of these words does it to the process that works on it:

    HANG-HERE   never returns          DIE-HERE   SIGKILLs its own process          EAT-HERE   takes memory for ever
    RAISE-HERE  logs and warns of the whole article as a library might, and raises an exception with it

FAULT_STAGE names the stage (entities), FAULT_SLEEP makes each article take so many seconds more. With FAULT_PARENT the
worker itself, not a child process, raises an exception with the first batch in its text.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import logging
import os
import signal
import sys
import time
import warnings
from typing import Any

_STAGE = os.environ.get("FAULT_STAGE", "entities")  # noqa: TID251
_SLEEP = float(os.environ.get("FAULT_SLEEP", "0"))  # noqa: TID251
_PARENT = bool(os.environ.get("FAULT_PARENT"))  # noqa: TID251


def _faulty(run: Any) -> Any:
    def wrapped(self: Any, jobs: Any, **more: Any) -> Any:
        if self.stage.name == _STAGE:
            for value, _ in jobs:
                _suffer(bytes(value))
        return run(self, jobs, **more)

    return wrapped


def _suffer(value: bytes) -> None:
    if _SLEEP:
        time.sleep(_SLEEP)
    if b"HANG-HERE" in value:
        time.sleep(3600)
    if b"DIE-HERE" in value:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"RAISE-HERE" in value:
        text = value.decode()
        logging.getLogger("a.library").error(text)
        logging.getLogger("a.library").warning("cannot parse %s: %r", text, ValueError(text))
        warnings.warn(text, stacklevel=1)
        raise ValueError(text)
    if b"EAT-HERE" in value:
        eaten = []
        while True:
            eaten.append(bytearray(16 << 20))


async def _answered_by_nobody(_: Any, stage: str, jobs: Any, **__: Any) -> Any:
    logging.getLogger("a.library").error("cannot send %s of %s", jobs, stage)
    raise ValueError(str(jobs))


class _Patch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self) -> None:
        self._real: dict[str, Any] = {}

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name not in ("pipeline.stages", "agents.workers.pool"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            self._real[name], spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: Any) -> Any:
        return self._real[spec.name].create_module(spec)

    def exec_module(self, module: Any) -> None:
        self._real[module.__name__].exec_module(module)
        if module.__name__ == "pipeline.stages":
            module.Hop.run = _faulty(module.Hop.run)
        elif _PARENT:
            module.Pool.run = _answered_by_nobody


sys.meta_path.insert(0, _Patch())
