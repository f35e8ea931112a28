"""The command line: parse, ask `study`, print. Exit status from the error's class."""

from monazite.cli.entry import app, main

__all__ = ["app", "main"]
