"""The commands of `copydesk`, one module each: a function of the module's name, or a typer app for subcommands.

A module that is put here is a command: nothing else has to be edited.
"""
