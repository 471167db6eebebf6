"""The options `--set`, `--force` and `--at`, which change a scenario."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

_DAY = r"\d{4}-\d{2}-\d{2}"
_DATES_HINT = "write a date as year-month-day, such as 2025-10-01, and two as 2025-10-01..2025-12-01"


def what_if_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --set, --force and --at to a command, which gets them as `settings`, in the form of `load_scenario`."""

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
            help="Force a state to declare an option, such as POL=troops, or POL=troops@2025-06-01..2025-09-01 from "
            "the first date until the second; either date may be omitted; may be repeated.",
        ),
        click.option(
            "--at",
            "dated",
            nargs=2,
            metavar="DATES PATH=VALUE",
            multiple=True,
            callback=_dated,
            help="Change a setting from a date on, such as 2025-10-01 environment.us_backing=0.1, or from the first "
            "date until the second, such as 2025-10-01..2025-12-01 force.POL=troops; may be repeated.",
        ),
    )
    wrapped: Callable[..., Any] = with_settings
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def _forced(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Convert each STATE=OPTION[@DATES] to a setting."""
    from sim.facts.state_codes import find_state

    settings: list[str] = []
    for value in values:
        state, equals, declared = value.partition("=")
        chosen, at, dates = declared.partition("@")
        if not equals or not state.strip() or not chosen.strip():
            raise click.BadParameter(f"{value!r} does not have the form STATE=OPTION, such as POL=troops")
        code = find_state(state.strip()) or state.strip()
        path = f"force.{code}"
        if any(setting.startswith(f"{path}=") for setting in settings):
            raise click.BadParameter(
                f"{code} is named twice; use --at for what it declares from another date on, such as "
                f"--at 2025-10-01 {path}={chosen.strip()}"
            )
        if not at:
            settings.append(f"{path}={chosen.strip()}")
            continue
        begin, until = _span(dates, value)
        keys = {"option": chosen.strip(), "from": begin, "until": until}
        block = ", ".join(f"{key}: {entry or 'null'}" for key, entry in keys.items())  # null replaces the file's date
        settings.append(f"{path}={{{block}}}")
    return tuple(settings)


def _dated(context: click.Context, option: click.Parameter, values: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Convert each pair of dates and PATH=VALUE to a setting."""
    settings = []
    for dates, setting in values:
        begin, until = _span(dates, dates)
        if not begin:
            raise click.BadParameter(f"{dates!r} has no first date; {_DATES_HINT}")
        settings.append(f"{begin}{'..' if until else ''}{until} {setting.strip()}")
    return tuple(settings)


def _span(dates: str, option: str) -> tuple[str, str]:
    """Return the two dates of a span; either may be empty."""
    import datetime

    match = re.fullmatch(rf"\s*({_DAY})?\s*(\.\.\s*({_DAY})?)?\s*", dates)
    if match is None or not (match[1] or match[3]):
        raise click.BadParameter(f"{option!r} is not a date or two dates; {_DATES_HINT}")
    for day in filter(None, (match[1], match[3])):
        try:
            datetime.date.fromisoformat(day)
        except ValueError:
            raise click.BadParameter(f"{option!r}: {day} is not a day of the calendar") from None
    return match[1] or "", match[3] or ""
