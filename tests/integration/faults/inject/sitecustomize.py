"""Faults inside a worker process, without a hook in the product: Python imports this file at start from PYTHONPATH.

An article whose bytes hold one of these words does it to the process that works on it:

    HANG-HERE   never returns          DIE-HERE   SIGKILLs its own process          EAT-HERE   takes memory for ever

FAULT_STAGE names the stage (entities), FAULT_SLEEP makes each article take so many seconds more.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from typing import Any

_STAGE = os.environ.get("FAULT_STAGE", "entities")  # noqa: TID251
_SLEEP = float(os.environ.get("FAULT_SLEEP", "0"))  # noqa: TID251


def _faulty(run: Any) -> Any:
    def wrapped(self: Any, jobs: Any) -> Any:
        if self.stage.name == _STAGE:
            for value, _ in jobs:
                _suffer(bytes(value))
        return run(self, jobs)

    return wrapped


def _suffer(value: bytes) -> None:
    if _SLEEP:
        time.sleep(_SLEEP)
    if b"HANG-HERE" in value:
        time.sleep(3600)
    if b"DIE-HERE" in value:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"EAT-HERE" in value:
        eaten = []
        while True:
            eaten.append(bytearray(16 << 20))


class _Patch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != "pipeline.stages":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            self._real, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self._real.exec_module(module)
        module.Hop.run = _faulty(module.Hop.run)


sys.meta_path.insert(0, _Patch())
