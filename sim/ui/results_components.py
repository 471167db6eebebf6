"""Components of the results view, and errors as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import solara

from sim.errors import WillingError

type Callback = Callable[[Any], None]


@solara.component_vue("vue/result_list.vue")
def ResultList(entries: Sequence[Mapping[str, str]], chosen: str | None, event_choose: Callback) -> None:
    """List runs and sweeps; event_choose receives the address of the one that is clicked."""


@solara.component_vue("vue/table.vue")
def TablePage(
    heads: Sequence[Mapping[str, Any]],
    rows: Sequence[Sequence[Mapping[str, str]]],
    caption: str,
    range: str,
    page: int,
    last: int,
    event_sort: Callback,
    event_turn: Callback,
) -> None:
    """Show one page of a table; event_sort receives the column that is clicked, event_turn the requested page."""


@solara.component
def ErrorMessage(text: str) -> None:
    """Show an error."""
    solara.Error(children=[solara.v.Html(tag="pre", children=[text])])


@dataclass(frozen=True, slots=True)
class Attempt[Value]:
    """The value of a computation, or the error that it raised."""

    value: Value | None
    error: str = ""


def attempt[Value](compute: Callable[[], Value]) -> Attempt[Value]:
    """Return the value or the error of a computation; Solara would print an error that a task raises."""
    try:
        return Attempt(compute())
    except WillingError as error:
        return Attempt(None, str(error))
