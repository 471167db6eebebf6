"""Completion in bash, zsh and fish of commands, options, scenarios, experiments, states and settings."""

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
    """Print the script or the completions that the shell requests, and exit."""
    raise SystemExit(shell_complete(_CompletingGroup(root), {}, "willing", VARIABLE, os.environ[VARIABLE]))


class _CompletingGroup(click.Group):
    """The commands of a group, with completions for the values of their parameters."""

    def __init__(self, root: click.Group) -> None:
        super().__init__(name=root.name, params=root.params, context_settings=root.context_settings)
        self.root = root

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return self.root.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command whose parameters have completions."""
        command = self.root.get_command(ctx, cmd_name)
        for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            for parameter in each.params if each is not None else ():
                values = VALUES.get(parameter.name or "")
                if values is not None and not isinstance(parameter.type, click.Choice):
                    parameter.shell_complete = partial(_complete_value, *values)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the matching commands and options, without importing any command."""
        from sim.cli.main import COMMANDS

        commands = [CompletionItem(name, help=about) for name, (_, about) in COMMANDS.items()]
        return [*_matching(incomplete, commands), *click.Command.shell_complete(self, ctx, incomplete)]


type Values = Callable[[click.Context], list[CompletionItem]]


def _complete_value(values: Values, path: str, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the matching values; path: "file" or "dir" if the value may be a path, else empty."""
    paths = [CompletionItem(incomplete, type=path)] if path else []
    return [*paths, *_matching(incomplete, values(ctx))]  # paths first: bash forgets what comes before them


def _matching(incomplete: str, items: list[CompletionItem]) -> list[CompletionItem]:
    return [item for item in items if str(item.value).startswith(incomplete)]


def _shipped(folder: str) -> list[CompletionItem]:
    """Return the names of the files that are included, without importing the library."""
    package = Path(__file__).parent.parent
    folders = (package / f"shipped_{folder}", package.parent / folder)
    existing = next((each for each in folders if each.is_dir()), None)
    return [] if existing is None else [CompletionItem(path.stem) for path in sorted(existing.glob("*.yaml"))]


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
    """Return the paths of the settings of the scenario on the command line, or else of base."""
    from sim.errors import WillingError
    from sim.scenario import load_scenario
    from sim.scenario.parameters import parameters

    reference = ctx.params.get("scenario") or ctx.params.get("reference")
    try:
        scenario = load_scenario(reference if isinstance(reference, str) else "base")
    except WillingError:
        scenario = load_scenario("base")
    return [CompletionItem(f"{each.path}=", help=each.about) for each in parameters(scenario)]


# by name of the parameter: the values, and the kind of path that it may be
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
