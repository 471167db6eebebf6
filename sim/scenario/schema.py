"""What a scenario may say: every setting with its range, its unit and what it means.

The schema has no default for anything that claims something about the world: those numbers stand once, with their
sources, in scenarios/base.yaml, which other scenarios extend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator

from sim.scenario.environment_process import Process
from sim.scenario.field_types import (
    Count,
    Date,
    Flag,
    Name,
    Number,
    Path,
    SettingsBlock,
    Share,
    Sharpness,
    StateCode,
    StateOrNone,
    StateOrOthers,
    Strength,
    Text,
    label_of,
    setting,
)
from sim.scenario.parties import resolve_parties

if TYPE_CHECKING:
    from sim.scenario.differences import Difference

ABSTAIN = "abstain"


class Origin(NamedTuple):
    """Where a scenario was loaded from."""

    reference: str  # the name of a shipped scenario, or the path of a file
    settings: tuple[str, ...]  # the settings that were replaced, as PATH=VALUE


class Roster(SettingsBlock):
    """Who is asked."""

    states: tuple[StateCode, ...] = setting(
        "the states that are asked to join", "ISO 3166 codes", label="the roster", min_length=1
    )
    leave_out: tuple[StateCode, ...] = setting(
        "states of the list that are not asked", label="the states left out", default=()
    )

    @property
    def asked(self) -> tuple[str, ...]:
        """The states on the roster, in the order of the list."""
        return tuple(code for code in self.states if code not in self.leave_out)


class StateOverride(SettingsBlock):
    """What this scenario takes to be different about one state; an own state needs all that its considerations use."""

    name: str | None = setting("name of the state", label="the name of {state}", default=None)
    facts: dict[Name, Number | None] = setting(
        "figures that replace those of the table, by column; null: unknown",
        label="{fact} of {state}",
        default_factory=dict,
    )
    feels: dict[Name, Strength] = setting(
        "sensitivity of the state to a consideration, in place of the one from its figures",
        label="the sensitivity of {state} to {consideration}",
        default_factory=dict,
    )


class Option(SettingsBlock):
    """One dish of the menu that the leads put before the states."""

    label: Text = setting("name of the option in figures and tables", label="the label of {option}", min_length=1)
    rung: Count = setting("depth of commitment; abstaining is 0", label="the rung of {option}", ge=1, le=20)
    ask: Count = setting(
        "soldiers below which the option does not go ahead; 0: goes ahead in any case",
        "soldiers",
        label="the ask for {option}",
        ge=0,
        le=10_000_000,
    )
    share: Share = setting(
        "share of its deployable land force that a state offers",
        "share",
        label="the share of forces offered to {option}",
    )
    home_tie_counts: Share = setting(
        "share of the forces tied to home defence that is missing from the offer",
        "share",
        label="the weight of home defence in offers to {option}",
    )
    deters: Number = setting(
        "deterrence of one soldier of the option, in soldiers of the host",
        "soldiers",
        label="the deterrent weight of {option}",
        ge=0,
        le=1000,
    )
    punishes: Share = setting(
        "share of a state's economic weight that supports the option if it is attacked",
        "share",
        label="the economic weight behind {option}",
    )
    provokes: Share = setting(
        "strength of Moscow's opposition to the option, relative to troops at 1",
        "share",
        label="Moscow's opposition to {option}",
    )
    peer_norm: Share = setting(
        "share of peers at which momentum is neither positive nor negative", "share", label="the peer norm of {option}"
    )
    raises: dict[Name, Strength] = setting(
        "loading of the option on each consideration; if absent, 0", label="the loading of {option} on {consideration}"
    )


class Environment(SettingsBlock):
    """What the states look out on; each quantity is a number or a process."""

    us_backing: Process = setting("strength of United States backing for the force", "0 to 1", label="US backing")
    russian_opposition: Process = setting(
        "strength of Moscow's opposition to the force", "0 to 1", label="Russian opposition"
    )
    mandate: Process = setting(
        "extent of an international mandate; 1: Security Council", "0 to 1", label="the international mandate"
    )
    clarity: Process = setting("clarity of the mission", "0 to 1", label="clarity of the mission")
    sincerity: Process = setting(
        "prior belief that a ceasefire is sincere", "0 to 1", label="believed sincerity of the ceasefire"
    )
    battlefield: Process = setting(
        "condition of the host's own forces; 1: full strength", "0 to 1", label="the strength of the host's forces"
    )


QUANTITIES: Mapping[str, str] = MappingProxyType(
    {name: label_of(field) for name, field in Environment.model_fields.items()}
)


class Couplings(SettingsBlock):
    """How the environment answers the states."""

    russian_reaction: Number = setting(
        "increase of Russian opposition if every state declares troops",
        "share",
        label="Moscow's reaction to troops",
        ge=0,
        le=1,
    )
    us_response: Number = setting(
        "increase of US backing for a solid offer in a permanent ceasefire",
        "share",
        label="Washington's response to a solid offer",
        ge=0,
        le=1,
    )
    solid_offer: Number = setting(
        "share of the ask at which an offer is solid",
        "share of the ask",
        label="the threshold of a solid offer",
        ge=0,
        le=10,
    )


class Ceasefire(SettingsBlock):
    """How a ceasefire comes, is tested and breaks."""

    phase: Literal["fighting", "limited_truce", "permanent_ceasefire"] = setting(
        "phase at the start", label="the initial phase"
    )
    truce_hazard: Number = setting(
        "rate from fighting to a limited truce, without opposition",
        "per week",
        label="the rate of a limited truce",
        ge=0,
        le=10,
    )
    deal_hazard: Number = setting(
        "rate from a limited truce to a permanent ceasefire, without opposition",
        "per week",
        label="the rate of a permanent ceasefire",
        ge=0,
        le=10,
    )
    breakdown_hazard: Number = setting(
        "rate at which an insincere side breaks a truce or ceasefire, without deterrence",
        "per week",
        label="the rate of breakdown",
        ge=0,
        le=10,
    )
    opposition_slows: Number = setting(
        "effect of Russian opposition on the delay of a deal",
        "log rate",
        label="the delay by Russian opposition",
        ge=0,
        le=20,
    )
    troops_slow: Number = setting(
        "effect of declared troops on the delay of a deal",
        "log rate",
        label="the delay by declared troops",
        ge=0,
        le=20,
    )
    sincere_chance: Share = setting(
        "probability that Moscow is sincere", "share", label="the probability that Moscow is sincere"
    )
    violations_sincere: Number = setting(
        "serious violations by a sincere side", "per week", label="violations by a sincere side", gt=0, le=1000
    )
    violations_insincere: Number = setting(
        "serious violations by an insincere side", "per week", label="violations by an insincere side", gt=0, le=1000
    )


class Conditions(SettingsBlock):
    """What a conditional stance supposes: each quantity at least at this value."""

    us_backing: Share = setting("required US backing", "at least", label="the required US backing")
    sincerity: Share = setting("required sincerity of the ceasefire", "at least", label="the required sincerity")
    clarity: Share = setting("required clarity of the mission", "at least", label="the required clarity")


class Proposal(SettingsBlock):
    """What the leads propose, and how they re-dimension it."""

    headline: Name = setting("option that the proposal is about", label="the initial headline")
    redimensions: Flag = setting("whether the leads change the proposal", label="revision of the proposal")
    patience: Count = setting(
        "rounds with a force below the ask after which the leads act",
        "rounds",
        label="the patience of the leads",
        ge=1,
        le=1000,
    )
    cut: Annotated[Share, Field(gt=0, lt=1)] = setting(
        "share by which a cut reduces the ask", "share", label="the cut of the ask"
    )
    floor: Count = setting(
        "ask below which the headline moves down instead", "soldiers", label="the floor of the ask", ge=0, le=10_000_000
    )
    rise: Number = setting(
        "multiple of the ask beyond which, with US backing rising, the headline moves up",
        "asks",
        label="the multiple of the ask for a deeper headline",
        ge=1,
        le=100,
    )
    clarity_cost: Share = setting(
        "clarity lost by a change of the proposal", "share", label="the clarity lost with a revision"
    )
    planning: Share = setting(
        "share of the lost clarity that a round of planning restores", "share", label="the clarity regained by planning"
    )


class Forces(SettingsBlock):
    """How offers, strain and cost follow from a state's figures."""

    sustaining_budget: Number = setting(
        "yearly budget per soldier at which a force is fully deployable",
        "USD",
        label="the budget that sustains a soldier",
        ge=1,
        le=1e9,
    )
    rotation: Number = setting(
        "soldiers tied up for each one deployed", "soldiers", label="the rotation factor", ge=1, le=100
    )
    strain_limit: Number = setting("maximum of strain", "ratio", label="the strain limit", ge=0, le=100)
    small_force: Number = setting(
        "deployable land force below which a state counts as small, which adds one unit to strain",
        "soldiers",
        label="the size of a small force",
        ge=0,
        le=1e7,
    )
    yearly_cost: Number = setting(
        "cost of a deployed soldier", "USD a year", label="the yearly cost of a soldier", ge=0, le=1e9
    )
    debt_reference: Number = setting(
        "debt ratio at which a cost has its nominal weight", "% of GDP", label="the reference debt ratio", ge=1, le=1000
    )
    lead_factor: Number = setting(
        "multiple of its share that a lead offers", "ratio", label="the multiple that leads offer", ge=0, le=100
    )


class Geography(SettingsBlock):
    """How near the danger is, and how much of a force it ties to home."""

    far: Number = setting(
        "distance from Moscow up to which exposure is 1", "km", label="the distance of full exposure", ge=0, le=20_000
    )
    fading: Number = setting(
        "distance over which exposure falls to 1/e beyond that",
        "km",
        label="the decay distance of exposure",
        ge=1,
        le=20_000,
    )
    border_share: Share = setting(
        "share of front exposure that depends on a border", "share", label="the weight of borders in exposure"
    )
    host_border: Share = setting(
        "weight of a border with the host, relative to a border with Russia",
        "share",
        label="the weight of a border with the host",
    )
    home_tie_base: Share = setting(
        "share of a force that stays at home in any state", "share", label="the share of forces kept at home"
    )
    home_tie_front: Share = setting(
        "additional share that stays at home at the front", "share", label="the further share kept at home on the front"
    )


class Belief(SettingsBlock):
    """How states judge whether an option will go ahead."""

    floor: Share = setting("belief in an option without soldiers", "share", label="belief in an option without backing")
    spread: Number = setting(
        "width of the transition of belief around the ask",
        "share of the ask",
        label="the spread of belief",
        gt=0,
        le=100,
    )


Formats = Annotated[
    Annotated[tuple[str, ...], Tag("listed")] | Annotated[Literal["all", "everyone"], Tag("in_a_word")],
    Discriminator(lambda value: "listed" if isinstance(value, (list, tuple)) else "in_a_word"),
]


class Momentum(SettingsBlock):
    """Whom states look to."""

    formats: Formats = setting(
        "consultation formats whose members are peers; everyone: all states", label="the formats of peers"
    )
    counts: Literal["at_or_above", "same_option"] = setting(
        "stances of peers that count for an option", label="the peer stances that count"
    )
    budgets_count: Flag = setting(
        "whether peers are weighted by the square root of their defence budgets",
        label="the weighting of peers by budget",
    )
    lead_factor: Number = setting(
        "multiple with which a lead counts as a peer", "ratio", label="the weight of leads as peers", ge=0, le=100
    )


class Deterrence(SettingsBlock):
    """What the stances add up to in the eyes of Moscow."""

    host_soldiers: Number = setting(
        "soldiers of the host at full strength", "soldiers", label="the host's soldiers", ge=0, le=1e8
    )
    opponent_soldiers: Number = setting(
        "soldiers that the opponent can use against them", "soldiers", label="the opponent's soldiers", ge=1, le=1e8
    )
    us_soldiers: Number = setting(
        "soldiers to which full US backing is equivalent",
        "soldiers",
        label="the soldier equivalent of US backing",
        ge=0,
        le=1e8,
    )
    decisiveness: Number = setting("exponent of the contest", "", label="the decisiveness of the contest", gt=0, le=20)
    punishment: Share = setting(
        "maximum deterrence by the threat of punishment alone", "share", label="the limit of deterrence by punishment"
    )
    economic_reach: Number = setting(
        "rate at which punishment increases with the economic weight of its supporters",
        "",
        label="the effect of economic weight",
        ge=0,
        le=100,
    )


Opening = Annotated[
    Annotated[Name, Tag("one_for_all")] | Annotated[dict[StateCode, Name], Tag("by_state")],
    Discriminator(lambda value: "by_state" if isinstance(value, dict) else "one_for_all"),
]


Relation = Annotated[
    Annotated[Number, Tag("one_for_all")] | Annotated[dict[StateOrOthers, Number | None], Tag("by_state")],
    Discriminator(lambda value: "by_state" if isinstance(value, dict) else "one_for_all"),
]


class Force(SettingsBlock):
    """A stance that a state is forced to declare, whatever it would choose."""

    option: Name = setting("option that the state is forced to declare")
    from_: Date | None = setting(
        "date from which the state is forced; if absent, from before the first round", default=None, alias="from"
    )
    until: Date | None = setting("date from which the state decides for itself again; if absent, never", default=None)

    @model_validator(mode="after")
    def _forwards(self) -> Force:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError(f"until {self.until} must come after from {self.from_}")
        return self


Forced = Annotated[
    Force,
    BeforeValidator(
        lambda value: {"option": value} if isinstance(value, str) else value, json_schema_input_type=Name | Force
    ),
]


class Change(SettingsBlock):
    """Settings and forced stances that apply from a date on, or between two dates."""

    at: Date = setting("date from which the change applies, beginning with the first round on that day or later")
    until: Date | None = setting(
        "date from which the change no longer applies; if absent, it applies to the end", default=None
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


class Scenario(SettingsBlock):
    """One question: who is asked what, under which circumstances, by which rules."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = setting(
        "name of the scenario; by default that of its file"
    )
    question: Text = setting("question of the scenario", min_length=1)
    about: str = setting("assumptions and their reasons", default="")
    sources: tuple[str, ...] = setting("sources of the numbers", default=())

    host: StateCode = setting("state in which the force would be stationed", label="the host")
    opponent: StateOrNone = setting("state that the force is to deter; none: no opponent", label="the opponent")
    leads: tuple[StateCode, ...] = setting("states that make the proposal", label="the leads")
    roster: Roster
    states: dict[StateCode, StateOverride] = setting("properties of single states that differ", default_factory=dict)
    relations: dict[Name, Relation] = setting(
        "relations of the states to the host and the opponent, by name and state; others: all other states",
        default_factory=dict,
    )
    opening: Opening = setting(
        "stance of all states, or of the named ones, before the first round",
        label="the opening stance",
        default=ABSTAIN,
    )
    force: dict[StateCode, Forced] = setting(
        "states that are forced to declare an option", label="the forced stance", default_factory=dict
    )
    changes: tuple[Change, ...] = setting(
        "settings and forced stances that change during the run", default=(), max_length=200
    )

    start: Date = setting("date of the first round", label="the start")
    round_days: Count = setting("length of a round", "days", label="the length of a round", ge=1, le=366)
    rounds: Count = setting("number of rounds", "rounds", label="the number of rounds", ge=1, le=10_000)
    activation: Literal["simultaneous", "random_sequence", "leads_first", "one_at_a_time"] = setting(
        "order in which states declare and observe stances", label="the order of declaring"
    )
    revision: Share = setting(
        "probability that a state revises its stance in a round", "share", label="the probability of revising a stance"
    )
    turnover: Share = setting(
        "probability that a revision comes with a political turnover",
        "share",
        label="the probability of political turnover",
    )
    sharpness: Sharpness = setting(
        "choice precision: the higher, the less random the choice; .inf: best reply", label="the precision of choice"
    )

    menu: dict[Name, Option] = setting("options in addition to abstaining", min_length=1, max_length=50)
    weights: dict[Name, Strength] = setting("weight of each consideration", label="the weight of {consideration}")
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
    _origin: Origin | None = PrivateAttr(default=None)

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

    @property
    def origin(self) -> Origin | None:
        """The file and the settings that give this scenario; None for one that was built or changed in Python."""
        return self._origin

    def with_origin(self, reference: str, settings: Sequence[str]) -> Scenario:
        """Return the same scenario, recorded as loaded from this reference with these settings."""
        scenario = self.model_copy()
        scenario._origin = Origin(reference, tuple(settings))
        return scenario

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy; one with other values no longer knows where it was loaded from."""
        copied = super().model_copy(update=update, deep=deep)
        if update:
            copied._origin = None
        return copied

    @model_validator(mode="after")
    def _follow_the_parties(self) -> Self:
        """Name host and opponent in the labels, and leave nothing of an opponent that there is not."""
        self.__dict__.update(resolve_parties(self))  # the model is frozen for everybody else
        return self

    @property
    def option_names(self) -> tuple[str, ...]:
        """Abstaining and the menu, from the lowest rung to the highest; ties in alphabetical order."""
        return (ABSTAIN, *sorted(self.menu, key=lambda name: (self.menu[name].rung, name)))

    @property
    def deepest(self) -> str:
        """The option of the highest rung."""
        return self.option_names[-1]
