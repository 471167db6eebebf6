"""Pieces of the view of results that run in the browser, and how it says what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import solara

from sim.errors import WillingError

type Answer = Callable[[Any], None]


@solara.component_vue("vue/shelf.vue")
def ShelfList(entries: Sequence[Mapping[str, str]], chosen: str | None, event_choose: Answer) -> None:
    """List runs and sweeps; event_choose is told the address of one that is clicked."""


@solara.component_vue("vue/table.vue")
def TablePage(
    heads: Sequence[Mapping[str, Any]],
    rows: Sequence[Sequence[Mapping[str, str]]],
    caption: str,
    said: str,
    page: int,
    last: int,
    event_sort: Answer,
    event_turn: Answer,
) -> None:
    """Show one page of a table; event_sort is told the column that is clicked, event_turn the page that is wanted."""


@solara.component
def Trouble(text: str) -> None:
    """Say what went wrong, in the words of the command line."""
    solara.Error(children=[solara.v.Html(tag="pre", children=[text])])


@dataclass(frozen=True, slots=True)
class Attempt[What]:
    """What came of something that may not be possible: the thing, or why it is not there."""

    made: What | None
    trouble: str = ""


def attempt[What](make: Callable[[], What]) -> Attempt[What]:
    """Return what is made, or what the user can mend; a task that raised that would tell it to the console."""
    try:
        return Attempt(make())
    except WillingError as error:
        return Attempt(None, str(error))
