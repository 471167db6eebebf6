"""The page: one case on the desk of each visitor, watched as a bargaining or as odds, and the shelf of results."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.errors import AddressError, WillingError
from sim.plots.sweeps.names import setting as named
from sim.scenario import Scenario, to_yaml
from sim.scenario.written import extending
from sim.ui import controls
from sim.ui.bargaining import Bargaining
from sim.ui.case import Case, View, load, mistakes, path_of, read, value_of, written
from sim.ui.odds import OddsView
from sim.ui.offered import first, references
from sim.ui.parts import Address, Settings
from sim.ui.results import ResultsView
from sim.ui.watched import WatchedModel

VIEWS = {"": "Bargaining", "odds": "Odds", "results": "Results"}
STYLE = Path(__file__).parent / "page.css"
QUICKEST = 20  # rounds a second


@solara.component
def Layout(children: list[Any]) -> None:
    """Leave the layout to the page: Solara's own takes more width than a phone has."""
    solara.Div(classes=["willing-page"], children=children)


@solara.component
def Window() -> None:
    """Lay out the page; every visitor has a desk of their own."""
    router = solara.use_router()
    asked = solara.use_memo(lambda: _asked(router.search), [])
    opened, trouble = asked
    with solara.Div():
        solara.Title("Willing")
        solara.Style(STYLE)
        Desk(opened, trouble)


def _asked(search: str | None) -> tuple[View, str]:
    """Return what the address asks for, or the first scenario and what is wrong with the address."""
    try:
        return read(search), ""
    except AddressError as error:
        return View(case=Case(scenario=first())), str(error)


@solara.component
def Desk(opened: View, trouble: str) -> None:
    """Keep one visitor's case, and show it in the view that the address names."""
    router = solara.use_router()
    view = "/".join(router.parts)
    began = solara.use_memo(lambda: _begin(opened), [])
    model = solara.use_reactive(began[0])
    error, set_error = solara.use_state(trouble or began[1])
    chosen, set_chosen = solara.use_state(opened.state)
    pinned, set_pinned = solara.use_state(opened.pinned)
    result, set_result = solara.use_state(opened.result)
    update_counter.get()
    watched = model.value
    shown = View(
        case=watched.case, round=watched.round if view == "" else 0, state=chosen, pinned=pinned, result=result
    )

    def begin(case: Case) -> None:
        made, said = _begin(View(case=case), otherwise=watched)
        set_error(said)
        model.set(made)

    def change(what: Callable[[], None]) -> None:
        try:
            what()
        except WillingError as mistake:
            set_error(mistakes(mistake))
        else:
            set_error("")
        force_update()

    address = written(shown)
    with solara.Div():
        Address(address=f"/{view}?{address}")
        Views(view, address)
        with solara.Div(classes=["willing-body" if view != "results" else "willing-alone"]):
            if view != "results":
                Side(watched, watched.case, begin, change, view == "")
            with solara.v.Html(tag="main", class_="willing-main"):
                if error:
                    solara.Error(children=[solara.v.Html(tag="pre", children=[error])])
                if view == "results":
                    ResultsView(result, set_result)
                else:
                    Question(watched.case, watched.setup.scenario, view == "")
                if view == "odds":
                    OddsView(watched.case, watched.setup.scenario, pinned, set_pinned, chosen, set_chosen)
                elif view == "":
                    Bargaining(watched, chosen, set_chosen)


@solara.component
def Views(view: str, address: str) -> None:
    """Show the bar over the page, with its views."""
    with solara.v.Html(tag="header", class_="willing-bar"):
        solara.v.Html(tag="span", children=["Willing"], class_="willing-name")
        with solara.v.Html(tag="nav", class_="willing-views"):
            for path, title in VIEWS.items():
                with solara.Link(f"/{path}?{address}"):
                    here = " willing-here" if path == view else ""
                    solara.v.Html(tag="span", children=[title], class_=f"willing-view{here}")


@solara.component
def Side(
    watched: WatchedModel,
    case: Case,
    begin: Callable[[Case], None],
    change: Callable[[Callable[[], None]], None],
    plays: bool,
) -> None:
    """Show what can be set: scenario, play, seed, every setting; and how to keep it."""
    scenario = watched.setup.scenario
    own = solara.use_memo(lambda: load(case.scenario, ()), [case.scenario])
    with solara.Div(classes=["willing-side"]):
        with solara.Div(classes=["willing-play"]):
            solara.Select(
                "Scenario",
                values=list(references()),
                value=case.scenario,
                on_value=lambda name: begin(Case(scenario=name or "")),
            )
            if plays:
                Play(watched, begin).key(f"play {id(watched)}")
            solara.InputInt(
                "Seed of luck", value=case.seed, on_value=lambda seed: begin(replace(case, seed=max(0, seed or 0)))
            )
        with solara.Div(classes=["willing-settings"]):
            Settings(
                groups=controls.groups(scenario, own),
                event_set=lambda moved: change(lambda: watched.set(controls.as_setting(moved["path"], moved["value"]))),
                event_put_back=lambda path: change(lambda: watched.put_back(path)),
            )
            if case.settings or case.turns:
                solara.Button(
                    "Back to the scenario",
                    icon_name="mdi-restore",
                    on_click=lambda: begin(Case(scenario=case.scenario, seed=case.seed)),
                    text=True,
                )
            solara.FileDownload(
                lambda: _as_scenario(case, scenario),
                filename=f"{scenario.name}-what-if.yaml",
                label="Save as scenario",
                mime_type="application/yaml",
            )


@solara.component
def Play(watched: WatchedModel, begin: Callable[[Case], None]) -> None:
    """Let the model play, step by step or by itself, and begin anew with the settings as they stand.

    Mesa's own controller plays one more round after a pause, into the next model if that has come by then.
    """
    playing, set_playing = solara.use_state(False)
    speed = solara.use_reactive(5)
    update_counter.get()
    ended = not watched.running

    def play() -> Callable[[], None] | None:
        if not playing:
            return None
        stop = threading.Event()

        def rounds() -> None:
            while watched.running and not stop.wait(1.0 / speed.value):
                watched.step()
                force_update()
            if not stop.is_set():
                set_playing(False)

        threading.Thread(target=rounds, daemon=True).start()
        return stop.set

    def step() -> None:
        watched.step()
        force_update()

    def reset() -> None:
        set_playing(False)
        begin(watched.case.from_the_start())

    solara.use_effect(play, [playing, watched])
    with solara.Div(classes=["willing-buttons"]):
        solara.Button("Reset", icon_name="mdi-skip-backward", on_click=reset, outlined=True)
        solara.Button(
            "Pause" if playing else "Play",
            icon_name="mdi-pause" if playing else "mdi-play",
            on_click=lambda: set_playing(not playing),
            disabled=ended,
            color="primary",
        )
        solara.Button("Step", icon_name="mdi-skip-next", on_click=step, disabled=playing or ended, outlined=True)
    solara.SliderInt("Rounds a second", value=speed, min=1, max=QUICKEST)


@solara.component
def Question(case: Case, scenario: Scenario, plays: bool) -> None:
    """Say what the scenario asks, and what was moved since."""
    solara.v.Html(tag="h1", children=[scenario.question], class_="willing-question")
    if scenario.about:
        with solara.Details(summary="What it supposes"):
            solara.v.Html(tag="p", children=[scenario.about])
            for source in scenario.sources:
                solara.v.Html(tag="p", children=[f"Source: {source}"], class_="willing-note")
    for turn in case.turns if plays else ():
        name = named(path_of(turn.setting), scenario, unit="").name
        said = f"From round {turn.after + 1}: {name} {value_of(turn.setting)}"
        solara.v.Html(tag="p", children=[said], class_="willing-turn")
    if case.turns and not plays:
        solara.v.Html(
            tag="p",
            children=["Settings that were moved in mid-run hold from the first round here."],
            class_="willing-turn",
        )


def _begin(opened: View, otherwise: WatchedModel | None = None) -> tuple[WatchedModel, str]:
    """Return a model that plays a case, or another one and what is wrong with the case."""
    try:
        return WatchedModel(opened.case, opened.round), ""
    except WillingError as error:
        return otherwise or _something(opened.case), mistakes(error)


def _something(case: Case) -> WatchedModel:
    """Return a model of what comes nearest to a case that cannot be played."""
    for nearest in (Case(scenario=case.scenario), Case(scenario=first())):
        try:
            return WatchedModel(nearest)
        except WillingError:
            continue
    return WatchedModel(Case(scenario=next(iter(references()))))


def _as_scenario(case: Case, scenario: Scenario) -> str:
    """Return a case as a scenario file: what it changes, or the whole where it extends a file of the user's."""
    settings = ", ".join(case.in_force)
    if references()[case.scenario] != case.scenario:
        return to_yaml(scenario)
    question = f"{scenario.question} What if {settings}?" if settings else scenario.question
    return extending(case.scenario, case.in_force, question=question, about=scenario.about)


routes = [
    solara.Route(path=view or "/", component=Window, layout=None if view else Layout, label="Willing") for view in VIEWS
]
