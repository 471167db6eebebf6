"""Thumbnails of figures: small PNG files with few pixels and colours."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

DOTS = 84  # per inch, the least at which the small text of a map is legible
COLOURS = 256


def save_thumbnail(fig: Figure, path: Path) -> None:
    """Write the figure as a small PNG; the same figure gives the same bytes."""
    full = io.BytesIO()
    fig.savefig(full, format="png", dpi=DOTS, metadata={"Software": None})
    with Image.open(full) as image:
        image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, format="PNG", optimize=True
        )
