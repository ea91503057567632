"""The command `shenzhi`: every verb of the box, each in a module of `commands`, loaded only when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

import shenzhi

# name -> module of `shenzhi.config.commands` whose COMMANDS holds it; loading all of them would take seconds
COMMANDS = {
    "run": "serve",
    "serve": "serve",
    "ingest": "lake",
    "lake": "lake",
    "city": "statistics",
    "indicators": "statistics",
    "index": "index",
    "report": "report",
    "law": "law",
    "work": "work",
    "history": "history",
    "backup": "backup",
    "restore": "backup",
    "account": "account",
    "office": "office",
    "registers": "registers",
    "docs": "docs",
}


class Verbs(click.Group):
    """A click group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module: Any = importlib.import_module(f"shenzhi.config.commands.{COMMANDS[name]}")
        commands: list[click.Command] = module.COMMANDS
        return next(command for command in commands if command.name == name)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(shenzhi.__version__, prog_name="shenzhi")
def main() -> None:
    """深质 Shenzhi: from a file of figures to the published quality index."""
