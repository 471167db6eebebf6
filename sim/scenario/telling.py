"""Which mistakes are told, in which order, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.errors import Mistake

MOST_MISTAKES = 100  # told at once


def not_told(found: Iterable[Mistake], told: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes that concern no setting about which there is one already."""
    known = {(mistake.file, mistake.line, mistake.column, mistake.path) for mistake in told}
    return [each for each in found if (each.file, each.line, each.column, each.path) not in known]


def in_order(mistakes: Sequence[Mistake], sources: Sequence[str]) -> list[Mistake]:
    """Return the mistakes in the order of their sources and as they stand there, and not too many of them."""

    def place(mistake: Mistake) -> tuple[int, int, int]:
        source = sources.index(mistake.file) if mistake.file in sources else len(sources)
        return source, mistake.line or 0, mistake.column or 0

    first = sorted(mistakes, key=place)[:MOST_MISTAKES]
    if len(mistakes) > MOST_MISTAKES:
        first.append(Mistake(file=sources[0], message=f"more than {MOST_MISTAKES} mistakes; mend these first"))
    return first
