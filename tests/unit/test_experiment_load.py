"""An experiment says what it varies; each mistake is told with its place; each point is the scenario that it says."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table
from sim.experiment.factor import Choices, Levels, Range
from sim.experiment.schema import Grid, Saltelli
from sim.scenario import digest, files, load_scenario
from sim.scenario.environment_process import Constant, LogitAR1, Ramp

WHOLE = Path(__file__).parents[1] / "cli" / "broken" / "whole.yaml"
HEAD = "question: What is wrong here?\nscenario: whole\n"
TAIL = "replicates: 10\noutcomes: [viable]\n"
ASK = "vary: {menu.troops.ask: [1000, 2000]}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a small whole scenario and another, and nothing shipped, so that messages hang on nothing else."""
    (tmp_path / "whole.yaml").write_bytes(WHOLE.read_bytes())
    (tmp_path / "other.yaml").write_text("extends: whole\nquestion: x\nmenu: {backstop: ~}\n")
    nowhere = tmp_path / "shipped"
    nowhere.mkdir()
    monkeypatch.setattr(files, "_shipped_folder", lambda _: nowhere)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, head: str = HEAD, tail: str = TAIL) -> Experiment:
    Path("x.yaml").write_text(head + text + tail, encoding="utf-8")
    return load_experiment("x.yaml")


def refused(text: str, head: str = HEAD, tail: str = TAIL) -> list[str]:
    """Return the messages, without the lines that they show."""
    with pytest.raises(ScenarioError) as told:
        load(text, head, tail)
    assert told.value.mistakes
    return [line for line in str(told.value).splitlines() if not line.startswith("    ")]


# what a file says


def test_an_experiment_has_the_values_of_its_file(folder):
    experiment = load(
        "about: why\nsources: [a, b]\nseed: 7\nrounds: 5\ndesign: {saltelli: {base: 4}}\n"
        "vary:\n"
        "  environment.us_backing: {from: 0, to: 1}\n"
        "  menu.troops.ask: {from: 1000, to: 9000, scale: log}\n"
        "  activation: [simultaneous, leads_first]\n"
        "  dishes: {choices: {both: {}, no backstop: {menu: {backstop: ~}}}}\n"
    )
    assert (experiment.name, experiment.question, experiment.about) == ("x", "What is wrong here?", "why")
    assert (experiment.sources, experiment.scenarios) == (("a", "b"), ("whole",))
    assert (experiment.replicates, experiment.seed, experiment.rounds) == (10, 7, 5)
    assert experiment.design == Saltelli(base=4, second_order=False, seed=0)
    backing, ask, activation, dishes = experiment.factors
    assert isinstance(backing, Range)
    assert (backing.low, backing.high, backing.is_whole) == (0.0, 1.0, False)
    assert backing.about == "strength of United States backing for the force"
    assert isinstance(ask, Range)
    assert (ask.scale, ask.is_whole, ask.unit) == ("log", True, "soldiers")
    assert isinstance(activation, Levels)
    assert activation.levels == ("simultaneous", "leads_first")
    assert isinstance(dishes, Choices)
    assert dishes.levels == ("both", "no backstop")
    assert experiment.factor("dishes") is dishes


def test_the_design_is_a_grid_unless_another_is_named(folder):
    assert load(ASK).design == Grid()
    assert load(ASK + "design: {grid: {}}\n").design == Grid()


def test_outcomes_of_every_state_are_written_out(folder):
    experiment = load(ASK, tail="replicates: 1\noutcomes: [joins.*, stance.POL, headline]\n")
    assert experiment.outcomes == ("joins.GBR", "joins.FRA", "joins.POL", "stance.POL", "headline")
    assert [experiment.is_word(outcome) for outcome in experiment.outcomes] == [False, False, False, True, True]


def test_outcomes_may_be_of_any_option_that_is_on_the_menu_at_some_level(folder):
    watch = "{label: Watch, rung: 1, ask: 0, share: 0, home_tie_counts: 0, deters: 0, punishes: 0, provokes: 0, "
    watch += "peer_norm: 0.5, raises: {constant: -1}}"
    vary = f"vary: {{menus: {{choices: {{with: {{menu: {{watch: {watch}}}}}, without: {{}}}}}}}}\n"
    experiment = load(vary, tail="replicates: 1\noutcomes: [watch_states]\n")
    assert set(experiment.options) == {"abstain", "watch", "backstop", "troops"}
    assert experiment.options[0] == "abstain"


def test_figures_have_unique_names(folder):
    figure = "{kind: cliff, x: menu.troops.ask, outcome: viable}"
    named = "{kind: cliff, x: menu.troops.ask, outcome: viable, name: mine}"
    experiment = load(ASK + f"figures: [{figure}, {named}, {figure}, {figure}]\n")
    assert [each.name for each in experiment.figures] == ["cliff-viable", "mine", "cliff-viable-2", "cliff-viable-3"]


def test_a_figure_names_its_factors_and_outcomes(folder):
    text = "vary: {turnover: [0, 1], menu.troops.ask: [1, 2]}\n"
    figure = "{kind: phase, x: menu.troops.ask, y: turnover, outcome: headline, contour: viable}"
    experiment = load(text + f"figures: [{figure}]\n", tail="replicates: 1\noutcomes: [headline, viable]\n")
    assert experiment.figures[0].factors == ("menu.troops.ask", "turnover")
    assert experiment.figures[0].measured == ("headline", "viable")


def test_rounds_replace_those_of_every_scenario(folder):
    experiment = load(ASK + "rounds: 3\n", head="question: x\nscenario: [whole, other]\n")
    assert [scenario.rounds for scenario in experiment.bases] == [3, 3]


def test_a_scenario_is_a_shipped_one_or_one_beside_the_experiment(folder):
    (folder / "shipped" / "base.yaml").write_bytes(WHOLE.read_bytes())
    (folder / "base.yaml").write_text("extends: whole\nquestion: x\nrounds: 3\n")
    assert load(ASK, head="question: x\nscenario: base\n").bases[0].rounds != 3
    assert load(ASK, head="question: x\nscenario: base.yaml\n").bases[0].rounds == 3
    assert load(ASK, head="question: x\nscenario: other\n").scenarios == ("other",)


# what is wrong with one


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("menu.troops.aks: {from: 1, to: 5, steps: 3}",
         "x.yaml:4:15: menu.troops.aks: unknown field; did you mean 'ask'?"),
        ("menu.tropps.ask: [1, 2]",
         "x.yaml:4:8: menu.tropps: no option 'tropps' on the menu; did you mean 'troops'? A new one needs label, rung, "
         "share, home_tie_counts, deters, punishes, provokes, peer_norm, raises too"),
        ("weights.solidarty: [1, 2]",
         "x.yaml:4:11: weights.solidarty: no such consideration; did you mean 'solidarity'?"),
        ("states.DUE.facts.gdp_busd: [1, 2]",
         "x.yaml:4:10: states.DUE: no state 'DUE' in the table, on the roster, or as host or "
         "opponent; did you mean DEU (Germany)?"),
        ("'menu.troops.aks': [1, 2]",
         "x.yaml:4:16: menu.troops.aks: unknown field; did you mean 'ask'?"),
        ("menu.troops.ask: {from: 5000, to: 100000000, steps: 3}",
         "x.yaml:4:37: menu.troops.ask: 100000000 is out of range; give a number from 0 to 10,000,000 (soldiers)"),
        ("menu.troops.ask: [1000, 0.5]", "x.yaml:4:27: menu.troops.ask: 0.5 is not a whole number"),
        ("environment.us_backing: [0, 40%]",
         "x.yaml:4:31: environment.us_backing: '40%' is not a number; did you mean 0.4?"),
        ("activation: [simultaneous, leads_frist]",
         "x.yaml:4:30: activation: 'leads_frist'; must be simultaneous, random_sequence, leads_first or one_at_a_time; "
         "did you mean 'leads_first'?"),
        ("opening: [abstain, trops]", "x.yaml:4:22: opening: no option 'trops'; did you mean 'troops'?"),
        ("ceasefire.violations_sincere: [1, 7]",
         "x.yaml:4:37: ceasefire.violations_sincere: 7 must be less than violations_insincere, which is 6"),
        ("ceasefire.violations_insincere: [2, 7]",
         "x.yaml:4:36: vary.ceasefire.violations_insincere: with 2 in whole: ceasefire.violations_sincere: 3 must be "
         "less than violations_insincere, which is 2"),
        ("environment.mandate.level: [0, 1]",
         "x.yaml:4:3: vary.environment.mandate.level: environment.mandate is 0.1 in whole and has nothing inside; "
         "vary environment.mandate itself"),
        ("environment.us_backing: {from: 0, to: 1}",
         "x.yaml:4:27: vary.environment.us_backing: a range needs steps in the design grid; "
         "write {from: ..., to: ..., steps: 11}"),
        ("environment.us_backing: {from: 1, to: 0, steps: 3}",
         "x.yaml:4:27: vary.environment.us_backing: from 1 must be less than to 0"),
        ("menu.troops.ask: {from: 0, to: 9, steps: 3, scale: log}",
         "x.yaml:4:20: vary.menu.troops.ask: from 0 must be above 0 on a log scale"),
        ("menu.troops.ask: {from: 0, to: 9, step: 3}",
         "x.yaml:4:37: vary.menu.troops.ask.step: unknown field; did you mean 'steps'?"),
        ("menu.troops.ask: {from: 0, steps: 3}", "x.yaml:4:3: vary.menu.troops.ask.to: missing; give it"),
        ("environment.us_backing: 0.5",
         "x.yaml:4:27: vary.environment.us_backing: must be a range such as {from: 0, to: 1, steps: 11}, "
         "a list of levels, or {choices: ...}"),
        ("rounds: [3]", "x.yaml:4:11: vary.rounds: give at least two levels; a single one is set in the scenario"),
        ("rounds: [3, 4, 3]", "x.yaml:4:18: vary.rounds: 3 is given twice; keep one of the two"),
        ("opening: [abstain, {GBR: troops}]",
         "x.yaml:4:22: vary.opening: a level is a number or a word; for more, write "
         "{choices: {label: {...}, label: {...}}}"),
        ("question: [a, b]",
         "x.yaml:4:3: vary.question: cannot be varied; name a setting that affects a run"),
        ("menu..ask: [1, 2]",
         "x.yaml:4:3: vary.menu..ask: is not the path of a setting; give one such as menu.troops.ask"),
        ("scenario: [whole, other]",
         "x.yaml:4:3: vary.scenario: scenarios are compared by `scenario: [base, paris-march-2025]` at the top"),
        ("viable: {choices: {a: {}, b: {rounds: 3}}}",
         "x.yaml:4:3: vary.viable: is the name of a column of the results; choose another label"),
        ("dishes: {choices: {all: {}, none: {menu: {backstpo: ~}}}}",
         "x.yaml:4:45: menu.backstpo: nothing to remove; did you mean 'backstop'?"),
        ("dishes: {choices: {all: {}}}",
         "x.yaml:4:21: vary.dishes: give at least two choices"),
        ("dishes: {choices: {all: , b: {rounds: 3}}}",
         "x.yaml:4:22: vary.dishes.choices.all: empty, where a mapping is needed"),
        ("dishes: {choices: {all: {}, b: {name: x}}}",
         "x.yaml:4:35: vary.dishes.choices.b.name: cannot be varied; name settings that affect a run"),
        ("dishes: {choices: {all: {}, b: {menu: {troops: ~}}}}",
         "x.yaml:4:34: vary.dishes: with 'b' in whole: proposal.headline: no option 'troops'; known here: backstop"),
    ],
)  # fmt: skip
def test_a_malformed_factor_is_reported_with_its_place(folder, vary, message):
    assert refused(f"vary:\n  {vary}\n") == [message]


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("rounds: [3, 4]\n  rounds: [5, 6]",
         "x.yaml:5:3: vary.rounds: given twice, first in line 4; keep one of the two"),
        ("environment.us_backing: [0, 1]\n  environment.us_backing.end_value: [0, 1]",
         "x.yaml:5:3: vary.environment.us_backing.end_value: environment.us_backing.end_value is changed by "
         "'environment.us_backing' too, in line 4; vary it once"),
        ("menu.backstop.deters: [1, 2]\n  x: {choices: {a: {menu: {backstop: ~}}, b: {}}}",
         "x.yaml:5:3: vary.x: menu.backstop.deters is changed by 'menu.backstop.deters' too, in line 4; vary it once"),
        ("x: {choices: {a: {rounds: 3}, b: {}}}\n  y: {choices: {a: {rounds: 4}, b: {}}}",
         "x.yaml:5:3: vary.y: rounds is changed by 'x' too, in line 4; vary it once"),
    ],
)  # fmt: skip
def test_no_setting_is_changed_by_two_factors(folder, vary, message):
    assert refused(f"vary:\n  {vary}\n") == [message]


def test_rounds_are_either_set_or_varied(folder):
    assert refused("vary:\n  rounds: [3, 4]\n", tail=TAIL + "rounds: 9\n") == [
        "x.yaml:4:3: vary.rounds: rounds are set in line 7 too; keep one of the two"
    ]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("vible", "no outcome 'vible'; did you mean 'viable'?"),
        ("stance.POO", "no state 'POO' on the roster; did you mean POL (Poland)?"),
        ("joins.DEU", "DEU is not on the roster; name a state that is, or write joins.* for all"),
        ("joins.QQQ", "no state 'QQQ' on the roster; name one, or write joins.* for all"),
        ("stance", "of which state? write stance.GBR, or stance.* for all"),
        ("mood.FRA", "no outcome 'mood.FRA'; known here: stance, conditional, joins"),
        ("monitoring_states",
         "no outcome 'monitoring_states' with a menu of backstop, troops; did you mean 'troop_states'?"),
        ("viable, viable", "viable is given twice; keep one of the two"),
        ("joins.GBR, joins.*", "joins.GBR is given twice; keep one of the two"),
    ],
)  # fmt: skip
def test_an_unknown_outcome_is_reported_with_a_suggestion(folder, outcome, message):
    (told,) = refused(ASK, tail=f"replicates: 1\noutcomes: [{outcome}]\n")
    column = 12 + len(outcome) - len(outcome.split(", ")[-1])
    assert told == f"x.yaml:5:{column}: outcomes: {message}"


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ("{kind: het, x: a}", "figures: no kind of figure 'het'; did you mean 'heat'?"),
        ("{x: turnover}", "figures: no kind; give one of phase, cliff, heat, tornado, multiples, hysteresis, effects"),
        ("cliff", "figures: a figure is a mapping, such as {kind: heat, x: ..., y: ..., ...}"),
        ("{kind: cliff, x: turnover}", "figures.outcome: missing; give it"),
        ("{kind: cliff, x: turnovr, outcome: viable}",
         "figures.x: no factor 'turnovr' is varied; did you mean 'turnover'?"),
        ("{kind: cliff, x: opening, outcome: viable}",
         "figures.x: opening has words as levels; a figure of kind cliff needs numbers"),
        ("{kind: cliff, x: turnover, outcome: vaible}",
         "figures.outcome: 'vaible' is not measured; did you mean 'viable'?"),
        ("{kind: cliff, x: turnover, outcome: troop_states}",
         "figures.outcome: 'troop_states' is not measured; add it to `outcomes`"),
        ("{kind: cliff, x: turnover, outcome: headline}",
         "figures.outcome: headline is a word; a cliff needs a number"),
        ("{kind: heat, x: turnover, y: turnover, outcome: viable}", "figures.y: is already x; name another factor"),
        ("{kind: heat, x: turnover, y: opening, outcome: viable, contour: viable}", "figures.contour: unknown field"
         "; known here: title, name, kind, x, y, outcome"),
        ("{kind: phase, x: turnover, y: opening, outcome: viable}",
         "figures.outcome: viable is a number; draw it with kind: heat"),
        ("{kind: phase, x: turnover, y: opening, outcome: headline, contour: headline}",
         "figures.contour: headline is a word; a contour needs a number"),
        ("{kind: hysteresis, x: turnover, outcome: viable, by: revision}",
         "figures.by: revision is a range; name a factor with a list of levels or choices"),
        ("{kind: effects, rows: opening, outcome: viable}",
         "figures.against: no level 'nobody' of opening; name the level to compare with in `against`"),
        ("{kind: effects, rows: opening, outcome: viable, against: abstian}",
         "figures.against: no level 'abstian' of opening; did you mean 'abstain'?"),
        ("{kind: effects, rows: opening, outcome: joins.*, against: abstain}",
         "figures.outcome: 'joins.*' is not measured; add it to `outcomes`"),
        ("{kind: tornado, outcome: viable}",
         "figures.kind: a tornado needs the design one_at_a_time, saltelli or morris, not grid"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_drawn_is_refused(folder, figure, message):
    vary = "vary: {turnover: [0, 1], opening: [abstain, troops], revision: {from: 0, to: 1, steps: 3}}\n"
    (told,) = refused(vary + f"figures: [{figure}]\n", tail="replicates: 1\noutcomes: [viable, headline]\n")
    place, _, said = told.partition(": figures")
    assert place.startswith(("x.yaml:4:", "x.yaml:1:1"))
    assert f"figures{said}" == message


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ("gird", "x.yaml:4:9: design: no design 'gird'; did you mean 'grid'?"),
        ("sobol", "x.yaml:4:9: design: needs to know how many points; write {sobol: {points: 512}}"),
        ("table", "x.yaml:4:9: design: which? write {table: points.csv}"),
        ("{sobl: {points: 4}}", "x.yaml:4:10: design.sobl: unknown field; did you mean 'sobol'?"),
        ("{sobol: {}}", "x.yaml:4:10: design.sobol.points: missing; give it"),
        ("{sobol: {points: 100}}", "x.yaml:4:26: design.sobol.points: 100 is not a power of two; give 64 or 128"),
        ("{saltelli: {base: 3}}", "x.yaml:4:27: design.saltelli.base: 3 is not a power of two; give 2 or 4"),
        ("{saltelli: {base: 4, second: true}}",
         "x.yaml:4:30: design.saltelli.second: unknown field; did you mean 'second_order'?"),
        ("{saltelli: {base: 4}, grid: {}}", "x.yaml:4:9: design: name one design; these are grid, saltelli"),
        ("{morris: {trajectories: 4, levels: 5}}", "x.yaml:4:44: design.morris.levels: 5 is not an even number"),
        ("{latin_hypercube: {points: 20000000}}",
         "x.yaml:4:36: design.latin_hypercube.points: 20000000 is out of range; "
         "give a number from 1 to 10,000,000 (points)"),
        ("{saltelli: {base: 4194304}}", "x.yaml:4:9: design: 12,582,912 points; at most 10,000,000 can be simulated"),
        ("{table: pionts.csv}",
         "x.yaml:4:17: design.table: there is no file 'pionts.csv' beside this one; did you mean 'points.csv'?"),
        ("{table: ../points.csv}",
         "x.yaml:4:17: design.table: '../points.csv' is not the name of a file beside this one, such as points.csv"),
    ],
)  # fmt: skip
def test_a_design_that_does_not_fit_is_refused(folder, design, message):
    (folder / "points.csv").write_text("menu.troops.ask\n1000\n")
    assert refused(f"{ASK}design: {design}\n") == [message]


@pytest.mark.parametrize(
    ("table", "messages"),
    [
        ("", ["points.csv:1: no column for the factor 'menu.troops.ask'; add one",
              "points.csv:1: no column for the factor 'opening'; add one"]),
        ("menu.troops.ask,opening\n",
         ["points.csv:1: has no points; give one per row, below the names of the factors"]),
        ("menu.troops.aks,opening,opening\n1,abstain,abstain\n",
         ["points.csv:1: no factor 'menu.troops.aks' is varied; did you mean 'menu.troops.ask'?",
          "points.csv:1: column 'opening' appears twice, as columns 2 and 3; remove one",
          "points.csv:1: no column for the factor 'menu.troops.ask'; add one"]),
        ("opening,menu.troops.ask\nabstain,1000\ntrops,1k\n\nabstain,3000\nabstain\ntroops,1000.5\n",
         ["points.csv:3: menu.troops.ask: '1k' is not a number; did you mean 1000?",
          "points.csv:3: opening: no level 'trops'; did you mean 'troops'?",
          "points.csv:5: menu.troops.ask: 3000 is out of range; the experiment varies it from 1000 to 2000",
          "points.csv:6: 1 cells, where the first line names 2 columns",
          "points.csv:7: menu.troops.ask: 1000.5 is not a whole number"]),
        ('opening,menu.troops.ask\n"abstain,1000\n',
         ["points.csv:2: not a CSV line (unexpected end of data); check its quotes"]),
    ],
)  # fmt: skip
def test_a_table_of_points_is_checked_cell_by_cell(folder, table, messages):
    (folder / "points.csv").write_text(table)
    vary = "vary: {menu.troops.ask: {from: 1000, to: 2000}, opening: [abstain, troops]}\n"
    assert refused(vary + "design: {table: points.csv}\n") == messages


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ("replicates: 5000000000\noutcomes: [viable]\n",
         "x.yaml:4:13: replicates: 5000000000 is out of range; give a number from 1 to 4,294,967,296 (replicates)"),
        ("replicates: 1\noutcomes: []\n", "x.yaml:5:11: outcomes: empty; give at least one"),
        ("outcomes: [viable]\n", "x.yaml:1:1: replicates: missing; give it"),
        ("replicates: 1\noutcomes: [viable]\nsed: 3\n", "x.yaml:6:1: sed: unknown field; did you mean 'seed'?"),
        ("replicates: 1\noutcomes: [viable]\nrounds: 0\n",
         "x.yaml:6:9: rounds: 0 is out of range; give a number from 1 to 10,000 (rounds)"),
        ("replicates: 1\noutcomes: [viable]\nseed: -1\n",
         "x.yaml:6:7: seed: -1 is out of range; give a number from 0 to 9,223,372,036,854,775,807"),
    ],
)  # fmt: skip
def test_the_other_keys_of_an_experiment_are_checked_too(folder, tail, message):
    assert refused(ASK, tail=tail) == [message]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("question: x\nscenario: whol\n",
         "x.yaml:2:11: scenario: there is no scenario 'whol' among the shipped ones or beside this file; "
         "did you mean 'whole'?"),
        ("question: x\nscenario: ../whole\n",
         "x.yaml:2:11: scenario: '../whole' is not the name of a scenario; give a name without a folder, such as base"),
        ("question: x\nscenario: [whole, other, whole]\n", "x.yaml:2:26: scenario: whole is named twice"),
        ("question: x\n", "x.yaml:1:1: scenario: missing; give it"),
        ("scenario: whole\n", "x.yaml:1:1: question: missing; say in one sentence what the experiment asks"),
    ],
)  # fmt: skip
def test_the_scenario_and_the_factors_must_exist(folder, head, message):
    assert refused(ASK, head=head) == [message]


def test_a_level_must_fit_every_scenario(folder):
    head = "question: x\nscenario: [whole, other]\n"
    (told,) = refused("vary: {menu.backstop.rung: [1, 2]}\n", head=head)
    assert told.startswith("x.yaml:3:13: menu.backstop: in other: missing: label, ask, ")


def test_mistakes_of_the_scenario_are_reported_with_their_place(folder):
    (folder / "bad.yaml").write_text("extends: whole\nquestion: x\nturnover: 2\n")
    assert refused(ASK, head="question: x\nscenario: bad\n") == [
        "bad.yaml:3:11: turnover: 2 is out of range; give a number from 0 to 1 (share)"
    ]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(folder):
    told = refused(
        "vary:\n  menu.troops.aks: [1, 2]\n  turnover: [0, 2]\ndesign: {sobol: {points: 3}}\n"
        "figures: [{kind: cliff, x: turnovre, outcome: vible}]\n",
        tail="replicates: 0\noutcomes: [vible]\n",
    )
    assert [line.split(": ")[1] for line in told] == [
        "menu.troops.aks", "turnover", "design.sobol.points", "figures.x", "figures.outcome", "replicates", "outcomes",
    ]  # fmt: skip


def test_a_missing_experiment_is_reported_as_a_missing_scenario_is(folder):
    (folder / "shipped" / "one.yaml").write_text("question: x\n")
    with pytest.raises(ScenarioError, match=r"^on: there is no such file, nor a shipped experiment of that name"):
        load_experiment("on")
    Path("x.yaml").write_text("- 1\n")
    with pytest.raises(ScenarioError, match="holds a list, not a mapping; begin with `question:` and `scenario: base`"):
        load_experiment("x.yaml")
    Path("x.yaml").write_bytes(b"a\0b")
    with pytest.raises(ScenarioError, match=r"is not text; an experiment is a UTF-8 text file"):
        load_experiment("x.yaml")


# the scenario of a point


def same_as(experiment: Experiment, levels: dict, *settings: str) -> bool:
    return digest(experiment.scenario_at(levels)) == digest(load_scenario("whole.yaml", settings))


def test_a_point_is_the_scenario_with_its_levels(folder):
    experiment = load(
        "vary:\n"
        "  environment.mandate: {from: 0, to: 1, steps: 5}\n"
        "  environment.us_backing.end_value: [0, 1]\n"
        "  menu.troops.ask: {from: 10, to: 1000, steps: 4}\n"
        "  menu.troops.raises.solidarity: [0.5, 2]\n"
        "  weights.constant: [1, 2]\n"
        "  states.FRA.facts.gdp_busd: [1000, 2000]\n"
        "  states.POL.feels.solidarity: {from: -1, to: 1, steps: 3}\n"
        "  sharpness: [2, .inf]\n"
        "  x: {choices: {a: {}, b: {proposal: {patience: 3}}}}\n"
    )
    levels = {
        "environment.mandate": 0.25, "environment.us_backing.end_value": 1.0, "menu.troops.ask": 340,
        "menu.troops.raises.solidarity": 2.0, "weights.constant": 2.0, "states.FRA.facts.gdp_busd": 1000.0,
        "states.POL.feels.solidarity": -1.0, "sharpness": math.inf,
    }  # fmt: skip
    settings = [f"{name}={str(level).replace('inf', '.inf')}" for name, level in levels.items()]
    assert same_as(experiment, levels | {"x": "a"}, *settings)
    assert same_as(experiment, levels | {"x": "b"}, *settings, "proposal.patience=3")
    scenario = experiment.scenario_at(levels | {"x": "a"})
    assert scenario.environment.mandate == Constant(value=0.25)
    assert isinstance(scenario.environment.us_backing, Ramp)
    assert type(scenario.menu["troops"].ask) is int


def test_a_number_takes_the_place_of_a_process(folder):
    (folder / "wander.yaml").write_text(
        "extends: whole\nquestion: x\n"
        "environment: {mandate: {process: logit_ar1, level: 0.3, persistence: 0.5, volatility: 0.1}}\n"
    )
    head = "question: x\nscenario: wander\n"
    experiment = load("vary: {environment.mandate: [0.1, 0.2]}\n", head=head)
    assert experiment.scenario_at({"environment.mandate": 0.2}).environment.mandate == Constant(value=0.2)
    inside = load("vary: {environment.mandate.level: {from: 0.1, to: 0.9, steps: 3}}\n", head=head)
    mandate = inside.scenario_at({"environment.mandate.level": 0.5}).environment.mandate
    assert mandate == LogitAR1(process="logit_ar1", level=0.5, persistence=0.5, volatility=0.1)


def test_blocks_that_no_factor_changes_are_the_same_objects(folder):
    experiment = load("vary: {menu.troops.ask: {from: 10, to: 99, steps: 3}, opening: [abstain, troops]}\n")
    one, other = (
        experiment.scenario_at({"menu.troops.ask": 10, "opening": stance}) for stance in ("abstain", "troops")
    )
    for block in ("environment", "roster", "weights", "states", "forces", "momentum", "ceasefire"):
        assert getattr(one, block) is getattr(other, block) is getattr(experiment.bases[0], block)
    assert (
        one.menu["backstop"] is experiment.scenario_at({"menu.troops.ask": 99, "opening": "abstain"}).menu["backstop"]
    )


def test_not_a_number_leaves_the_scenario_unchanged(folder):
    experiment = load(
        "design: one_at_a_time\n"
        "vary: {states.POL.facts.gdp_busd: [900, 950], environment.us_backing: [0, 1], turnover: [0, 1]}\n"
    )
    table = design_table(experiment)
    first = experiment.scenario_at(table.iloc[0])
    assert first.environment.us_backing is experiment.bases[0].environment.us_backing
    assert (first.states, first.turnover) == ({}, 0.05)
    assert [experiment.scenario_at(row) for _, row in table.iloc[1:4].iterrows()] == [
        load_scenario("whole.yaml", [f"{name}={level}"])
        for name, level in [("states.POL.facts.gdp_busd", 900), ("states.POL.facts.gdp_busd", 950),
                            ("environment.us_backing", 0)]
    ]  # fmt: skip


def test_levels_that_make_no_sense_together_are_refused_at_their_point(folder):
    experiment = load("vary: {ceasefire.violations_sincere: [1, 5], ceasefire.violations_insincere: [4, 7]}\n")
    good = {"ceasefire.violations_sincere": 5.0, "ceasefire.violations_insincere": 7.0}
    assert experiment.scenario_at(good).ceasefire.violations_insincere == 7.0
    with pytest.raises(ScenarioError, match="5 must be less than violations_insincere, which is 4"):
        experiment.scenario_at(good | {"ceasefire.violations_insincere": 4.0})


def test_a_level_that_the_experiment_does_not_have_is_refused(folder):
    experiment = load("vary: {opening: [abstain, troops]}\n")
    with pytest.raises(ScenarioError, match="opening: no level 'backstop'; there are abstain, troops"):
        experiment.scenario_at({"opening": "backstop"})


def test_a_row_of_the_table_is_a_point(folder):
    experiment = load("vary: {menu.troops.ask: {from: 10, to: 99, steps: 3}, turnover: [0, 1]}\n")
    table = design_table(experiment)
    by_row = [experiment.scenario_at(row) for _, row in table.iterrows()]
    assert by_row == [experiment.scenario_at(row) for row in table.to_dict("records")]
    assert [scenario.menu["troops"].ask for scenario in by_row] == [10, 10, 55, 55, 99, 99]


def test_an_experiment_can_be_used_in_other_processes_and_threads(folder):
    experiment = load("vary: {opening: [abstain, troops], turnover: {from: 0, to: 1, steps: 50}}\n")
    sent = pickle.loads(pickle.dumps(experiment))
    assert sent == experiment
    assert sent.digest == experiment.digest
    rows = design_table(experiment).to_dict("records")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(sent.scenario_at, rows))
    assert found == [experiment.scenario_at(row) for row in rows]
    assert len({id(scenario.menu) for scenario in found}) == 1


# the digest


BASE = "vary: {turnover: {from: 0, to: 1, steps: 3}, x: {choices: {a: {}, b: {rounds: 3}}}}\n"


@pytest.mark.parametrize(
    ("text", "tail", "same"),
    [
        (BASE, TAIL, True),
        (BASE + "about: other\nsources: [x]\nname: other\n", TAIL, True),
        (BASE + "figures: [{kind: cliff, x: turnover, outcome: viable}]\n", TAIL, True),
        (BASE + "design: grid\nseed: 0\n", TAIL, True),
        (BASE.replace("{rounds: 3}", "{rounds: 3, turnover: 0.05}").replace("turnover: {", "revision: {"), TAIL, False),
        (BASE.replace("steps: 3", "steps: 4"), TAIL, False),
        (BASE.replace("rounds: 3", "rounds: 4"), TAIL, False),
        (BASE.replace("a: {}", "c: {}"), TAIL, False),
        (BASE + "seed: 1\n", TAIL, False),
        (BASE + "design: {sobol: {points: 4}}\n", TAIL, False),
        (BASE, TAIL.replace("10", "11"), False),
        (BASE, TAIL.replace("viable", "viable_now"), False),
    ],
)
def test_the_digest_depends_on_everything_that_affects_the_runs(folder, text, tail, same):
    assert (load(text, tail=tail).digest == load(BASE).digest) is same


def test_the_digest_depends_on_the_scenario_and_the_table(folder):
    before = load(BASE).digest
    assert load(BASE, head="question: Other?\nscenario: whole\n").digest == before
    assert load(BASE, head=HEAD.replace("whole", "other")).digest != before
    (folder / "points.csv").write_text("turnover,x\n0.5,a\n")
    first = load(BASE + "design: {table: points.csv}\n").digest
    (folder / "points.csv").write_text("turnover,x\n0.5,b\n")
    assert load(BASE + "design: {table: points.csv}\n").digest != first


# what it costs


def test_importing_it_brings_neither_mesa_nor_the_heavy_libraries():
    code = "import sim.experiment, sys; print(sorted({'mesa', 'scipy', 'SALib', 'pandas', 'numba'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
