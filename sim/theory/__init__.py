"""The rules: pure functions from numbers to numbers, compiled where they are called often.

Nothing here knows a scenario, a table, Mesa or a generator. Every engine calls these same functions, so that every
engine gives the same bits. docs/odd.md describes them under Submodels.
"""

import hashlib
import os
import tempfile
from pathlib import Path


def _own_cache() -> str:
    """Return a cache folder that changes whenever a rule, or the ensemble that is compiled from them, changes.

    Numba notices a change in the file of a compiled function, but not in what it takes from other files; a shared
    cache could therefore play yesterday's rules. A folder per text of what is compiled cannot.
    """
    here = Path(__file__).parent
    compiled = [*sorted(here.glob("*.py")), *sorted((here.parent / "ensemble").glob("*.py"))]
    text = b"".join(path.read_bytes() for path in compiled)
    rules = hashlib.sha256(text).hexdigest()[:16]
    me = os.getuid() if hasattr(os, "getuid") else 0
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (home / "willing" / rules, Path(tempfile.gettempdir()) / f"willing-{me}" / rules):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                if folder.parent.stat().st_uid == me:  # nobody else may put compiled code there
                    return str(folder)
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="willing-")


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = _own_cache()
