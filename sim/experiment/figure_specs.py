"""The kinds of figures that an experiment can name, with the settings of each."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from sim.scenario.field_types import SettingsBlock, setting
from sim.scenario.suggestions import did_you_mean

EVERY_STATE = "*"  # in place of the code of a state: joins.*


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


_OneOrMore = str | Annotated[tuple[str, ...], Field(min_length=1)]
Several = Annotated[
    tuple[str, ...], BeforeValidator(_one_or_more, json_schema_input_type=_OneOrMore), Field(min_length=1)
]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9_-]{0,79}$")]


class FigureSpec(SettingsBlock):
    """The settings that every kind of figure has."""

    title: str = setting("title; by default derived from the content", default="")
    name: FileName | None = setting("name of the file; by default derived from kind and outcome", default=None)

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors of the figure."""
        named = (getattr(self, key, None) for key in ("x", "y", "by", "rows"))
        return tuple(factor for factor in named if factor is not None)

    @property
    def measured(self) -> tuple[str, ...]:
        """The outcomes of the figure, in its order."""
        outcome, contour = getattr(self, "outcome", ()), getattr(self, "contour", None)
        return (*_one_or_more(outcome), *((contour,) if contour is not None else ()))


class Phase(FigureSpec):
    """The most frequent word for each combination of two factors."""

    kind: Literal["phase"]
    x: str = setting("factor on the horizontal axis")
    y: str = setting("factor on the vertical axis")
    outcome: str = setting("outcome whose value is a word, such as headline or stance.DEU")
    contour: str | None = setting("numeric outcome, drawn as contour lines", default=None)


class Cliff(FigureSpec):
    """A numeric outcome over one factor, with its interval."""

    kind: Literal["cliff"]
    x: str = setting("factor on the horizontal axis")
    outcome: Several = setting("numeric outcomes, one curve each")
    by: str | None = setting("factor with separate curves for each level", default=None)


class Heat(FigureSpec):
    """The mean of a numeric outcome for each combination of two factors."""

    kind: Literal["heat"]
    x: str = setting("factor on the horizontal axis")
    y: str = setting("factor on the vertical axis")
    outcome: str = setting("numeric outcome")


class Tornado(FigureSpec):
    """The effect of each factor on a numeric outcome."""

    kind: Literal["tornado"]
    outcome: Several = setting("numeric outcomes, one panel each")


class Multiples(FigureSpec):
    """One panel for each level of a factor: curves over one other factor, or heat maps over two."""

    kind: Literal["multiples"]
    x: str = setting("factor on the horizontal axis")
    y: str | None = setting("factor on the vertical axis; if absent, curves", default=None)
    outcome: str = setting("numeric outcome")
    by: str = setting("factor with one panel for each level")


class Hysteresis(FigureSpec):
    """A numeric outcome over one factor from different openings, and the differences between them."""

    kind: Literal["hysteresis"]
    x: str = setting("factor on the horizontal axis")
    outcome: str = setting("numeric outcome")
    by: str = setting("factor whose levels are the openings")


class Effects(FigureSpec):
    """The change from one level of a factor to each other level, by outcome or by state."""

    kind: Literal["effects"]
    rows: str = setting("factor whose levels are compared")
    outcome: Several = setting("numeric outcomes, one column each; joins.* has one column per state")
    against: str = setting("level with which the others are compared", default="nobody")


Figure = Phase | Cliff | Heat | Tornado | Multiples | Hysteresis | Effects

KINDS: dict[str, type[FigureSpec]] = {
    "phase": Phase,
    "cliff": Cliff,
    "heat": Heat,
    "tornado": Tornado,
    "multiples": Multiples,
    "hysteresis": Hysteresis,
    "effects": Effects,
}


def _check_kind(value: Any) -> Any:
    """Check the kind of a figure before its settings are checked."""
    if not isinstance(value, dict):
        raise PydanticCustomError("no_figure", "a figure is a mapping, such as {kind: heat, x: ..., y: ..., ...}")
    kind = value.get("kind")
    if kind is None:
        raise PydanticCustomError("no_figure", "no kind; give one of {kinds}", {"kinds": ", ".join(KINDS)})
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind)[:40], KINDS)
        raise PydanticCustomError(
            "no_figure", "no kind of figure '{kind}'{hint}", {"kind": str(kind)[:40], "hint": hint}
        )
    return value


WrittenFigure = Annotated[
    Annotated[Phase, Tag("phase")]
    | Annotated[Cliff, Tag("cliff")]
    | Annotated[Heat, Tag("heat")]
    | Annotated[Tornado, Tag("tornado")]
    | Annotated[Multiples, Tag("multiples")]
    | Annotated[Hysteresis, Tag("hysteresis")]
    | Annotated[Effects, Tag("effects")],
    Discriminator(lambda value: value["kind"] if isinstance(value, dict) else value.kind),
    BeforeValidator(_check_kind),
]


def named[F: FigureSpec](figures: tuple[F, ...]) -> tuple[F, ...]:
    """Return the figures with unique names: phase-headline, phase-headline-2."""
    taken: set[str] = set()
    result = []
    for figure in figures:
        name = requested = figure.name or _default_name(figure)
        number = 2
        while name.lower() in taken:
            name = f"{requested}-{number}"
            number += 1
        taken.add(name.lower())
        result.append(figure.model_copy(update={"name": name}))
    return tuple(result)


def _default_name(figure: FigureSpec) -> str:
    outcome = _one_or_more(figure.outcome)[0].removesuffix(f".{EVERY_STATE}")  # type: ignore[attr-defined]
    return re.sub(r"[^A-Za-z0-9_]+", "-", f"{figure.kind}-{outcome}")[:80]  # type: ignore[attr-defined]
