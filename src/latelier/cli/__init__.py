"""The command line: parse, call the lab, print. Heavy imports happen inside the commands."""

from latelier.cli.app import main

__all__ = ["main"]
