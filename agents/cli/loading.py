"""Commands are imported when they are run: `copydesk --help` reads their modules without importing any."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from agents.cli import commands

# As a newcomer meets them; others come after these, by name.
_FIRST = ("demo", "enrich", "topics", "worker", "feed", "tail", "dead-letters", "trace", "check", "broker")
SETTINGS: dict[str, Any] = {
    "no_args_is_help": True,
    "rich_markup_mode": "markdown",  # joins the lines of a docstring's paragraph
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


class Commands(TyperGroup):
    """The group of all commands; what it lists in a help text are stand-ins with a name and a summary."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  typer calls it so
        """Their names."""
        names = sorted(found.name.replace("_", "-") for found in iter_modules(commands.__path__))
        return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperCommand(name=cmd_name, help=summary(cmd_name)) if self._listing else load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Without importing a command."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def load(name: str) -> Any:
    """Import a command."""
    module = import_module(f"{commands.__name__}.{name.replace('-', '_')}")
    found = getattr(module, "app", None)
    if not isinstance(found, typer.Typer):
        found = typer.Typer(**{**SETTINGS, "no_args_is_help": False})
        found.command(name)(getattr(module, name.replace("-", "_")))
    command = typer.main.get_command(found)
    command.name = name
    return command


def summary(name: str) -> str:
    """What a command's own help begins with, read from its source."""
    word = name.replace("-", "_")
    source = next(file for folder in commands.__path__ if (file := Path(folder) / f"{word}.py").is_file())
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == word:
            return (ast.get_docstring(node) or "").split("\n\n", 1)[0]
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                if keyword.arg == "help" and getattr(node.targets[0], "id", "") == "app":
                    return str(ast.literal_eval(keyword.value))
    return ""
