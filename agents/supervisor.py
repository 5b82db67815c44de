"""copydesk worker --supervise: start a worker again when it crashes, for machines where nothing else does."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

from agents.orphans import end_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_SECONDS = 120.0  # a worker that ran so long did not crash in a loop: the pause begins small again

log = logging.getLogger("copydesk.supervisor")


def pause_after(crashes: int) -> float:
    """Seconds to wait after the n-th crash in a row: 1, 2, 4, ... 60. There is always one: no crash loop without it."""
    return float(min(FIRST_PAUSE * 2 ** min(crashes - 1, 10), LONGEST_PAUSE))


def supervise(
    arguments: Sequence[str],
    *,
    command: Sequence[str] = (sys.executable, "-m", "agents"),
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run `copydesk ARGUMENTS` until it exits with 0 or 2 (asked for wrongly), or we are told to stop."""
    stopping = threading.Event()
    worker: subprocess.Popen[bytes] | None = None

    def stop(number: int, _: object) -> None:
        stopping.set()
        if worker and worker.poll() is None:
            worker.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    crashes = 0
    while True:
        started = clock()
        # A session of its own: Ctrl-C reaches the worker once, through us.
        worker = subprocess.Popen([*command, *arguments], start_new_session=True, preexec_fn=end_with_parent)  # noqa: S603
        code = worker.wait()
        if stopping.is_set() or code in (0, 2):
            return max(code, 0)
        crashes = 1 if clock() - started > HEALTHY_SECONDS else crashes + 1
        pause = pause_after(crashes)
        log.error("the worker ended with %d; starting it again in %g s (crash %d in a row)", code, pause, crashes)
        if stopping.wait(pause):
            return 0
