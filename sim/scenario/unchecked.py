"""A scenario as it was read, with all inherited settings, before it is checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from sim.errors import Mistake, ScenarioError
from sim.scenario.cross_checks import Parties, sense
from sim.scenario.error_messages import MOST_MISTAKES, explain, in_order, not_reported
from sim.scenario.merge import changed
from sim.scenario.scheduled_changes import combinations, with_change
from sim.scenario.schema import Scenario
from sim.scenario.syntax_tree import Block, Place, to_builtins
from sim.scenario.thousands_separator import points_for_thousands


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedScenario:
    """The settings of a scenario, each with its place, and the mistakes so far."""

    tree: Block
    top: Place  # place of settings that are missing at the top
    sources: tuple[str, ...]  # names of the sources of the settings
    extends_nothing: bool
    mistakes: tuple[Mistake, ...] = ()
    inherited: tuple[str, ...] = ()  # names of the sources that it extends
    given_for: Mapping[str, Parties] = field(default_factory=dict)  # the host and the opponent in each source

    def changed(self, by: Block) -> UncheckedScenario:
        """Return the draft with other settings merged into it."""
        tree, more = changed(self.tree, by=by)
        return replace(self, tree=tree, mistakes=(*self.mistakes, *more))

    def checked(self) -> Scenario:
        """Return the scenario; ScenarioError, with every mistake and its place, if it makes no sense."""
        mistakes = list(self.mistakes)
        mistakes += points_for_thousands(self.tree)
        scenario = None
        try:
            scenario = Scenario.model_validate(to_builtins(self.tree))
        except ValidationError as error:
            findings = explain(
                error, self.tree, self.top, extends_nothing=self.extends_nothing, at_most=MOST_MISTAKES + 1
            )
            mistakes += not_reported(findings, mistakes)
        mistakes += not_reported(sense(self.tree, self.given_for, at_most=MOST_MISTAKES + 1), mistakes)
        if scenario is not None and not mistakes:
            mistakes += self._wrong_while_played(scenario)
        if scenario is None or mistakes:
            raise ScenarioError(in_order(mistakes, self.sources))
        return scenario

    def _wrong_while_played(self, scenario: Scenario) -> list[Mistake]:
        """Return mistakes that appear once changes apply: each by itself, and those that apply at once."""
        mistakes: list[Mistake] = []
        for active in combinations(scenario):
            tree = self.tree
            for change in active:
                tree, more = with_change(tree, change)
                mistakes += not_reported(more, mistakes)
            mistakes += not_reported(points_for_thousands(tree), mistakes)
            try:
                Scenario.model_validate(to_builtins(tree))
            except ValidationError as error:
                mistakes += not_reported(explain(error, tree, self.top, at_most=MOST_MISTAKES + 1), mistakes)
            mistakes += not_reported(sense(tree, self.given_for, at_most=MOST_MISTAKES + 1), mistakes)
        return mistakes
