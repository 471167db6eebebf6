"""What the page is put together from: small pieces that run in the browser, each a file in vue/."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import solara

type Answer = Callable[[Any], None]


@solara.component_vue("vue/address.vue")
def Address(address: str) -> None:
    """Show this path in the browser's address bar, without a step in its history."""


@solara.component_vue("vue/chart.vue")
def Chart(option: Mapping[str, Any], label: str, height: int) -> None:
    """Draw a chart from an option of ECharts, height in pixels; label says in words what it shows."""


@solara.component_vue("vue/controls.vue")
def Settings(groups: Sequence[Mapping[str, Any]], event_set: Answer, event_put_back: Answer) -> None:
    """Let settings be moved; event_set is told the path and the value, event_put_back the path."""


@solara.component_vue("vue/figures.vue")
def Figures(figures: Sequence[Mapping[str, str]]) -> None:
    """Show plain figures: label, value, unit, a note under it, and more on pointing at it."""


@solara.component_vue("vue/map.vue")
def StateMap(
    land: Mapping[str, Any],
    states: Mapping[str, Mapping[str, Any]],
    hatch: str,
    chosen: str | None,
    label: str,
    event_choose: Answer,
) -> None:
    """Draw the states in their colours; event_choose is told the code of one that is clicked."""


@solara.component_vue("vue/reasons.vue")
def Reasons(
    options: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    sums: Sequence[Mapping[str, Any]],
    largest: float,
) -> None:
    """Show what each consideration adds to each option, as numbers on bars around 0."""


@solara.component_vue("vue/seed.vue")
def Seed(seed: str, event_set: Answer) -> None:
    """Let the seed be typed; event_set is told the text."""


@solara.component_vue("vue/states.vue")
def States(
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    first: str,
    descending: bool,
    chosen: str | None,
    event_choose: Answer,
) -> None:
    """Show a table of states that can be sorted; event_choose is told the code of one that is clicked."""
