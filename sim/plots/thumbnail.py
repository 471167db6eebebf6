"""A figure in little: few pixels, few colours, a few dozen kilobytes."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

DOTS = 84  # per inch: the least at which the small type of a map can still be read
COLOURS = 256


def save_thumbnail(made: Figure, path: Path) -> None:
    """Write the figure as a small PNG; the same figure gives the same bytes."""
    full = io.BytesIO()
    made.savefig(full, format="png", dpi=DOTS, metadata={"Software": None})
    with Image.open(full) as image:
        image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, format="PNG", optimize=True
        )
