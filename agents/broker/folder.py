"""The data folder of a broker: a folder of the user's, for one broker at a time, or a temporary one.

A temporary folder is removed however this process ends, kill -9 included: a small shell (the watcher) waits on a pipe
for our end, stops the brokers and removes the folder. If the watcher is killed as well, the next broker removes the
folder. Either folder is locked (flock) as long as this process or one of its brokers runs: brokers inherit the lock.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from pipeline.errors import BrokerError

_PREFIX = "copydesk-broker-"
_LOCK = "lock"
_LAYOUT = "layout.json"
_BUSY_SECONDS = 5.0  # a broker whose owner was killed is still ending
_FRESH_SECONDS = 60.0  # a folder that was just made and not yet locked

# Process ids come line by line. "done": all was ended in order. The end of the input: our end, of whatever kind.
_WATCH = """
pids=
while read -r line; do
  [ "$line" = done ] && exit 0
  pids="$pids $line"
done
for pid in $pids; do kill -"$1" "$pid"; done
[ -n "$2" ] || exit 0
for n in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf -- "$2"
  [ -e "$2" ] || exit 0
  sleep 0.2
done
"""


class Folder:
    """A locked folder, and what watches over it; a context manager.

    Attributes:
        path: the folder.
        at_end: the signal that brokers in it get when this process ends.
        lock: a file descriptor for brokers to inherit.
    """

    def __init__(self, data: Path | None = None) -> None:
        """Take the folder, a temporary one without `data`. Raises BrokerError, one line."""
        self.temporary = data is None
        self.at_end = signal.SIGKILL if self.temporary else signal.SIGTERM
        if data is None:
            _sweep(Path(tempfile.gettempdir()))
            data = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.path = data.absolute()
        self.lock = _locked(self.path)
        self._watch = subprocess.Popen(  # noqa: S603  our own script
            ["/bin/sh", "-c", _WATCH, "sh", str(int(self.at_end)), str(self.path) if self.temporary else ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # neither Ctrl-C nor the end of a terminal is for it
        )

    def watch(self, pid: int) -> None:
        """Have this process ended when we end."""
        self._tell(str(pid))

    def release(self) -> None:
        """Give it back, after all its brokers were ended; a temporary one is removed."""
        if self.temporary:
            shutil.rmtree(self.path, ignore_errors=True)
        self._tell("done")
        with contextlib.suppress(OSError):
            os.close(self.lock)
        if self._watch.stdin:
            with contextlib.suppress(OSError):
                self._watch.stdin.close()
        self._watch.wait()

    def layout(self, kind: str, **fresh: object) -> dict[str, Any]:
        """What was noted when the cluster in it was made; for an empty folder an id and `fresh`, noted now.

        Raises:
            BrokerError: it holds a cluster of another kind, another one than was noted, or something else.
        """
        note = self.path / _LAYOUT
        if not note.exists():
            if any(path.name != _LOCK for path in self.path.iterdir()):
                raise BrokerError(f"{self.path} holds something other than a broker's data; give another folder")
            known = {"cluster": _cluster_id(), "kind": kind, **fresh}
            note.write_text(json.dumps(known))
            return known
        try:
            known = dict(json.loads(note.read_text()))
            cluster, made = str(known["cluster"]), str(known["kind"])
        except (ValueError, KeyError, OSError):
            raise BrokerError(f"{note} cannot be read; give another folder") from None
        if made != kind:
            raise BrokerError(f"{self.path} holds the data of {made}, not of {kind}; give another folder")
        for disk in self.path.glob("broker-*/log/meta.properties"):
            if f"cluster.id={cluster}\n" not in disk.read_text():
                raise BrokerError(f"{disk.parent} holds another cluster than {note} names; give another folder")
        return known

    def _tell(self, line: str) -> None:
        if self._watch.stdin:
            with contextlib.suppress(OSError):  # it was killed: then nobody listens
                self._watch.stdin.write(f"{line}\n".encode())
                self._watch.stdin.flush()


def _locked(path: Path) -> int:
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BrokerError(f"the folder {path} cannot be used: {error.strerror}; give another one") from None
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise BrokerError(f"the folder {path} is in use by another broker; give another one") from None
            time.sleep(0.1)


def _sweep(within: Path) -> None:
    """Remove temporary folders of this user that neither their broker nor its owner lives to remove."""
    for left in within.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.stat().st_uid != os.getuid() or time.time() - left.stat().st_mtime < _FRESH_SECONDS:
                continue
            lock = os.open(left / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if another process uses it
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def _cluster_id() -> str:
    number = uuid.uuid4().bytes
    number = bytes([number[0] & 0x7F]) + number[1:]  # an id that began with "-" would be taken for an option
    return base64.urlsafe_b64encode(number).decode().rstrip("=")
