"""Changes to a scenario on the command line: `--set`, `--force` and `--at`, and warnings about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.scenario import Scenario

_DAY = r"\d{4}-\d{2}-\d{2}"
_A_SPAN = "write a date as year-month-day, such as 2025-10-01, and two as 2025-10-01..2025-12-01"


def what_if_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--set`, `--force` and `--at`; it gets them all as `settings`, as `load_scenario` takes them."""

    @wraps(command)
    def with_settings(
        *arguments: Any, settings: tuple[str, ...], forced: tuple[str, ...], dated: tuple[str, ...], **others: Any
    ) -> Any:
        return command(*arguments, settings=(*settings, *forced, *dated), **others)

    options = (
        click.option(
            "--set",
            "settings",
            metavar="PATH=VALUE",
            multiple=True,
            help="Change a setting, such as menu.troops.ask=40000; may be repeated.",
        ),
        click.option(
            "--force",
            "forced",
            metavar="STATE=OPTION[@DATES]",
            multiple=True,
            callback=_forced,
            help="Force a state to declare an option, such as POL=troops, or POL=troops@2025-06-01..2025-09-01: from "
            "the first date until the second, either of which may be left out; may be repeated.",
        ),
        click.option(
            "--at",
            "dated",
            nargs=2,
            metavar="DATES PATH=VALUE",
            multiple=True,
            callback=_dated,
            help="Change a setting while it is played, such as 2025-10-01 environment.us_backing=0.1, or "
            "2025-10-01..2025-12-01 force.POL=troops: from the first date until the second; may be repeated.",
        ),
    )
    wrapped: Callable[..., Any] = with_settings
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def load_and_warn(reference: str, settings: Sequence[str]) -> Scenario:
    """Return the same as load_scenario, and warn on stderr of what can have no effect in it."""
    from sim.scenario import load

    scenario, warnings = load.load_and_warn(reference, settings)
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
    return scenario


def _forced(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return each STATE=OPTION[@DATES] as a setting."""
    from sim.facts.state_codes import find_state

    settings: list[str] = []
    for value in values:
        state, equals, declared = value.partition("=")
        chosen, at, dates = declared.partition("@")
        if not equals or not state.strip() or not chosen.strip():
            raise click.BadParameter(f"{value!r} has not the form STATE=OPTION, such as POL=troops")
        code = find_state(state.strip()) or state.strip()
        path = f"force.{code}"
        if any(setting.startswith(f"{path}=") for setting in settings):
            raise click.BadParameter(
                f"{code} is named twice; give what it declares from another date on with --at, such as "
                f"--at 2025-10-01 {path}={chosen.strip()}"
            )
        if not at:
            settings.append(f"{path}={chosen.strip()}")
            continue
        begin, until = _span(dates, value)
        keys = {"option": chosen.strip(), "from": begin, "until": until}
        written = ", ".join(f"{key}: {entry or 'null'}" for key, entry in keys.items())  # over those of the file
        settings.append(f"{path}={{{written}}}")
    return tuple(settings)


def _dated(context: click.Context, option: click.Parameter, values: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return each pair of dates and PATH=VALUE as a setting."""
    settings = []
    for dates, setting in values:
        begin, until = _span(dates, dates)
        if not begin:
            raise click.BadParameter(f"{dates!r} has no first date; {_A_SPAN}")
        settings.append(f"{begin}{'..' if until else ''}{until} {setting.strip()}")
    return tuple(settings)


def _span(dates: str, shown: str) -> tuple[str, str]:
    """Return the two dates of a span, either of which may be missing."""
    import datetime

    found = re.fullmatch(rf"\s*({_DAY})?\s*(\.\.\s*({_DAY})?)?\s*", dates)
    if found is None or not (found[1] or found[3]):
        raise click.BadParameter(f"{shown!r} is not a date or two dates; {_A_SPAN}")
    for day in filter(None, (found[1], found[3])):
        try:
            datetime.date.fromisoformat(day)
        except ValueError:
            raise click.BadParameter(f"{shown!r}: there is no day {day}") from None
    return found[1] or "", found[3] or ""
