"""The progress of the download, on stderr: a bar on a terminal, else a line at its beginning and at its end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """One line."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told, from any thread, how many more bytes of `total` have come."""
    say(f"downloading {title}: {total / 1e6:.0f} MB")
    if not sys.stderr.isatty():
        yield lambda _more: None
        say("downloaded")
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total)
        alone = threading.Lock()

        def got(more: int) -> None:
            with alone:
                shown.advance(task, more)

        yield got
