"""Components of the page, rendered to widgets without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipyvuetify
import solara
from ipywidgets import Widget

TIMEOUT = 60.0  # seconds, for a machine under load


class RenderedView:
    """A rendered component and its widgets."""

    def __init__(self, rendered: Any) -> None:
        self.rendered = rendered

    def widgets(self) -> Iterator[Any]:
        """All widgets, from top to bottom."""
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
        """All texts."""
        return "\n".join(child for widget in self.widgets() for child in strings(getattr(widget, "children", ())))

    def with_trait(self, name: str) -> Any:
        """The first widget that has a trait of this name."""
        return next(widget for widget in self.widgets() if widget.has_trait(name))

    def wait_for(self, claim: Callable[[], bool]) -> None:
        """Wait until a condition holds, which threads may change."""
        end = time.monotonic() + TIMEOUT
        while not _holds(claim):
            assert time.monotonic() < end, self.text
            time.sleep(0.02)

    def click(self, label: str) -> None:
        """Click the button with a label."""
        button = next(w for w in self.widgets() if isinstance(w, ipyvuetify.Btn) and label in strings(w.children))
        button.click()

    def select_tab(self, tab: int) -> None:
        """Select a tab by its number."""
        next(widget for widget in self.widgets() if isinstance(widget, ipyvuetify.Tabs)).v_model = tab


def strings(children: Any) -> list[str]:
    """Return the texts among the children of a widget."""
    return [child for child in children if isinstance(child, str)] if isinstance(children, list | tuple) else []


def _holds(claim: Callable[[], bool]) -> bool:
    try:
        return claim()
    except StopIteration:  # the widget does not exist yet
        return False


@contextmanager
def render(element: Any) -> Iterator[RenderedView]:
    """Render a component."""
    _, rendered = solara.render(element, handle_error=False)
    try:
        yield RenderedView(rendered)
    finally:
        rendered.close()
