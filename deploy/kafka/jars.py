"""Apache Kafka's published jars, brought by Maven once, and the command line that runs a class of them.

Needs Java 17 and Maven 3.8. The versions are in pom.xml; the jars lie in target/jars.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE / "target"


class KafkaMissingError(RuntimeError):
    """Java, Maven or the jars are not there; the message says what to install."""


def jars() -> Path:
    """Give the folder of the jars, downloading them where pom.xml changed or they are not there yet.

    Raises:
        KafkaMissingError: no Java, no Maven, or the download failed.
    """
    if shutil.which("java") is None:
        raise KafkaMissingError("Apache Kafka needs Java 17 or later: install a JRE (Debian: openjdk-17-jre-headless)")
    folder = TARGET / "jars"
    pom = HERE / "pom.xml"
    stamp = TARGET / f".complete-{hashlib.sha256(pom.read_bytes()).hexdigest()[:16]}"
    if stamp.exists():
        return folder
    TARGET.mkdir(exist_ok=True)
    with (TARGET / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once must not download into each other
        if not stamp.exists():
            _download(pom, folder)
            stamp.touch()
    return folder


def _download(pom: Path, folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaMissingError("Apache Kafka's jars come by Maven: install it (Debian: maven), it is needed once")
    shutil.rmtree(folder, ignore_errors=True)
    # -C: a jar whose checksum is wrong stops the build instead of a warning.
    command = [maven, "-q", "-B", "-C", "-f", str(pom), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*command, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise KafkaMissingError(f"Maven could not bring Apache Kafka's jars:\n{(done.stdout + done.stderr)[-2000:]}")


def java(main: str, *args: str, heap: str = "256m", options: Sequence[str] = ()) -> list[str]:
    """The command line that runs a class of Kafka; `heap` is the most memory it may take."""
    return [
        "java",
        f"-Xmx{heap}",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # starts in half the time, and these brokers never run for long
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
        *options,
        "-cp",
        f"{jars()}/*",
        main,
        *args,
    ]


def run_tool(main: str, *args: str, timeout: float = 60.0) -> str:
    """Run one of Kafka's commands to its end and give what it printed.

    Raises:
        RuntimeError: it exited other than 0; the message holds the end of its output.
    """
    quiet = ("-Dorg.slf4j.simpleLogger.defaultLogLevel=error",)
    command = java(main, *args, options=quiet)
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise RuntimeError(f"{main} exited {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout
