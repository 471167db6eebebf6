"""Beside the page: what can be set of a case, how it is played, and how it is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.scenario import Scenario, to_yaml
from sim.scenario.export import extending
from sim.text.setting_names import setting_name
from sim.text.words import date_text, listed
from sim.ui import controls
from sim.ui.case import Case, path_of, played, settings_of_case, value_of
from sim.ui.catalogue import references
from sim.ui.components import Seed, Settings
from sim.ui.live_model import LiveModel

QUICKEST = 20  # rounds a second
WORDS_ONLY = ("name", "question", "about", "sources")


@solara.component
def Sidebar(
    watched: LiveModel,
    case: Case,
    scenario: Scenario,
    picked: str,
    begin: Callable[[Case], None],
    begin_with: Callable[[str], None],
    change: Callable[[Callable[[], None]], None],
    plays: bool,
) -> None:
    """Show what can be set: scenario, play, seed, every setting; and how to keep it.

    scenario: with the settings that are shown; picked: the name of the one that was asked for.
    """
    with solara.Div(classes=["willing-side"]):
        with solara.Div(classes=["willing-play"]):
            solara.Select(
                "Scenario",
                values=list(references()),
                value=picked,
                on_value=lambda name: begin(Case(scenario=name or "")),
            )
            if plays:
                Play(watched, begin).key(f"play {id(watched)}")
            Seed(seed=str(case.seed), event_set=begin_with)
        with solara.Div(classes=["willing-settings"]):
            Settings(
                groups=controls.groups(scenario, watched.own),
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
                lambda: as_scenario(watched, scenario),
                filename=f"{scenario.name}-what-if.yaml",
                label="Save as scenario",
                mime_type="application/yaml",
            )


@solara.component
def Play(watched: LiveModel, begin: Callable[[Case], None]) -> None:
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
    solara.SliderInt(f"Rounds a second: {speed.value}", value=speed, min=1, max=QUICKEST)


def as_scenario(watched: LiveModel, scenario: Scenario) -> str:
    """Return a case as a scenario file: what it changes, or the whole where it extends a file of the user's."""
    case = watched.case
    if references()[case.scenario] != case.scenario:
        return to_yaml(played(watched.taken, case))
    start = [setting for setting in case.settings if path_of(setting) not in WORDS_ONLY]
    dated = settings_of_case(watched.taken, case)[len(case.settings) :]
    moved = [in_words(setting, scenario, " at ") for setting in start]
    for setting in dated:
        date, _, undated = setting.partition(" ")
        moved.append(f"{in_words(undated, scenario, ' at ')} from {date_text(date)}")
    question = f"{scenario.question} What if, with {listed(moved)}?" if moved else scenario.question
    return extending(case.scenario, [*start, *dated], question=question, about=scenario.about)


def in_words(setting: str, scenario: Scenario, between: str = " ") -> str:
    """Return PATH=VALUE in words, with what stands between the name of the setting and its value."""
    path, value = path_of(setting), value_of(setting)
    name = setting_name(path, scenario, unit="").phrase
    if not path.startswith("force."):
        return f"{name}{between}{value}"
    state = name.removeprefix("the forced stance of ")
    return f"{state} free to choose" if value == "null" else f"{state} forced to declare {value}"
