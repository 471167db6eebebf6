"""Load an experiment from a name, a file or a mapping: a checked Experiment, or all mistakes at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Mistake, ScenarioError
from sim.experiment.check_outputs import figure_errors, name_clashes, outcomes_measured
from sim.experiment.design import count_points, design_errors
from sim.experiment.design_table import read_table
from sim.experiment.experiment import Design, Experiment
from sim.experiment.figure_specs import named
from sim.experiment.outcome_names import options_of, states_of
from sim.experiment.point_scenarios import PointScenarios
from sim.experiment.read_factors import Varied, read_factors
from sim.experiment.schema import MOST_POINTS, DesignSchema, ExperimentSchema
from sim.scenario.error_messages import MOST_MISTAKES, explain, in_order, not_reported
from sim.scenario.file_kinds import EXPERIMENT
from sim.scenario.files import find_beside, find_scenario, no_experiment, shipped, take_text
from sim.scenario.load import name_of, read_unchecked
from sim.scenario.schema import Scenario
from sim.scenario.syntax_tree import Block, Items, Leaf, MappingEntry, Node, Place, to_builtins
from sim.scenario.thousands_separator import points_for_thousands
from sim.scenario.tree_from_mapping import tree_of_mapping, with_paths
from sim.scenario.tree_from_yaml import read_tree
from sim.scenario.unchecked import UncheckedScenario


def shipped_experiments() -> dict[str, Path]:
    """Return the files of the experiments that come with the program, by name."""
    return shipped(EXPERIMENT)


def load_experiment(experiment: str | Path | Mapping[str, Any] | Experiment) -> Experiment:
    """Load an experiment.

    Parameters
    ----------
    experiment : str, Path, mapping or Experiment
        The name of a shipped experiment, the path of a YAML file, a mapping with the keys of such a file, or an
        experiment that was loaded before. Scenarios and tables of points that a mapping names are looked for among
        the shipped ones and in the working folder.

    Returns
    -------
    Experiment
        The checked experiment.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense. The error lists every mistake: in a file with line and
        column, in a mapping with the path of the key.

    Examples
    --------
    >>> experiment = load_experiment({
    ...     "question": "How much does US backing matter?",
    ...     "scenario": "paris-march-2025",
    ...     "vary": {"environment.us_backing": {"from": 0, "to": 1, "steps": 3}},
    ...     "replicates": 10,
    ...     "outcomes": ["troop_states"],
    ... })
    >>> [factor.name for factor in experiment.factors]
    ['environment.us_backing']
    """
    if isinstance(experiment, Experiment):
        return experiment
    if isinstance(experiment, Mapping):
        tree, mistakes = tree_of_mapping(experiment, EXPERIMENT)
        reader = _ExperimentReader(Path(EXPERIMENT.name), tree, list(mistakes))
        try:
            checked = reader.checked(EXPERIMENT.name)
        except ScenarioError as error:
            raise ScenarioError(with_paths(error.mistakes, tree)) from None
        return replace(checked, mapping=json.loads(json.dumps(to_builtins(tree), default=str)))
    path = find_scenario(experiment, EXPERIMENT)
    tree, mistakes = read_tree(str(path), take_text(path, EXPERIMENT), EXPERIMENT)
    if "extends" in tree.entries and "vary" not in tree.entries:
        raise ScenarioError([tree.entries["extends"].key.mistake(no_experiment(str(experiment)))])
    reader = _ExperimentReader(path, tree, list(mistakes))
    return replace(reader.checked(str(path)), reference=str(experiment))


class _ExperimentReader:
    """Reads an experiment part by part, each as far as the others allow, and gathers the mistakes."""

    def __init__(self, path: Path, tree: Block, mistakes: list[Mistake]) -> None:
        self.path = path
        self.top = tree.place
        self.tree = Block(dict(tree.entries), tree.place)
        self.mistakes = mistakes
        if "name" not in self.tree.entries:
            name = name_of(path, EXPERIMENT.name)
            self.tree.entries["name"] = MappingEntry(self.top, Leaf(name, name, self.top))

    def checked(self, source: str) -> Experiment:
        """Return the experiment; ScenarioError, with all mistakes in the order of the source, if there are any."""
        experiment = self._read()
        if experiment is None or self.mistakes:
            raise ScenarioError(in_order(self.mistakes, [source]))
        return experiment

    def _read(self) -> Experiment | None:
        """Return the experiment; None if there are mistakes."""
        self._add(list(points_for_thousands(self.tree, ExperimentSchema)))
        written = self._written()
        drafts = self._drafts()
        bases = self._bases(drafts)
        if not bases or len(bases) < len(drafts):
            return None
        varied = read_factors(self.tree, drafts, bases)
        self._add(varied.mistakes)
        scenarios = [*bases.values(), *varied.scenarios]
        options, states = options_of(scenarios), states_of(scenarios)
        measured, mistakes = outcomes_measured(self.tree, options, states)
        self._add(mistakes)
        self._add(list(name_clashes(self.tree, varied.factors, measured, options, states)))
        design = written.design if written is not None else self._written_design()
        if design is not None:
            self._add(list(figure_errors(self.tree, varied.factors, measured, options, states, _name_of(design))))
            for keys, message in design_errors(design, varied.factors):
                path = ".".join(keys)
                if not any(mistake.path.startswith(f"{path}.") for mistake in self.mistakes):  # such as step: 11
                    self._add([self._place(*keys).mistake(message, path)])
        if written is None or design is None or self.mistakes:
            return None
        sampled = self._design(design, varied)
        if sampled is None:
            return None
        return Experiment(
            name=written.name,
            question=written.question,
            about=written.about,
            sources=written.sources,
            scenarios=tuple(drafts),
            factors=tuple(varied.factors),
            design=sampled,
            replicates=written.replicates,
            seed=written.seed,
            rounds=written.rounds,
            outcomes=tuple(measured),
            figures=named(written.figures),
            options=options,
            states=states,
            point_scenarios=PointScenarios(drafts, bases, varied.factors, varied.changes),
            reference=written.name,
        )

    def _written(self) -> ExperimentSchema | None:
        try:
            return ExperimentSchema.model_validate(to_builtins(self.tree))
        except ValidationError as error:
            self._add(
                explain(error, self.tree, self.top, at_most=MOST_MISTAKES + 1, schema=ExperimentSchema, kind=EXPERIMENT)
            )
            return None

    def _written_design(self) -> DesignSchema | None:
        """Return the design alone, where another part of the file has mistakes."""
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
            return None  # its mistakes are found with the others

    def _drafts(self) -> dict[str, UncheckedScenario]:
        """Return the scenarios that are varied, by name, not yet checked."""
        entry = self.tree.entries.get("scenario")
        if entry is None:
            return {}
        nodes = entry.node.items if isinstance(entry.node, Items) else (entry.node,)
        drafts: dict[str, UncheckedScenario] = {}
        for leaf in nodes:
            if not isinstance(leaf, Leaf) or not isinstance(leaf.value, str):
                continue  # the schema finds this mistake
            name = leaf.value.removesuffix(EXPERIMENT.suffix)
            if name in drafts:
                self._add([leaf.place.mistake(f"{name} is named twice", "scenario")])
                continue
            try:
                draft = read_unchecked(find_beside(leaf.value, self.path, leaf.place, "scenario"))
            except ScenarioError as error:
                self._add(error.mistakes)
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
                self._add(error.mistakes)
        return bases

    def _design(self, design: DesignSchema, varied: Varied) -> Design | None:
        """Return the design, with the rows of its table if it has one; None if it does not fit the factors."""
        place = self._place("design" if "design" in self.tree.entries else "vary")
        name = _name_of(design)
        sampled = getattr(design, name)
        if name == "table":
            try:
                sampled = read_table(sampled, self.path, self._place("design", "table"), varied.factors)
            except ScenarioError as error:
                self.mistakes += error.mistakes
                return None
        count = count_points(sampled, varied.factors)
        if count > MOST_POINTS:
            self._add([place.mistake(f"{count:,} points; at most {MOST_POINTS:,} can be simulated", "design")])
            return None
        return sampled

    def _place(self, *keys: str) -> Place:
        """Return the place of the value of a path, or of as much of the path as there is."""
        node: Node = self.tree
        for key in keys:
            if not isinstance(node, Block) or key not in node.entries:
                break
            node = node.entries[key].node
        return node.place

    def _add(self, mistakes: Sequence[Mistake]) -> None:
        for mistake in mistakes:
            self.mistakes += not_reported([mistake], self.mistakes)


def _name_of(design: DesignSchema) -> str:
    return next(name for name in type(design).model_fields if getattr(design, name) is not None)
