"""What is written in a figure, as the tests of figures read it."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text


def texts(made: Figure) -> list[Text]:
    """Return everything that is written in a figure and seen; ticks beyond the end of an axis are not."""
    beyond = {
        id(tick.label1)
        for axes in made.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    found = [text for text in made.findobj(Text) if isinstance(text, Text) and id(text) not in beyond]
    return [text for text in found if text.get_visible() and text.get_text().strip()]
