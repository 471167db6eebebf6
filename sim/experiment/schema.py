"""The keys of an experiment file, with their ranges and meanings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sim.experiment.figure_specs import WrittenFigure
from sim.scenario.field_types import Count, Flag, Number, SettingsBlock, Text, setting
from sim.scenario.suggestions import did_you_mean

MOST_POINTS = 10_000_000
MOST_REPLICATES = 1 << 32
MOST_LEVELS = 1_000  # of a list
LARGEST_SEED = (1 << 63) - 1

# Factors


class RangeSchema(SettingsBlock):
    """A range of numbers."""

    low: Number = setting("lowest level", alias="from")
    high: Number = setting("highest level", alias="to")
    steps: Count | None = setting("number of levels, including both ends", default=None, ge=2, le=MOST_POINTS)
    scale: Literal["linear", "log"] = setting(
        "whether neighbouring levels have a constant difference or a constant ratio", default="linear"
    )

    @model_validator(mode="after")
    def _upwards(self) -> RangeSchema:
        if self.low >= self.high:
            raise ValueError(f"from {self.low:.12g} must be less than to {self.high:.12g}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"from {self.low:.12g} must be above 0 on a log scale")
        return self


class ChoicesSchema(SettingsBlock):
    """Named alternatives, each a set of changes to the scenario."""

    choices: dict[str, dict[str, Any]] = setting("changes to the scenario, by label")


def _check_variation(value: Any) -> Any:
    if not isinstance(value, (dict, list)):
        message = "must be a range such as {from: 0, to: 1, steps: 11}, a list of levels, or {choices: ...}"
        raise PydanticCustomError("no_variation", message)
    return value


def _tag(value: Any) -> str:
    if isinstance(value, dict):
        return "as_choices" if "choices" in value else "as_range"
    return "as_list"


Variation = Annotated[
    Annotated[RangeSchema, Tag("as_range")]
    | Annotated[ChoicesSchema, Tag("as_choices")]
    | Annotated[Annotated[tuple[Any, ...], Field(max_length=MOST_LEVELS)], Tag("as_list")],
    Discriminator(_tag),
    BeforeValidator(_check_variation),
]


# Designs


class Grid(SettingsBlock):
    """Every level combined with every other."""


class LatinHypercube(SettingsBlock):
    """Points that cover every factor evenly (McKay, Beckman and Conover 1979)."""

    points: Count = setting("number of points", "points", ge=1, le=MOST_POINTS)
    seed: Count = setting("random seed of the design", default=0, ge=0, le=LARGEST_SEED)


class Sobol(SettingsBlock):
    """Scrambled Sobol' points, which cover the whole space evenly (Sobol' 1967, Owen 1998)."""

    points: Count = setting("number of points, a power of two", "points", ge=1, le=MOST_POINTS)
    seed: Count = setting("random seed of the design", default=0, ge=0, le=LARGEST_SEED)


class Saltelli(SettingsBlock):
    """Points for the estimation of Sobol' indices (Saltelli 2002)."""

    base: Count = setting("size of the samples that are crossed, a power of two", "points", ge=2, le=MOST_POINTS)
    second_order: Flag = setting("whether indices of pairs of factors are estimated as well", default=False)
    seed: Count = setting("random seed of the design", default=0, ge=0, le=LARGEST_SEED)


class Morris(SettingsBlock):
    """Trajectories that move one factor at a time (Morris 1991)."""

    trajectories: Count = setting("number of trajectories", ge=2, le=MOST_POINTS)
    levels: Count = setting("levels of each factor, an even number", default=4, ge=2, le=1_000)
    seed: Count = setting("random seed of the design", default=0, ge=0, le=LARGEST_SEED)


class OneAtATime(SettingsBlock):
    """The scenario without changes, then each factor through its levels."""


Word = Literal["grid", "one_at_a_time"]  # designs without settings
WORDS: tuple[str, ...] = get_args(Word)
_EXAMPLES = {
    "latin_hypercube": "{latin_hypercube: {points: 500}}",
    "sobol": "{sobol: {points: 512}}",
    "saltelli": "{saltelli: {base: 256}}",
    "morris": "{morris: {trajectories: 20}}",
    "table": "{table: points.csv}",
}


class DesignSchema(SettingsBlock):
    """One design, by its name."""

    grid: Grid | None = setting("every level combined with every other", default=None)
    latin_hypercube: LatinHypercube | None = setting("evenly by factor", default=None)
    sobol: Sobol | None = setting("evenly in the whole space", default=None)
    saltelli: Saltelli | None = setting("for Sobol' indices", default=None)
    morris: Morris | None = setting("for elementary effects", default=None)
    one_at_a_time: OneAtATime | None = setting("each factor by itself", default=None)
    table: str | None = setting("a file of points in the folder of the experiment, one row per point", default=None)

    @model_validator(mode="after")
    def _only_one(self) -> DesignSchema:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("name one design" + (f"; these are {', '.join(given)}" if given else ""))
        return self


def _named_design(value: Any) -> Any:
    """Read the name of a design without settings as that design."""
    if not isinstance(value, str):
        return value
    if value in WORDS:
        return {value: {}}
    if value in _EXAMPLES:
        message = "needs to know how many points; write {example}" if value != "table" else "which? write {example}"
        raise PydanticCustomError("no_design", message, {"example": _EXAMPLES[value]})
    hint = did_you_mean(value[:40], (*WORDS, *_EXAMPLES))
    raise PydanticCustomError("no_design", "no design '{name}'{hint}", {"name": value[:40], "hint": hint})


def design_of(written: Mapping[str, Any]) -> Any:
    """Return the design that is written as {saltelli: {base: 256}}; ValueError if there is no such design."""
    design = DesignSchema.model_validate(written)
    return next(getattr(design, name) for name in type(design).model_fields if getattr(design, name) is not None)


References = Annotated[
    Annotated[Annotated[tuple[str, ...], Field(min_length=1, max_length=100)], Tag("listed")]
    | Annotated[str, Tag("in_a_word")],
    Discriminator(lambda value: "listed" if isinstance(value, (list, tuple)) else "in_a_word"),
]


class ExperimentSchema(SettingsBlock):
    """One experiment: what is varied in which scenario, by which design, and what is measured."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = setting(
        "name of the experiment; by default that of its file"
    )
    question: Text = setting("question of the experiment", min_length=1)
    about: str = setting("purpose and method", default="")
    sources: tuple[str, ...] = setting("sources of the numbers", default=())
    scenario: References = setting("scenario that is varied, or several to compare")
    vary: dict[str, Variation] = setting("levels by factor", min_length=1, max_length=200)
    design: Annotated[
        DesignSchema,
        BeforeValidator(_named_design, json_schema_input_type=Word | DesignSchema),
    ] = setting("rule that combines levels into points", default_factory=lambda: DesignSchema(grid=Grid()))
    replicates: Count = setting("replicates of each point", "replicates", ge=1, le=MOST_REPLICATES)
    seed: Count = setting("random seed", default=0, ge=0, le=LARGEST_SEED)
    rounds: Count | None = setting(
        "number of rounds, in place of the scenario's", "rounds", default=None, ge=1, le=10_000
    )
    outcomes: tuple[str, ...] = setting("outcomes that are measured", min_length=1, max_length=500)
    figures: tuple[WrittenFigure, ...] = setting("figures that are drawn", default=(), max_length=100)
