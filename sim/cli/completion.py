"""Completion in bash, zsh and fish: commands and options, names of scenarios and experiments, states, settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import click
from click.shell_completion import CompletionItem, shell_complete

VARIABLE = "_WILLING_COMPLETE"  # set by the shell, as click's scripts do


def complete(root: click.Group) -> NoReturn:
    """Answer the shell that asks for a script or for completions, and exit."""
    raise SystemExit(shell_complete(_Completing(root), {}, "willing", VARIABLE, os.environ[VARIABLE]))


class _Completing(click.Group):
    """The commands of a group, with completions for the values of their parameters."""

    def __init__(self, root: click.Group) -> None:
        super().__init__(name=root.name, params=root.params, context_settings=root.context_settings)
        self.root = root

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return self.root.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command whose parameters know what they may be."""
        command = self.root.get_command(ctx, cmd_name)
        for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            for parameter in each.params if each is not None else ():
                values = VALUES.get(parameter.name or "")
                if values is not None and not isinstance(parameter.type, click.Choice):
                    parameter.shell_complete = partial(_offered, *values)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing any command."""
        from sim.cli.main import COMMANDS

        commands = [CompletionItem(name, help=about) for name, (_, about) in COMMANDS.items()]
        return [*_beginning(incomplete, commands), *click.Command.shell_complete(self, ctx, incomplete)]


type Values = Callable[[click.Context], list[CompletionItem]]


def _offered(values: Values, path: str, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the values that begin so; path: what a path may be, a file or a dir, or nothing if it may be none."""
    paths = [CompletionItem(incomplete, type=path)] if path else []
    return [*paths, *_beginning(incomplete, values(ctx))]  # in this order, as bash forgets what comes before a path


def _beginning(incomplete: str, items: list[CompletionItem]) -> list[CompletionItem]:
    return [item for item in items if str(item.value).startswith(incomplete)]


def _shipped(folder: str) -> list[CompletionItem]:
    """Return the names of the files that come with the program; finding them takes no import of it."""
    package = Path(__file__).parent.parent
    places = (package / f"shipped_{folder}", package.parent / folder)
    found = next((place for place in places if place.is_dir()), None)
    return [] if found is None else [CompletionItem(path.stem) for path in sorted(found.glob("*.yaml"))]


def _scenarios(ctx: click.Context) -> list[CompletionItem]:
    return _shipped("scenarios")


def _experiments(ctx: click.Context) -> list[CompletionItem]:
    return _shipped("experiments")


def _scenarios_and_experiments(ctx: click.Context) -> list[CompletionItem]:
    return [*_shipped("scenarios"), *_shipped("experiments")]


def _nothing(ctx: click.Context) -> list[CompletionItem]:
    return []


def _states(ctx: click.Context) -> list[CompletionItem]:
    from sim import facts

    return [CompletionItem(code, help=state.name) for code, state in facts.states().items()]


def _forced(ctx: click.Context) -> list[CompletionItem]:
    return [CompletionItem(f"{item.value}=", help=item.help) for item in _states(ctx)]


def _settings(ctx: click.Context) -> list[CompletionItem]:
    """Return the paths of the settings of the scenario that was named, or of the standing one."""
    from sim.errors import WillingError
    from sim.scenario import load_scenario
    from sim.scenario.parameters import parameters

    named = ctx.params.get("scenario") or ctx.params.get("reference")
    try:
        scenario = load_scenario(named if isinstance(named, str) else "base")
    except WillingError:
        scenario = load_scenario("base")
    return [CompletionItem(f"{each.path}=", help=each.about) for each in parameters(scenario)]


# what a parameter of this name may be: names, and a path of which kind
VALUES: Mapping[str, tuple[Values, str]] = MappingProxyType(
    {
        "scenario": (_scenarios, "file"),
        "scenarios": (_scenarios, "file"),
        "reference": (_scenarios, "file"),
        "runs": (_scenarios, "file"),
        "experiment": (_experiments, "file"),
        "files": (_scenarios_and_experiments, "file"),
        "state": (_states, ""),
        "states": (_states, ""),
        "forced": (_forced, ""),
        "settings": (_settings, ""),
        "result": (_nothing, "dir"),
        "folder": (_nothing, "dir"),
    }
)
