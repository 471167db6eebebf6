"""From a file, or the name of a shipped experiment, to a checked Experiment, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from sim.errors import Mistake, ScenarioError
from sim.experiment.check_outputs import figures_fit, names_clash, outcomes_measured
from sim.experiment.design import count_points, design_errors
from sim.experiment.experiment import Design, Experiment
from sim.experiment.figure_specs import named
from sim.experiment.outcome_names import options_of, states_of
from sim.experiment.point_scenarios import Situations
from sim.experiment.read_factors import Varied, read_factors
from sim.experiment.schema import MOST_POINTS, DesignSchema, ExperimentSchema
from sim.experiment.table import read_table
from sim.scenario.error_messages import MOST_MISTAKES, explain, in_order, not_told
from sim.scenario.file_kinds import EXPERIMENT
from sim.scenario.files import find_beside, find_scenario, no_experiment, shipped, take_text
from sim.scenario.load import name_of, read_unchecked
from sim.scenario.schema import Scenario
from sim.scenario.thousands_separator import points_for_thousands
from sim.scenario.tree import Block, Items, Leaf, MappingEntry, Node, Place, to_builtins
from sim.scenario.unchecked import UncheckedScenario
from sim.scenario.yaml_file import read_tree


def shipped_experiments() -> dict[str, Path]:
    """Return the experiments that come with the program, by name."""
    return shipped(EXPERIMENT)


def load_experiment(reference: str | Path) -> Experiment:
    """Return the experiment that the path or the name stands for.

    ScenarioError, with every mistake and its place, where it cannot be read or does not make sense.
    """
    path = find_scenario(reference, EXPERIMENT)
    tree, found = read_tree(str(path), take_text(path, EXPERIMENT), EXPERIMENT)
    if "extends" in tree.entries and "vary" not in tree.entries:
        raise ScenarioError([tree.entries["extends"].key.mistake(no_experiment(str(reference)))])
    reading = _Reading(path, tree, list(found))
    experiment = reading.read()
    if experiment is None or reading.mistakes:
        raise ScenarioError(in_order(reading.mistakes, [str(path)]))
    return experiment


class _Reading:
    """Reads an experiment part by part, each as far as the others allow, and gathers what is wrong."""

    def __init__(self, path: Path, tree: Block, mistakes: list[Mistake]) -> None:
        self.path = path
        self.top = tree.place
        self.tree = Block(dict(tree.entries), tree.place)
        self.mistakes = mistakes
        if "name" not in self.tree.entries:
            name = name_of(path, EXPERIMENT.name)
            self.tree.entries["name"] = MappingEntry(self.top, Leaf(name, name, self.top))

    def read(self) -> Experiment | None:
        """Return the experiment, None (and mistakes) where it does not make sense."""
        self._on_progress(list(points_for_thousands(self.tree, ExperimentSchema)))
        written = self._written()
        drafts = self._drafts()
        bases = self._bases(drafts)
        if not bases or len(bases) < len(drafts):
            return None
        varied = read_factors(self.tree, drafts, bases)
        self._on_progress(varied.mistakes)
        scenarios = [*bases.values(), *varied.scenarios]
        options, states = options_of(scenarios), states_of(scenarios)
        measured, mistakes = outcomes_measured(self.tree, options, states)
        self._on_progress(mistakes)
        self._on_progress(list(names_clash(self.tree, varied.factors, measured, options, states)))
        design = written.design if written is not None else self._written_design()
        if design is not None:
            self._on_progress(list(figures_fit(self.tree, varied.factors, measured, options, states, _name_of(design))))
            for keys, message in design_errors(design, varied.factors):
                path = ".".join(keys)
                if not any(mistake.path.startswith(f"{path}.") for mistake in self.mistakes):  # such as step: 11
                    self._on_progress([self._place(*keys).mistake(message, path)])
        if written is None or design is None or self.mistakes:
            return None
        drawn = self._points(design, varied)
        if drawn is None:
            return None
        return Experiment(
            name=written.name,
            question=written.question,
            about=written.about,
            sources=written.sources,
            scenarios=tuple(drafts),
            factors=tuple(varied.factors),
            design=drawn,
            replicates=written.replicates,
            seed=written.seed,
            rounds=written.rounds,
            outcomes=tuple(measured),
            figures=named(written.figures),
            options=options,
            states=states,
            situations=Situations(drafts, bases, varied.factors, varied.changes),
        )

    def _written(self) -> ExperimentSchema | None:
        try:
            return ExperimentSchema.model_validate(to_builtins(self.tree))
        except ValidationError as error:
            self._on_progress(
                explain(error, self.tree, self.top, at_most=MOST_MISTAKES + 1, schema=ExperimentSchema, kind=EXPERIMENT)
            )
            return None

    def _written_design(self) -> DesignSchema | None:
        """Return the design alone, where another part of the file is not as it should be."""
        alone = {"design": to_builtins(self.tree.entries["design"].node)} if "design" in self.tree.entries else {}
        rest = {
            "name": "x",
            "question": "x",
            "scenario": "x",
            "vary": {"x": [1, 2]},
            "replicates": 1,
            "outcomes": ["x"],
        }
        try:
            return ExperimentSchema.model_validate(rest | alone).design
        except ValidationError:
            return None  # told with the rest

    def _drafts(self) -> dict[str, UncheckedScenario]:
        """Return the scenarios that are varied, by name, as they are read."""
        entry = self.tree.entries.get("scenario")
        if entry is None:
            return {}
        nodes = entry.node.items if isinstance(entry.node, Items) else (entry.node,)
        drafts: dict[str, UncheckedScenario] = {}
        for leaf in nodes:
            if not isinstance(leaf, Leaf) or not isinstance(leaf.value, str):
                continue  # the schema says so
            name = leaf.value.removesuffix(EXPERIMENT.suffix)
            if name in drafts:
                self._on_progress([leaf.place.mistake(f"{name} is named twice", "scenario")])
                continue
            try:
                draft = read_unchecked(find_beside(leaf.value, self.path, leaf.place, "scenario"))
            except ScenarioError as error:
                self._on_progress(error.mistakes)
                continue
            drafts[name] = self._with_rounds(replace(draft, extends_nothing=False))
        return drafts

    def _with_rounds(self, draft: UncheckedScenario) -> UncheckedScenario:
        if "rounds" not in self.tree.entries:
            return draft
        return draft.changed(Block({"rounds": self.tree.entries["rounds"]}, self.top))

    def _bases(self, drafts: dict[str, UncheckedScenario]) -> dict[str, Scenario]:
        bases = {}
        for name, draft in drafts.items():
            try:
                bases[name] = draft.checked()
            except ScenarioError as error:
                self._on_progress(error.mistakes)
        return bases

    def _points(self, design: DesignSchema, varied: Varied) -> Design | None:
        """Return the design, with the rows of its table where it has one, None (and mistakes) if it does not fit."""
        place = self._place("design" if "design" in self.tree.entries else "vary")
        name = _name_of(design)
        drawn = getattr(design, name)
        if name == "table":
            try:
                drawn = read_table(drawn, self.path, self._place("design", "table"), varied.factors)
            except ScenarioError as error:
                self.mistakes += error.mistakes
                return None
        count = count_points(drawn, varied.factors)
        if count > MOST_POINTS:
            self._on_progress([place.mistake(f"{count:,} points; at most {MOST_POINTS:,} can be played", "design")])
            return None
        return drawn

    def _place(self, *keys: str) -> Place:
        """Return where the value of a path stands, or as much of the path as there is."""
        node: Node = self.tree
        for key in keys:
            if not isinstance(node, Block) or key not in node.entries:
                break
            node = node.entries[key].node
        return node.place

    def _on_progress(self, found: Sequence[Mistake]) -> None:
        for mistake in found:
            self.mistakes += not_told([mistake], self.mistakes)


def _name_of(design: DesignSchema) -> str:
    return next(name for name in type(design).model_fields if getattr(design, name) is not None)
