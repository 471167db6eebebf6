"""Components that run in the browser, each from a file in vue/."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import solara

type Callback = Callable[[Any], None]


@solara.component_vue("vue/address.vue")
def Address(address: str) -> None:
    """Show this path in the browser's address bar, without adding to its history."""


@solara.component_vue("vue/chart.vue")
def Chart(option: Mapping[str, Any], label: str, height: int) -> None:
    """Draw a chart from an ECharts option, height in pixels; label: description for screen readers."""


@solara.component_vue("vue/controls.vue")
def Settings(groups: Sequence[Mapping[str, Any]], event_set: Callback, event_restore: Callback) -> None:
    """Show controls of settings; event_set receives path and value, event_restore the path."""


@solara.component_vue("vue/figures.vue")
def Figures(figures: Sequence[Mapping[str, str]]) -> None:
    """Show single figures: label, value, unit, a note, and a tooltip."""


@solara.component_vue("vue/map.vue")
def StateMap(
    land: Mapping[str, Any],
    states: Mapping[str, Mapping[str, Any]],
    hatch: str,
    chosen: str | None,
    label: str,
    event_choose: Callback,
) -> None:
    """Draw the map of states; event_choose receives the code of the state that is clicked."""


@solara.component_vue("vue/reasons.vue")
def Reasons(
    options: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    sums: Sequence[Mapping[str, Any]],
    largest: float,
) -> None:
    """Show the contribution of each consideration to each option, as numbers on bars around 0."""


@solara.component_vue("vue/seed.vue")
def Seed(seed: str, event_set: Callback) -> None:
    """Show a field for the random seed; event_set receives the text."""


@solara.component_vue("vue/states.vue")
def States(
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    first: str,
    descending: bool,
    chosen: str | None,
    event_choose: Callback,
) -> None:
    """Show a sortable table of states; event_choose receives the code of the state that is clicked."""
