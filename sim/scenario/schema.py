"""What a scenario may say: every setting with its range, its unit and what it means.

The schema has no default for anything that claims something about the world: those numbers stand once, with their
sources, in scenarios/base.yaml, which other scenarios extend.
"""

from __future__ import annotations

import datetime
import itertools
import math
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

ABSTAIN = "abstain"


def _setting(about: str, unit: str = "", **limits: Any) -> Any:
    """Return a field with its meaning and its unit, as `willing list` and docs/odd.md print them."""
    return Field(description=about, json_schema_extra={"unit": unit} if unit else None, **limits)


def _finite(value: float) -> float:
    if math.isnan(value) or math.isinf(value):
        raise ValueError("must be a finite number")
    return value


def _not_nan(value: float) -> float:
    if math.isnan(value):
        raise ValueError("must be a number")
    return value


def _only_number(value: Any) -> Any:
    """Refuse what pydantic would turn into a number: true and false, and numbers in quotes."""
    if isinstance(value, (bool, str, datetime.date)):
        raise PydanticCustomError("not_a_number", "must be a number")
    return value


def _only_flag(value: Any) -> Any:
    """Refuse what pydantic would turn into true or false, such as 1 and the word no."""
    if not isinstance(value, bool):
        raise PydanticCustomError("not_a_flag", "must be true or false")
    return value


def _only_date(value: Any) -> Any:
    """Refuse what pydantic would turn into a date, such as seconds since 1970."""
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise PydanticCustomError("not_a_date", "must be a date such as 2025-03-26")
    return value


def _written_infinity(value: Any) -> Any:
    """Read .inf also where a format such as JSON can only hold it as a word."""
    return math.inf if value == ".inf" else value


Number = Annotated[float, BeforeValidator(_only_number), AfterValidator(_finite)]
Share = Annotated[float, BeforeValidator(_only_number), AfterValidator(_finite), Field(ge=0, le=1)]
Count = Annotated[int, BeforeValidator(_only_number)]
Flag = Annotated[bool, BeforeValidator(_only_flag)]
Date = Annotated[datetime.date, BeforeValidator(_only_date)]
Sharpness = Annotated[
    float, BeforeValidator(_only_number), BeforeValidator(_written_infinity), AfterValidator(_not_nan), Field(gt=0)
]
StateCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A block of a scenario: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True)


class Roster(Part):
    """Who is asked."""

    states: tuple[StateCode, ...] = _setting("the states that are asked to join", "ISO 3166 codes", min_length=1)
    leave_out: tuple[StateCode, ...] = _setting("states of the list that are not asked after all", default=())

    @property
    def asked(self) -> tuple[str, ...]:
        """The states on the roster, in the order of the list."""
        return tuple(code for code in self.states if code not in self.leave_out)


class StateOverride(Part):
    """What this scenario takes to be different about one state; an own state needs all that its considerations use."""

    name: str | None = _setting("the state's name", default=None)
    facts: dict[Name, Number | None] = _setting(
        "figures that replace those of the table, by column; null makes one unknown", default_factory=dict
    )
    feels: dict[Name, Number] = _setting(
        "how much the state feels a consideration, in place of what its figures give", default_factory=dict
    )


class Option(Part):
    """One dish of the menu that the leads put before the states."""

    label: str = _setting("what figures and tables call it")
    rung: Count = _setting("depth of commitment; abstaining is 0", ge=1, le=20)
    ask: Count = _setting(
        "soldiers without whom it does not go ahead; 0: goes ahead anyhow", "soldiers", ge=0, le=10_000_000
    )
    share: Share = _setting("part of its deployable land force that a state offers", "share")
    home_tie_counts: Share = _setting("how far forces tied to the defence of home are missing from the offer", "share")
    deters: Number = _setting(
        "soldiers of the host that one soldier of this option weighs as much as", "soldiers", ge=0, le=1000
    )
    punishes: Share = _setting(
        "part of a state's economic weight that stands behind the option if it is attacked", "share"
    )
    provokes: Share = _setting("how strongly Moscow refuses the option, troops being 1", "share")
    peer_norm: Share = _setting("share of peers at which momentum neither pulls nor holds back", "share")
    raises: dict[Name, Number] = _setting("how strongly the option raises each consideration; left out: not at all")


class Constant(Part):
    """A quantity that stays where it is."""

    process: Literal["constant"] = "constant"
    value: Share = _setting("its value throughout", "share")


class Schedule(Part):
    """Dated values, such as the record of 2025."""

    process: Literal["schedule"]
    values: dict[Date, Share] = _setting("value from each date on", "share", min_length=1)
    between: Literal["step", "linear"] = _setting("what holds between two dates", default="step")

    @field_validator("values")
    @classmethod
    def _in_order(cls, values: dict[datetime.date, float]) -> dict[datetime.date, float]:
        dates = list(values)
        for earlier, later in itertools.pairwise(dates):
            if later <= earlier:
                raise ValueError(f"dates out of order: {later} stands after {earlier}; put the earlier date first")
        return values


class Ramp(Part):
    """A quantity that moves evenly from one value to another."""

    process: Literal["ramp"]
    start_value: Share = _setting("value before and at the first round of the ramp", "share")
    end_value: Share = _setting("value from the last round of the ramp on", "share")
    start_round: Count = _setting("round in which it begins to move", "round", ge=1, default=1)
    end_round: Count = _setting("round in which it arrives", "round", ge=1)

    @model_validator(mode="after")
    def _forwards(self) -> Ramp:
        if self.end_round <= self.start_round:
            raise ValueError(f"end_round {self.end_round} must come after start_round {self.start_round}")
        return self


class LogitAR1(Part):
    """A quantity that wanders around a level on the logit scale, with now and then a jump."""

    process: Literal["logit_ar1"]
    level: Annotated[Number, Field(gt=0, lt=1)] = _setting("where it starts and returns to", "share")
    persistence: Annotated[Number, Field(ge=0, lt=1)] = _setting("part of a deviation left after a round", "share")
    volatility: Annotated[Number, Field(ge=0, le=10)] = _setting("standard deviation of a round's move", "logits")
    jump_chance: Share = _setting("chance of a jump in a round", "share", default=0.0)
    jump_size: Annotated[Number, Field(ge=0, le=20)] = _setting("standard deviation of a jump", "logits", default=0.0)


def _process_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        kind = value.get("process", "constant")
        return kind if isinstance(kind, str) else None
    return getattr(value, "process", None)


def _plain_number(value: Any) -> Any:
    """Read a plain number as a constant process."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"process": "constant", "value": value}
    return value


Process = Annotated[
    Annotated[Constant, Tag("constant")]
    | Annotated[Schedule, Tag("schedule")]
    | Annotated[Ramp, Tag("ramp")]
    | Annotated[LogitAR1, Tag("logit_ar1")],
    Discriminator(_process_kind),
    BeforeValidator(_plain_number),
]


class Environment(Part):
    """What the states look out on; each quantity is a number or a process."""

    us_backing: Process = _setting("how firmly the United States would back the force", "0 to 1")
    russian_opposition: Process = _setting("how firmly Moscow opposes it", "0 to 1")
    mandate: Process = _setting("how far an international mandate covers it, 1 being the Security Council", "0 to 1")
    clarity: Process = _setting("how clear its mission is", "0 to 1")
    sincerity: Process = _setting("how sincere a ceasefire is believed to be before it is tried", "0 to 1")
    battlefield: Process = _setting("how well the host's own forces hold, 1 being at full strength", "0 to 1")


class Couplings(Part):
    """How the environment answers the states."""

    russian_reaction: Number = _setting(
        "rise of Russian opposition if every state declared troops", "share", ge=0, le=1
    )
    us_response: Number = _setting(
        "rise of US backing behind a solid offer in a permanent ceasefire", "share", ge=0, le=1
    )
    solid_offer: Number = _setting("part of the ask that makes an offer solid", "share of the ask", ge=0, le=10)


class Ceasefire(Part):
    """How a ceasefire comes, is tested and breaks."""

    phase: Literal["fighting", "limited_truce", "permanent_ceasefire"] = _setting("the phase at the start")
    truce_hazard: Number = _setting(
        "rate at which fighting gives way to a limited truce, unopposed", "per week", ge=0, le=10
    )
    deal_hazard: Number = _setting(
        "rate at which a limited truce becomes permanent, unopposed", "per week", ge=0, le=10
    )
    breakdown_hazard: Number = _setting(
        "rate at which an insincere, undeterred side breaks it", "per week", ge=0, le=10
    )
    opposition_slows: Number = _setting("how strongly Russian opposition delays a deal", "log rate", ge=0, le=20)
    troops_slow: Number = _setting("how strongly declared troops delay a deal", "log rate", ge=0, le=20)
    sincere_chance: Share = _setting("chance that Moscow means it", "share")
    violations_sincere: Number = _setting("serious violations by a side that means it", "per week", gt=0, le=1000)
    violations_insincere: Number = _setting("serious violations by a side that does not", "per week", gt=0, le=1000)


class Conditions(Part):
    """What a conditional stance supposes: each quantity at least at this value."""

    us_backing: Share = _setting("US backing asked for", "at least")
    sincerity: Share = _setting("sincerity of the ceasefire asked for", "at least")
    clarity: Share = _setting("clarity of the mission asked for", "at least")


class Proposal(Part):
    """What the leads propose, and how they re-dimension it."""

    headline: Name = _setting("the option that the proposal is about")
    redimensions: Flag = _setting("whether the leads change the proposal at all")
    patience: Count = _setting(
        "rounds that the force may stay under the ask before the leads act", "rounds", ge=1, le=1000
    )
    cut: Share = _setting("part of the ask that a cut takes off", "share")
    floor: Count = _setting("ask below which the headline moves down instead", "soldiers", ge=0, le=10_000_000)
    rise: Number = _setting(
        "multiple of the ask beyond which, with US backing rising, the headline moves up", "asks", ge=1, le=100
    )
    clarity_cost: Share = _setting("clarity that a change of the proposal costs", "share")
    planning: Share = _setting("part of the lost clarity that a round of planning wins back", "share")


class Forces(Part):
    """How offers, strain and cost follow from a state's figures."""

    sustaining_budget: Number = _setting(
        "yearly budget per soldier that makes a force fully deployable", "USD", gt=0, le=1e9
    )
    rotation: Number = _setting("soldiers tied up for each one deployed", "soldiers", ge=1, le=100)
    strain_limit: Number = _setting("strain at which it is cut off", "ratio", ge=0, le=100)
    small_force: Number = _setting(
        "usable land force under which a state feels one more unit of strain", "soldiers", ge=0, le=1e7
    )
    yearly_cost: Number = _setting("cost of a deployed soldier", "USD a year", ge=0, le=1e9)
    debt_reference: Number = _setting("debt ratio at which a cost weighs what it is", "% of GDP", gt=0, le=1000)
    lead_factor: Number = _setting("how many times its share a lead offers", "ratio", ge=0, le=100)


class Geography(Part):
    """How near the danger is, and how much of a force it ties to home."""

    far: Number = _setting("distance from Moscow up to which exposure is full", "km", ge=0, le=20_000)
    fading: Number = _setting("distance over which exposure falls to 1/e beyond that", "km", gt=0, le=20_000)
    border_share: Share = _setting("part of the front exposure that a border makes", "share")
    host_border: Share = _setting("how much of a Russian border one with the host counts", "share")
    home_tie_base: Share = _setting("part of a force that stays at home anywhere", "share")
    home_tie_front: Share = _setting("further part that stays at home on the front", "share")


class Belief(Part):
    """How states judge whether an option will go ahead."""

    floor: Share = _setting("belief in an option nobody backs", "share")
    spread: Number = _setting("distance from the ask over which belief turns", "share of the ask", gt=0, le=100)


Formats = Annotated[
    Annotated[tuple[str, ...], Tag("listed")] | Annotated[Literal["all", "everyone"], Tag("in_a_word")],
    Discriminator(lambda value: "listed" if isinstance(value, (list, tuple)) else "in_a_word"),
]


class Momentum(Part):
    """Whom states look to."""

    formats: Formats = _setting("consultation formats whose members are peers; everyone: all states alike")
    counts: Literal["at_or_above", "same_option"] = _setting("which peers' stances count for an option")
    budgets_count: Flag = _setting("whether a peer counts by the square root of its defence budget")
    lead_factor: Number = _setting("how many times a lead counts as a peer", "ratio", ge=0, le=100)


class Deterrence(Part):
    """What the stances add up to in the eyes of Moscow."""

    host_soldiers: Number = _setting("soldiers of the host at full strength", "soldiers", ge=0, le=1e8)
    opponent_soldiers: Number = _setting("soldiers that the opponent can set against them", "soldiers", gt=0, le=1e8)
    us_soldiers: Number = _setting("soldiers' worth of full US backing", "soldiers", ge=0, le=1e8)
    decisiveness: Number = _setting("exponent of the contest", "", gt=0, le=20)
    punishment: Share = _setting("how far the threat of punishment can deter alone", "share")
    economic_reach: Number = _setting("how fast punishment grows with the economic weight behind it", "", ge=0, le=100)


Opening = Annotated[
    Annotated[Name, Tag("one_for_all")] | Annotated[dict[StateCode, Name], Tag("by_state")],
    Discriminator(lambda value: "by_state" if isinstance(value, dict) else "one_for_all"),
]


class Scenario(Part):
    """One question: who is asked what, under which circumstances, by which rules."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = _setting(
        "the scenario's name; its file's, unless given"
    )
    question: str = _setting("what the scenario asks", min_length=1)
    about: str = _setting("what it supposes and why", default="")
    sources: tuple[str, ...] = _setting("where its numbers come from", default=())

    host: StateCode = _setting("state in which the force would stand")
    opponent: StateCode = _setting("state that it is to deter")
    leads: tuple[StateCode, ...] = _setting("states that make the proposal")
    roster: Roster
    states: dict[StateCode, StateOverride] = _setting("what is different about single states", default_factory=dict)
    opening: Opening = _setting(
        "stance that all states, or the named ones, hold before the first round", default=ABSTAIN
    )

    start: Date = _setting("date of the first round")
    round_days: Count = _setting("length of a round", "days", ge=1, le=366)
    rounds: Count = _setting("number of rounds", "rounds", ge=1, le=10_000)
    activation: Literal["simultaneous", "random_sequence", "leads_first", "one_at_a_time"] = _setting(
        "who declares on whose last stance"
    )
    revision: Share = _setting("chance that a state revises its stance in a round", "share")
    turnover: Share = _setting("chance that a revision comes with a political turnover", "share")
    sharpness: Sharpness = _setting("how little chance there is in a choice; .inf: best reply")

    menu: dict[Name, Option] = _setting("the options besides abstaining", min_length=1)
    weights: dict[Name, Number] = _setting("how much each consideration weighs")
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

    @property
    def option_names(self) -> tuple[str, ...]:
        """Abstaining and the menu, from the lowest rung to the highest; ties in alphabetical order."""
        return (ABSTAIN, *sorted(self.menu, key=lambda name: (self.menu[name].rung, name)))

    @property
    def deepest(self) -> str:
        """The option of the highest rung."""
        return self.option_names[-1]
