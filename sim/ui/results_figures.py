"""The figures of a run or a sweep: saved, redrawn from its tables, or drawn over any two factors of a sweep."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from threading import Lock

import solara
import solara.lab
from matplotlib.figure import Figure

from sim import api
from sim.errors import FigureError, ResultsError
from sim.experiment.adhoc_figures import adhoc_figure
from sim.experiment.experiment import Experiment
from sim.experiment.store import read_summary
from sim.plots import FIGURES
from sim.plots.style import DPI
from sim.plots.sweeps import draw
from sim.ui.result_index import ResultEntry, pictures, read_picture
from sim.ui.result_reader import StoredResult
from sim.ui.results_components import ErrorMessage, attempt
from sim.ui.results_labels import factor_label, factor_name, labels_of

type Images = dict[str, bytes | str]  # by name: the PNG file, or the error

_DRAWING = Lock()  # one figure at a time: matplotlib is not thread-safe


@solara.component
def StoredFigures(stored: StoredResult) -> None:
    """Show the figures in the folder, or redraw them if there are none."""
    saved = solara.use_memo(lambda: read_pictures(stored), [])
    if saved:
        for name, content in saved.items():
            Picture(name, content, stored.entry)
    elif stored.note or stored.damage:
        solara.v.Html(tag="p", class_="willing-hint", children=["Its folder has no figures."])
    else:
        RedrawnFigures(stored)


@solara.component
def RedrawnFigures(stored: StoredResult) -> None:
    """Redraw the figures of a run or a sweep from its tables."""
    drawing = solara.lab.use_task(lambda: attempt(lambda: redraw(stored)), dependencies=[])
    solara.v.Html(
        tag="p", class_="willing-hint", children=["Its folder has no figures; these are redrawn from its tables."]
    )
    solara.ProgressLinear(bool(drawing.pending))
    drawn = drawing.value if drawing.finished else None
    if drawn is not None:
        if drawn.error:
            ErrorMessage(drawn.error)
        for name, content in (drawn.value or {}).items():
            Picture(name, content, stored.entry)


@solara.component
def Picture(name: str, content: bytes | str, entry: ResultEntry) -> None:
    """Show a figure with its name, or the error."""
    if isinstance(content, str):
        ErrorMessage(content)
        return
    image = {
        "src": f"data:image/png;base64,{b64encode(content).decode()}",
        "alt": f"{name}, a figure of {entry.name}; the tables have the numbers",
    }
    with solara.v.Html(tag="figure", class_="willing-picture"):
        solara.v.Html(tag="figcaption", children=[name])
        solara.v.Html(tag="img", attributes=image)


@solara.component
def AnyTwoFactors(stored: StoredResult, experiment: Experiment) -> None:
    """Draw any outcome over any one or two factors: a curve, a heat map or a phase diagram."""
    factors = [factor.name for factor in experiment.factors]
    x, set_x = solara.use_state(factors[0])
    y, set_y = solara.use_state(factors[1] if len(factors) > 1 else "")
    outcome, set_outcome = solara.use_state(experiment.outcomes[0])
    over = "" if y == x else y
    drawing = solara.lab.use_task(
        lambda: attempt(lambda: draw_over(stored, experiment, x, over, outcome)), dependencies=[x, over, outcome]
    )
    labels = solara.use_memo(lambda: {name: factor_label(stored, name) for name in factors}, [])
    names = solara.use_memo(lambda: labels_of(stored), [])
    with solara.Div(classes=["willing-choices"]):
        Choice("Horizontal axis", labels, x, set_x)
        others = {name: label for name, label in labels.items() if name != x}
        Choice("Vertical axis", {"": "none: a curve"} | others, over, set_y)
        Choice("Outcome", {name: names.outcome(name) for name in experiment.outcomes}, outcome, set_outcome)
    solara.ProgressLinear(bool(drawing.pending))
    drawn = drawing.value if drawing.finished else None
    if drawn is not None:
        title = " ".join(
            [names.outcome(outcome), "over", " and ".join(factor_name(stored, name) for name in (x, over) if name)]
        )
        Picture(title, drawn.error if drawn.value is None else drawn.value, stored.entry)


@solara.component
def Choice(label: str, names: dict[str, str], chosen: str, on_choose: Callable[[str], None]) -> None:
    """Show a list of labels from which one name is chosen."""
    solara.v.Select(
        label=label,
        items=[{"value": name, "text": text} for name, text in names.items()],
        v_model=chosen,
        on_v_model=on_choose,
    )


def read_pictures(stored: StoredResult) -> Images:
    """Return the figures in the folder, first those of a run or of the experiment, in that order."""
    paths = pictures(stored.entry)
    own = list(FIGURES) if stored.experiment is None else [str(figure.name) for figure in stored.experiment.figures]
    images: Images = {}
    for name in sorted(paths, key=lambda name: own.index(name) if name in own else len(own)):
        try:
            images[name] = read_picture(paths[name])
        except ResultsError as error:
            images[name] = str(error)
    return images


def redraw(stored: StoredResult) -> Images:
    """Return the figures of a run or a sweep from its tables; ResultsError if those are gone."""
    images: Images = {}
    result = api.open_results(stored.entry.folder, as_played=True)
    for name in result.kinds:
        try:
            images[name] = _png(partial(result.plot, name))
        except FigureError as error:
            images[name] = str(error)
    return images


def draw_over(stored: StoredResult, experiment: Experiment, x: str, y: str, outcome: str) -> bytes:
    """Return a figure of an outcome over one or two factors as PNG; FigureError if it cannot be drawn."""
    spec = adhoc_figure(experiment, x, outcome, y=y or None)
    points = {"point", "runs", *(factor.name for factor in experiment.factors)}
    columns = [
        column
        for column in stored.tables[next(iter(stored.tables))].columns
        if column in points or column == outcome or column.startswith(f"{outcome}.")
    ]
    summary = read_summary(stored.entry.folder, stored.manifest["Reference"], columns)
    return _png(partial(draw, spec, experiment, summary))


def _png(draw_figure: Callable[[], Figure]) -> bytes:
    content = BytesIO()
    with _DRAWING:
        draw_figure().savefig(content, format="png", dpi=DPI)
    return content.getvalue()
