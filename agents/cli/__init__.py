"""The `copydesk` command: one module a command, registered here; errors are one line that says what to do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agents.cli import (
    broker,
    check,
    dead_letters,
    demo,
    enrich,
    feed,
    learn_boilerplate,
    models,
    subjects,
    tail,
    topics,
    trace,
    train_subjects,
    worker,
)
from pipeline import __version__
from pipeline.errors import CopydeskError, SettingsError

app = typer.Typer(
    name="copydesk",
    help="Raw news articles in a Kafka topic become clean, enriched records: text, entities, IPTC subjects.\n\n"
    "Settings come from COPYDESK_* variables (docs/settings.md). Try: copydesk demo",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # joins the lines of a docstring's paragraph
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("enrich")(enrich.enrich)
app.add_typer(topics.app, name="topics")
app.command("worker")(worker.worker)
app.command("feed")(feed.feed)
app.command("tail")(tail.tail)
app.add_typer(dead_letters.app, name="dead-letters")
app.command("trace")(trace.trace)
app.command("check")(check.check)
app.command("broker")(broker.broker)
app.command("subjects")(subjects.subjects)
app.command("train-subjects")(train_subjects.train_subjects)
app.command("learn-boilerplate")(learn_boilerplate.learn_boilerplate)
app.command("models")(models.models)

_debug = False


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where an error is reported.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and exit.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    global _debug
    del version  # said by its callback: without a command nothing else would be called
    _debug = debug


def run() -> None:
    """Run a command: 0 done, 1 something went wrong, 2 it was asked for wrongly, 130 interrupted."""
    try:
        app()
    except CopydeskError as error:
        if _debug:
            raise
        print(f"copydesk: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has enough (copydesk tail | head); nothing more can be said on stdout.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a full disk, a folder that may not be written, no more open files
        if _debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"copydesk: {where}{error.strerror or error}", file=sys.stderr)
        sys.exit(1)
