"""A part of the page that is shown without a browser, as far as its widgets tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipyvuetify
import solara
from ipywidgets import Widget

PATIENCE = 60.0  # seconds that a loaded machine may take to open or to draw


class Shown:
    """A view that is shown, as far as its widgets tell."""

    def __init__(self, rendered: Any) -> None:
        self.rendered = rendered

    def widgets(self) -> Iterator[Any]:
        """All widgets, from above to below."""
        seen: set[int] = set()

        def under(value: Any) -> Iterator[Any]:
            if isinstance(value, Widget) and id(value) not in seen:
                seen.add(id(value))
                yield value
                yield from under(getattr(value, "children", ()))
            elif isinstance(value, list | tuple):
                for each in value:
                    yield from under(each)

        return under(self.rendered.container)

    @property
    def text(self) -> str:
        """All that is written."""
        return "\n".join(child for widget in self.widgets() for child in strings(getattr(widget, "children", ())))

    def with_trait(self, name: str) -> Any:
        """The first widget that has such a trait."""
        return next(widget for widget in self.widgets() if widget.has_trait(name))

    def wait_for(self, claim: Callable[[], bool]) -> None:
        """Wait until what is done in threads has come to what is claimed."""
        end = time.monotonic() + PATIENCE
        while not _holds(claim):
            assert time.monotonic() < end, self.text
            time.sleep(0.02)

    def click(self, label: str) -> None:
        """Click a button."""
        button = next(w for w in self.widgets() if isinstance(w, ipyvuetify.Btn) and label in strings(w.children))
        button.click()

    def turn_to(self, tab: int) -> None:
        """Turn to one of the tabs."""
        next(widget for widget in self.widgets() if isinstance(widget, ipyvuetify.Tabs)).v_model = tab


def strings(children: Any) -> list[str]:
    """Return what is written among the children of a widget."""
    return [child for child in children if isinstance(child, str)] if isinstance(children, list | tuple) else []


def _holds(claim: Callable[[], bool]) -> bool:
    try:
        return claim()
    except StopIteration:  # the widget is not there yet
        return False


@contextmanager
def shown(element: Any) -> Iterator[Shown]:
    """Show a part of the page."""
    _, rendered = solara.render(element, handle_error=False)
    try:
        yield Shown(rendered)
    finally:
        rendered.close()
