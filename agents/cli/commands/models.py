"""copydesk models: the installed entity models, with size, hash and speed on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.resources import files
from typing import Annotated

import typer

from agents.cli import output
from pipeline.article import Article, Language, Metadata, Origin, Quality, Text
from pipeline.errors import ModelError

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SECONDS = 1.0  # of measuring, a model


def models(
    name: Annotated[str | None, typer.Argument(help="Only this model: a package or a folder.")] = None,
    speed: Annotated[
        bool, typer.Option("--speed/--no-speed", help="Load and measure each model; takes two seconds per model.")
    ] = True,
) -> None:
    """List the models that COPYDESK_NER_MODEL can name: language, size on disk, hash, speed on this machine.

    Speed is articles of 400 words per second in one process, on the sample articles. Exit 1 if a model cannot be used.
    """
    from pipeline.entities.recognition import (
        models as ner_models,  # spaCy: two seconds that no other command should wait for
    )

    found = (ner_models.find(name),) if name else ner_models.installed()
    if not found:
        output.say("no model is installed; `make setup` installs en_core_web_sm")
        raise typer.Exit(1)
    failed = False
    for model in found:
        line = f"{model.name}  {model.version}  {model.language}  {model.size / 1e6:.0f} MB"
        try:
            line += f"  sha256:{ner_models.identify(model).sha256[:16]}"
            if speed:
                line += f"  {_speed(name or model.name)}"
        except ModelError as error:
            failed = True
            line += f"  {error}"
        output.say(line)
    if failed:
        raise typer.Exit(1)


def _speed(name: str) -> str:
    """Measure in a process of its own with one thread for matrix products, as child processes have."""
    threads = [f"{variable}=1" for variable in ONE_THREAD]
    command = ["/usr/bin/env", *threads, sys.executable, "-m", "agents.cli.commands.models", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603, our own module
    if done.returncode:
        raise ModelError(done.stderr.strip().rsplit("\n", 1)[-1][:200])
    return done.stdout.strip()


def _measure(name: str) -> str:
    from pipeline import entities

    annotator = entities.load(model=name)
    samples = files("pipeline") / "data" / "samples"
    words = " ".join(
        file.read_text(encoding="utf-8") for file in samples.iterdir() if file.name.endswith(".txt")
    ).split()
    texts = [" ".join(words[start : start + 400]) for start in range(0, max(1, len(words) - 400), 200)]
    batch = [_article(text) for text in texts] * 2
    annotator.annotate(batch)
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < _SECONDS:
        annotator.annotate(batch)
        done += len(batch)
    return f"{done / spent:.0f} articles/s" + (
        " (runs on spaCy itself: the fast runtime does not support this model)" if annotator.fallback else ""
    )


def _article(text: str) -> Article:
    return Article(
        uri="",
        meta=Metadata(),
        origin=Origin(raw_sha256="", size=0),
        text=Text(
            value=text,
            sha256="",
            language=Language(tag="en", confidence=1.0),
            segments=(),
            removed=(),
            quality=Quality(score=1.0),
        ),
    )


if __name__ == "__main__":
    output.say(_measure(sys.argv[1]))
