"""Settings that have no effect given the others: valid, but probably a mistake.

Only settings that a scenario gives itself are reported, not inherited ones, since default values often have no effect
in a variant.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator

from sim.errors import Mistake
from sim.scenario.environment_process import LogitAR1, Ramp, Schedule
from sim.scenario.parties import IDLE_WITHOUT_OPPONENT
from sim.scenario.scheduled_changes import changed_throughout, forced_rounds, rounds_of, stages
from sim.scenario.schema import Environment, Scenario
from sim.scenario.syntax_tree import Block, Items, Node, Place
from sim.scenario.unchecked import UncheckedScenario

type Path = tuple[str | int | datetime.date, ...]
type Doubt = tuple[Iterable[Path], str]  # possible paths: the first that the scenario gives itself counts

_MOST_COMPARED = 20  # changes, each of which is left out in turn


def warnings(draft: UncheckedScenario, scenario: Scenario) -> list[Mistake]:
    """Return the settings of a draft that have no effect, each with its place, in the order of the rules."""
    each_stage = [stage for _, stage in stages(scenario)]
    doubts = [(rule, doubt) for rule in _OF_THE_WHOLE for doubt in rule(scenario)]
    for rule in _OF_EVERY_STAGE:  # idle settings have to be idle before and after every change
        first, *others = [{tuple(paths): message for paths, message in rule(stage)} for stage in each_stage]
        doubts += [(rule, (paths, first[paths])) for paths in first if all(paths in other for other in others)]
    by_place: dict[tuple[object, ...], Mistake] = {}
    for rule, (paths, message) in doubts:
        places = [(path, place) for path in paths if (place := _place(draft.tree, path)) is not None]
        own = [(path, place) for path, place in places if place.source.name not in draft.inherited]
        if draft.extends_nothing and rule in (
            _idle,
            _considerations,
        ):  # such a scenario has to give every setting, idle or not
            own = [(path, place) for path, place in own if place.source.is_setting]
        for path, place in sorted(own, key=lambda each: not each[1].source.is_setting)[:1]:  # single settings first
            warning = place.mistake(message, ".".join(str(key) for key in path if not isinstance(key, int)))
            by_place.setdefault((warning.file, warning.line, warning.column, warning.path), warning)
    return list(by_place.values())


def _place(tree: Block, path: Path) -> Place | None:
    """Return the place of the key at a path; None if it is not written."""
    node: Node | None = tree
    place = None
    for key in path:
        if isinstance(node, Items) and isinstance(key, int) and key < len(node.items):
            node = node.items[key]
            place = node.place
        elif isinstance(node, Block) and key in node.entries:
            entry = node.entries[key]  # type: ignore[index]
            node, place = entry.node, entry.key
        else:
            return None
    return place


def _path(words: str) -> Path:
    return tuple(words.split("."))


def _openings(scenario: Scenario) -> Iterator[Doubt]:
    """Warn of opening stances, which last until a state first revises; usually a forced stance was meant."""
    forced = {code: option for code, option, rounds in forced_rounds(scenario) if 1 in rounds and option}
    one_by_one = scenario.activation == "one_at_a_time"
    waits = len(scenario.roster.asked) if one_by_one else math.inf if scenario.revision == 0 else 1 / scenario.revision
    for code, option in scenario.opening.items() if isinstance(scenario.opening, dict) else ():
        path = [("opening", code)]
        if code not in scenario.roster.asked:
            yield path, f"{code} is not asked, so its opening stance has no effect"
        elif code in forced:
            if forced[code] != option:
                yield path, f"has no effect: {code} is forced to declare {forced[code]} from the first round on"
        elif waits < scenario.rounds:
            yield (
                path,
                f"{code} holds {option} only until it first revises its stance, on average after {waits:.0f} "
                f"round{'s' if round(waits) != 1 else ''}, and then chooses for itself; to make it declare {option} "
                f"throughout, write force: {{{code}: {option}}}, or --force {code}={option}",
            )


def _leads(scenario: Scenario) -> Iterator[Doubt]:
    if not scenario.leads:
        yield [("leads",)], "there are no leads, so the proposal is never changed, and no force is ever viable"


def _asks(scenario: Scenario) -> Iterator[Doubt]:
    proposal = scenario.proposal
    headline = scenario.menu[proposal.headline]
    if 0 < headline.ask < proposal.floor and proposal.redimensions:
        yield (
            [_path("proposal.floor"), ("menu", proposal.headline, "ask")],
            f"the floor of {proposal.floor:,} soldiers is above the ask for {proposal.headline}, {headline.ask:,}, so "
            "the leads never cut the ask; they move the headline down at once",
        )
    for name, option in scenario.menu.items():
        paths = [("menu", name, "ask"), ("menu", name, "share")]
        if option.ask > 0 and option.share == 0.0:
            yield paths, f"{name} asks for {option.ask:,} soldiers and no state offers any, so it can never be viable"
        for part in ("deters", "home_tie_counts"):
            if getattr(option, part) > 0 and option.share == 0.0:
                yield [("menu", name, part)], f"has no effect: no state offers soldiers to {name} (its share is 0)"


def _considerations(scenario: Scenario) -> Iterator[Doubt]:
    raised = {name for option in scenario.menu.values() for name, strength in option.raises.items() if strength}
    weighed = {name for name, weight in scenario.weights.items() if weight}
    for name in weighed - raised:
        yield [("weights", name)], f"has no effect: no option raises {name}"
    for option, settings in scenario.menu.items():
        for name, strength in settings.raises.items():
            if strength and name not in weighed:
                yield [("menu", option, "raises", name)], f"has no effect: the weight of {name} is 0"
    for code, override in scenario.states.items():
        if code not in (*scenario.roster.asked, scenario.host, scenario.opponent):
            yield [("states", code)], f"has no effect: {code} is not asked"
            continue
        for name in override.feels:
            if name not in weighed or name not in raised:
                why = f"the weight of {name} is 0" if name not in weighed else f"no option raises {name}"
                yield [("states", code, "feels", name)], f"has no effect: {why}"


def _environment(scenario: Scenario) -> Iterator[Doubt]:
    last = scenario.start + datetime.timedelta(days=scenario.round_days * (scenario.rounds - 1))
    for name in Environment.model_fields:
        process, path = getattr(scenario.environment, name), ("environment", name)
        match process:
            case Schedule():
                late = [date for date in process.values if date > last]
                late = (
                    late[1:] if process.between == "linear" else late
                )  # the first still determines the slope of the line
                if late:
                    more = f"; so do {len(late) - 1} more" if len(late) > 1 else ""
                    yield [(*path, "values", late[0])], f"has no effect: it is after the last round, {last}{more}"
            case Ramp() if process.start_round >= scenario.rounds:
                yield (
                    [(*path, "start_round")],
                    f"begins to change in round {process.start_round}, and the run has {scenario.rounds} rounds; it "
                    f"stays at {process.start_value}",
                )
            case LogitAR1():
                jumps = process.jump_chance > 0 and process.jump_size > 0
                if process.volatility == 0 and not jumps:
                    yield [(*path, "volatility"), path], f"never changes: it stays at its level, {process.level}"
                for part, other in (("jump_chance", "jump_size"), ("jump_size", "jump_chance")):
                    if getattr(process, part) > 0 and getattr(process, other) == 0:
                        yield [(*path, part)], f"has no effect: {other} is 0"


def _idle(scenario: Scenario) -> Iterator[Doubt]:
    """Warn of settings of rules that another setting switches off."""
    menu, ceasefire = scenario.menu.values(), scenario.ceasefire
    redimensioning = [f"proposal.{name}" for name in ("patience", "cut", "floor", "rise", "clarity_cost", "planning")]
    no_truce = ceasefire.phase == "fighting" and ceasefire.truce_hazard == 0
    no_momentum = not scenario.weights.get("momentum")
    idle: list[tuple[bool, str, list[str]]] = [
        (not scenario.proposal.redimensions, "proposal.redimensions is false", redimensioning),
        (not scenario.leads, "there are no leads", [*redimensioning, "forces.lead_factor", "momentum.lead_factor"]),
        (
            scenario.deterrence.punishment == 0,
            "deterrence.punishment is 0",
            ["deterrence.economic_reach", *(f"menu.{name}.punishes" for name in scenario.menu)],
        ),
        (
            not any(option.punishes for option in menu),
            "no option punishes",
            ["deterrence.punishment", "deterrence.economic_reach"],
        ),
        (
            scenario.opponent is None,
            "there is no opponent",
            [path for path in IDLE_WITHOUT_OPPONENT if not path.startswith("weights.") or path[8:] in scenario.weights],
        ),
        (scenario.couplings.us_response == 0, "couplings.us_response is 0", ["couplings.solid_offer"]),
        (
            not any(option.provokes for option in menu),
            "no option provokes",
            ["couplings.russian_reaction", "ceasefire.troops_slow"],
        ),
        (
            no_momentum,
            "the weight of momentum is 0",
            [
                *(f"momentum.{name}" for name in ("formats", "counts", "budgets_count", "lead_factor")),
                *(f"menu.{name}.peer_norm" for name in scenario.menu),
            ],
        ),
        (not any(option.ask for option in menu), "no option has an ask", ["belief.floor", "belief.spread"]),
        (math.isinf(scenario.sharpness), "in best reply (sharpness .inf) there are no taste shocks", ["turnover"]),
        (scenario.activation == "one_at_a_time", "one state a round revises (activation one_at_a_time)", ["revision"]),
        (
            scenario.revision == 0 and scenario.activation != "one_at_a_time",
            "no state ever revises (revision is 0)",
            ["turnover", "sharpness"],
        ),
        (ceasefire.sincere_chance == 1, "ceasefire.sincere_chance is 1", ["ceasefire.breakdown_hazard"]),
        (
            no_truce,
            "no truce ever begins (ceasefire.truce_hazard is 0)",
            [
                *(f"ceasefire.{name}" for name in ("deal_hazard", "breakdown_hazard", "sincere_chance")),
                *(f"ceasefire.{name}" for name in ("violations_sincere", "violations_insincere")),
                *(f"ceasefire.{name}" for name in ("opposition_slows", "troops_slow")),
                *(f"couplings.{name}" for name in ("us_response", "solid_offer")),
            ],
        ),
    ]
    for is_off, why, paths in idle:
        for path in paths if is_off else ():
            if _value(scenario, path):
                yield [_path(path)], f"has no effect: {why}"


def _value(scenario: Scenario, path: str) -> object:
    """Return the value at a path; settings that are 0 or false are not reported."""
    part: object = scenario
    for name in path.split("."):
        part = part.get(name) if isinstance(part, dict) else getattr(part, name)
    return part


def _dates(scenario: Scenario) -> Iterator[Doubt]:
    """Warn of forced stances and changes outside the run."""
    last = scenario.start + datetime.timedelta(days=scenario.round_days * (scenario.rounds - 1))
    run = f"the rounds run from {scenario.start} to {last}"
    for code, force in scenario.force.items():
        if not rounds_of(scenario, force.from_, force.until):
            yield [("force", code)], f"has no effect: no round falls between its dates; {run}"
    for name in dict.fromkeys(name for change in scenario.changes for name in change.set):
        if changed_throughout(name, scenario):
            subject = "its level" if name.startswith("environment.") else "its value"
            yield [_path(name)], f"{subject} is never used: changes set it in every round"
    for index, change in enumerate(scenario.changes):
        path: Path = ("changes", index)
        if not rounds_of(scenario, change.at, change.until):
            yield [path], f"has no effect: no round falls between its dates; {run}"
        elif change.at < scenario.start:
            yield [(*path, "at")], f"is before the first round, {scenario.start}; it applies from the start"
        elif not change.force and len(scenario.changes) <= _MOST_COMPARED:
            others = tuple(each for each in scenario.changes if each is not change)
            if _same_course(scenario, scenario.model_copy(update={"changes": others})):
                yield [path], "has no effect: its settings are the same without it"


def _same_course(one: Scenario, other: Scenario) -> bool:
    def course(scenario: Scenario) -> list[tuple[int, Scenario]]:
        steps: list[tuple[int, Scenario]] = []
        for first, stage in stages(scenario):
            if not steps or steps[-1][1] != stage.model_copy(update={"changes": ()}):
                steps.append((first, stage.model_copy(update={"changes": ()})))
        return steps

    return course(one) == course(other)


type Rule = Callable[[Scenario], Iterator[Doubt]]

_OF_THE_WHOLE: tuple[Rule, ...] = (_openings, _dates)
_OF_EVERY_STAGE: tuple[Rule, ...] = (_leads, _asks, _considerations, _environment, _idle)
