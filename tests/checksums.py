"""Files that carry their own checksum, changed as the program would have written them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.scenario.checksum import seal_json


def rewrite(path: Path, **entries: Any) -> None:
    """Replace entries of a manifest, and seal it again."""
    path.write_text(seal_json(json.loads(path.read_text("utf-8")) | entries), "utf-8")
