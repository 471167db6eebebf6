"""What a scenario may say: every setting with its range, its unit and what it means.

The schema has no default for anything that claims something about the world: those numbers stand once, with their
sources, in scenarios/base.yaml, which other scenarios extend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator

from sim.scenario.environment_process import Process
from sim.scenario.field_types import (
    Count,
    Date,
    Flag,
    Name,
    Number,
    Part,
    Path,
    Share,
    Sharpness,
    StateCode,
    StateOrNone,
    StateOrOthers,
    Strength,
    Text,
    setting,
)
from sim.scenario.parties import settled

if TYPE_CHECKING:
    from sim.scenario.differences import Difference

ABSTAIN = "abstain"


class Roster(Part):
    """Who is asked."""

    states: tuple[StateCode, ...] = setting("the states that are asked to join", "ISO 3166 codes", min_length=1)
    leave_out: tuple[StateCode, ...] = setting("states of the list that are not asked after all", default=())

    @property
    def asked(self) -> tuple[str, ...]:
        """The states on the roster, in the order of the list."""
        return tuple(code for code in self.states if code not in self.leave_out)


class StateOverride(Part):
    """What this scenario takes to be different about one state; an own state needs all that its considerations use."""

    name: str | None = setting("the state's name", default=None)
    facts: dict[Name, Number | None] = setting(
        "figures that replace those of the table, by column; null makes one unknown", default_factory=dict
    )
    feels: dict[Name, Strength] = setting(
        "how much the state feels a consideration, in place of what its figures give", default_factory=dict
    )


class Option(Part):
    """One dish of the menu that the leads put before the states."""

    label: Text = setting("what figures and tables call it", min_length=1)
    rung: Count = setting("depth of commitment; abstaining is 0", ge=1, le=20)
    ask: Count = setting(
        "soldiers without whom it does not go ahead; 0: goes ahead anyhow", "soldiers", ge=0, le=10_000_000
    )
    share: Share = setting("part of its deployable land force that a state offers", "share")
    home_tie_counts: Share = setting("how far forces tied to the defence of home are missing from the offer", "share")
    deters: Number = setting(
        "soldiers of the host that one soldier of this option weighs as much as", "soldiers", ge=0, le=1000
    )
    punishes: Share = setting(
        "part of a state's economic weight that stands behind the option if it is attacked", "share"
    )
    provokes: Share = setting("how strongly Moscow refuses the option, troops being 1", "share")
    peer_norm: Share = setting("share of peers at which momentum neither pulls nor holds back", "share")
    raises: dict[Name, Strength] = setting("how strongly the option raises each consideration; left out: not at all")


class Environment(Part):
    """What the states look out on; each quantity is a number or a process."""

    us_backing: Process = setting("how firmly the United States would back the force", "0 to 1")
    russian_opposition: Process = setting("how firmly Moscow opposes it", "0 to 1")
    mandate: Process = setting("how far an international mandate covers it, 1 being the Security Council", "0 to 1")
    clarity: Process = setting("how clear its mission is", "0 to 1")
    sincerity: Process = setting("how sincere a ceasefire is believed to be before it is tried", "0 to 1")
    battlefield: Process = setting("how well the host's own forces hold, 1 being at full strength", "0 to 1")


class Couplings(Part):
    """How the environment answers the states."""

    russian_reaction: Number = setting("rise of Russian opposition if every state declared troops", "share", ge=0, le=1)
    us_response: Number = setting(
        "rise of US backing behind a solid offer in a permanent ceasefire", "share", ge=0, le=1
    )
    solid_offer: Number = setting("part of the ask that makes an offer solid", "share of the ask", ge=0, le=10)


class Ceasefire(Part):
    """How a ceasefire comes, is tested and breaks."""

    phase: Literal["fighting", "limited_truce", "permanent_ceasefire"] = setting("the phase at the start")
    truce_hazard: Number = setting(
        "rate at which fighting gives way to a limited truce, unopposed", "per week", ge=0, le=10
    )
    deal_hazard: Number = setting("rate at which a limited truce becomes permanent, unopposed", "per week", ge=0, le=10)
    breakdown_hazard: Number = setting("rate at which an insincere, undeterred side breaks it", "per week", ge=0, le=10)
    opposition_slows: Number = setting("how strongly Russian opposition delays a deal", "log rate", ge=0, le=20)
    troops_slow: Number = setting("how strongly declared troops delay a deal", "log rate", ge=0, le=20)
    sincere_chance: Share = setting("chance that Moscow means it", "share")
    violations_sincere: Number = setting("serious violations by a side that means it", "per week", gt=0, le=1000)
    violations_insincere: Number = setting("serious violations by a side that does not", "per week", gt=0, le=1000)


class Conditions(Part):
    """What a conditional stance supposes: each quantity at least at this value."""

    us_backing: Share = setting("US backing asked for", "at least")
    sincerity: Share = setting("sincerity of the ceasefire asked for", "at least")
    clarity: Share = setting("clarity of the mission asked for", "at least")


class Proposal(Part):
    """What the leads propose, and how they re-dimension it."""

    headline: Name = setting("the option that the proposal is about")
    redimensions: Flag = setting("whether the leads change the proposal at all")
    patience: Count = setting(
        "rounds that the force may stay under the ask before the leads act", "rounds", ge=1, le=1000
    )
    cut: Annotated[Share, Field(gt=0, lt=1)] = setting("part of the ask that a cut takes off", "share")
    floor: Count = setting("ask below which the headline moves down instead", "soldiers", ge=0, le=10_000_000)
    rise: Number = setting(
        "multiple of the ask beyond which, with US backing rising, the headline moves up", "asks", ge=1, le=100
    )
    clarity_cost: Share = setting("clarity that a change of the proposal costs", "share")
    planning: Share = setting("part of the lost clarity that a round of planning wins back", "share")


class Forces(Part):
    """How offers, strain and cost follow from a state's figures."""

    sustaining_budget: Number = setting(
        "yearly budget per soldier that makes a force fully deployable", "USD", ge=1, le=1e9
    )
    rotation: Number = setting("soldiers tied up for each one deployed", "soldiers", ge=1, le=100)
    strain_limit: Number = setting("strain at which it is cut off", "ratio", ge=0, le=100)
    small_force: Number = setting(
        "deployable land force under which a state feels one more unit of strain", "soldiers", ge=0, le=1e7
    )
    yearly_cost: Number = setting("cost of a deployed soldier", "USD a year", ge=0, le=1e9)
    debt_reference: Number = setting("debt ratio at which a cost weighs what it is", "% of GDP", ge=1, le=1000)
    lead_factor: Number = setting("how many times its share a lead offers", "ratio", ge=0, le=100)


class Geography(Part):
    """How near the danger is, and how much of a force it ties to home."""

    far: Number = setting("distance from Moscow up to which exposure is full", "km", ge=0, le=20_000)
    fading: Number = setting("distance over which exposure falls to 1/e beyond that", "km", ge=1, le=20_000)
    border_share: Share = setting("part of the front exposure that a border makes", "share")
    host_border: Share = setting("how much of a Russian border one with the host counts", "share")
    home_tie_base: Share = setting("part of a force that stays at home anywhere", "share")
    home_tie_front: Share = setting("further part that stays at home on the front", "share")


class Belief(Part):
    """How states judge whether an option will go ahead."""

    floor: Share = setting("belief in an option nobody backs", "share")
    spread: Number = setting("distance from the ask over which belief turns", "share of the ask", gt=0, le=100)


Formats = Annotated[
    Annotated[tuple[str, ...], Tag("listed")] | Annotated[Literal["all", "everyone"], Tag("in_a_word")],
    Discriminator(lambda value: "listed" if isinstance(value, (list, tuple)) else "in_a_word"),
]


class Momentum(Part):
    """Whom states look to."""

    formats: Formats = setting("consultation formats whose members are peers; everyone: all states alike")
    counts: Literal["at_or_above", "same_option"] = setting("which peers' stances count for an option")
    budgets_count: Flag = setting("whether a peer counts by the square root of its defence budget")
    lead_factor: Number = setting("how many times a lead counts as a peer", "ratio", ge=0, le=100)


class Deterrence(Part):
    """What the stances add up to in the eyes of Moscow."""

    host_soldiers: Number = setting("soldiers of the host at full strength", "soldiers", ge=0, le=1e8)
    opponent_soldiers: Number = setting("soldiers that the opponent can set against them", "soldiers", ge=1, le=1e8)
    us_soldiers: Number = setting("soldiers' worth of full US backing", "soldiers", ge=0, le=1e8)
    decisiveness: Number = setting("exponent of the contest", "", gt=0, le=20)
    punishment: Share = setting("how far the threat of punishment can deter alone", "share")
    economic_reach: Number = setting("how fast punishment grows with the economic weight behind it", "", ge=0, le=100)


Opening = Annotated[
    Annotated[Name, Tag("one_for_all")] | Annotated[dict[StateCode, Name], Tag("by_state")],
    Discriminator(lambda value: "by_state" if isinstance(value, dict) else "one_for_all"),
]


Relation = Annotated[
    Annotated[Number, Tag("one_for_all")] | Annotated[dict[StateOrOthers, Number | None], Tag("by_state")],
    Discriminator(lambda value: "by_state" if isinstance(value, dict) else "one_for_all"),
]


class Force(Part):
    """A stance that a state is forced to declare, whatever it would choose."""

    option: Name = setting("option that the state is forced to declare")
    from_: Date | None = setting(
        "date from which the state is forced; left out: from before the first round", default=None, alias="from"
    )
    until: Date | None = setting("date from which the state decides for itself again; left out: never", default=None)

    @model_validator(mode="after")
    def _forwards(self) -> Force:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError(f"until {self.until} must come after from {self.from_}")
        return self


Forced = Annotated[Force, BeforeValidator(lambda value: {"option": value} if isinstance(value, str) else value)]


class Change(Part):
    """Settings and forced stances that apply from a date on, or between two dates."""

    at: Date = setting("date from which the change applies, beginning with the first round on that day or later")
    until: Date | None = setting(
        "date from which the change no longer applies; left out: it applies to the end", default=None
    )
    set: dict[Path, Any] = setting("values by the paths of their settings", default_factory=dict)
    force: dict[StateCode, Name | None] = setting(
        "options that states are forced to declare in this period; null: the state decides for itself",
        default_factory=dict,
    )

    @model_validator(mode="after")
    def _says_something(self) -> Change:
        if self.until is not None and self.until <= self.at:
            raise ValueError(f"until {self.until} must come after at {self.at}")
        if not self.set and not self.force:
            raise ValueError("changes nothing; give `set` or `force`")
        return self


class Scenario(Part):
    """One question: who is asked what, under which circumstances, by which rules."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = setting(
        "the scenario's name; its file's, unless given"
    )
    question: Text = setting("what the scenario asks", min_length=1)
    about: str = setting("what it supposes and why", default="")
    sources: tuple[str, ...] = setting("where its numbers come from", default=())

    host: StateCode = setting("state in which the force would stand")
    opponent: StateOrNone = setting("state that the force is to deter; none: there is no opponent")
    leads: tuple[StateCode, ...] = setting("states that make the proposal")
    roster: Roster
    states: dict[StateCode, StateOverride] = setting("what is different about single states", default_factory=dict)
    relations: dict[Name, Relation] = setting(
        "relations of the states to the host and the opponent, by name and state; others: all states not named",
        default_factory=dict,
    )
    opening: Opening = setting(
        "stance that all states, or the named ones, hold before the first round", default=ABSTAIN
    )
    force: dict[StateCode, Forced] = setting(
        "states that are forced to declare an option, whatever they would choose", default_factory=dict
    )
    changes: tuple[Change, ...] = setting(
        "settings and forced stances that change during the run", default=(), max_length=200
    )

    start: Date = setting("date of the first round")
    round_days: Count = setting("length of a round", "days", ge=1, le=366)
    rounds: Count = setting("number of rounds", "rounds", ge=1, le=10_000)
    activation: Literal["simultaneous", "random_sequence", "leads_first", "one_at_a_time"] = setting(
        "who declares on whose last stance"
    )
    revision: Share = setting("chance that a state revises its stance in a round", "share")
    turnover: Share = setting("chance that a revision comes with a political turnover", "share")
    sharpness: Sharpness = setting("how little chance there is in a choice; .inf: best reply")

    menu: dict[Name, Option] = setting("the options besides abstaining", min_length=1, max_length=50)
    weights: dict[Name, Strength] = setting("how much each consideration weighs")
    environment: Environment
    couplings: Couplings
    ceasefire: Ceasefire
    conditions: Conditions
    proposal: Proposal
    forces: Forces
    geography: Geography
    belief: Belief
    momentum: Momentum
    deterrence: Deterrence

    __iter__ = None  # type: ignore[assignment]  # one value, also where Mesa's batch_run looks for a list of them

    _differences: tuple[Any, ...] = PrivateAttr(default=())

    def __eq__(self, other: object) -> bool:
        """Return whether every setting is the same, whichever scenario they were changed from."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return self.__dict__ == other.__dict__

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The settings that differ from the scenario it is named after; empty for a scenario loaded without changes."""
        return self._differences

    def with_differences(self, differences: Sequence[Difference]) -> Scenario:
        """Return the same scenario, recorded as differing in these settings from the one it is named after."""
        scenario = self.model_copy()
        scenario._differences = tuple(differences)
        return scenario

    @model_validator(mode="after")
    def _follow_the_parties(self) -> Self:
        """Name host and opponent in the labels, and leave nothing of an opponent that there is not."""
        self.__dict__.update(settled(self))  # the model is frozen for everybody else
        return self

    @property
    def option_names(self) -> tuple[str, ...]:
        """Abstaining and the menu, from the lowest rung to the highest; ties in alphabetical order."""
        return (ABSTAIN, *sorted(self.menu, key=lambda name: (self.menu[name].rung, name)))

    @property
    def deepest(self) -> str:
        """The option of the highest rung."""
        return self.option_names[-1]
