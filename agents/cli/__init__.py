"""The `copydesk` command: its commands are the modules of commands/; errors are one line that says what to do."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer import rich_utils

from agents import foreign
from agents.cli import output
from agents.cli.loading import SETTINGS, Commands
from pipeline.errors import CopydeskError, SettingsError
from pipeline.version import __version__

app = typer.Typer(
    name="copydesk",
    help="Reads raw news articles from Kafka and publishes clean, enriched records: text, entities, IPTC subjects.\n\n"
    "Settings are COPYDESK_* environment variables (docs/settings.md). To begin: copydesk enrich --pretty FILE, "
    "or copydesk demo.",
    cls=Commands,
    **SETTINGS,
)

_debug = False
_Usage: Any = typer.BadParameter.__mro__[2]  # ClickException, which typer carries within itself


def _say_version(wanted: bool) -> None:
    if wanted:
        output.say(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    global _debug
    del version  # said by its callback: without a command nothing else would be called
    _debug = debug


def run() -> None:
    """Run a command: 0 done, 1 something went wrong, 2 usage error, 130 interrupted."""
    output.prepare()
    try:
        code = app(standalone_mode=False)
    except _Usage as error:
        _say_usage(error)
        sys.exit(error.exit_code)
    except CopydeskError as error:
        if _debug:
            raise
        output.complain(f"copydesk: {error}")
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except typer.Abort:  # asked for an answer, and there was none
        output.complain("copydesk: nothing was done")
        sys.exit(1)
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
        output.complain(f"copydesk: {where}{error.strerror or error}")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _say_usage(error: Any) -> None:
    """As typer says it, with what was typed made safe: a shell may have put a file's name there."""
    said = foreign.text(error.format_message())
    error.format_message = lambda: said
    rich_utils.rich_format_error(error)
