"""Files of scenarios and experiments: finding them by name or path, and reading their text safely."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

import sim.errors
from sim.errors import Mistake, ScenarioError
from sim.scenario.file_kinds import EXPERIMENT, SCENARIO, FileKind
from sim.scenario.suggestions import nearest
from sim.scenario.syntax_tree import Place

SUFFIX = ".yaml"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def shipped(kind: FileKind = SCENARIO) -> dict[str, Path]:
    """Return the scenarios, or the experiments, that come with the program, by name."""
    return {path.stem: path for path in sorted(_shipped_folder(kind).glob(f"*{SUFFIX}"))}


def find_scenario(reference: str | Path, kind: FileKind = SCENARIO) -> Path:
    """Return the file of a name of a shipped one, or of a path; ScenarioError if there is none."""
    if not isinstance(reference, (str, Path)):
        what = type(reference).__name__
        raise _mistaken(repr(reference)[:40], f"a {what} is neither the name nor the path of {kind}")
    if isinstance(reference, str) and _NAME.fullmatch(reference) and reference in (known := shipped(kind)):
        return _near_here(known[reference])
    if not str(reference).strip():
        names = shipped(kind)
        example = "base" if "base" in names else next(iter(names), "mine.yaml")
        raise _mistaken(f"'{reference}'", f"is empty; give the name of {kind}, such as {example}, or a file")
    path = Path(reference)
    name_shown = _printable(str(reference)) or "''"
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _trouble(path, error, kind) from None
    if stat.S_ISDIR(status.st_mode):
        holds = "the folder of a run or a sweep" if (path / "manifest.json").is_file() else "a folder"
        what_next = f"name {kind}, by its name or its file" if holds != "a folder" else f"name a {SUFFIX} file in it"
        raise _mistaken(name_shown, f"is {holds}; {what_next}")
    return path


def find_extended(name: str, child: Path, place: Place) -> Path:
    """Return the scenario that the child extends: one beside it, or else a shipped one.

    Only names are allowed, so that a scenario from elsewhere cannot reach into other folders.
    """
    if not _NAME.fullmatch(name):
        message = f"'{_printable(name)}' is not the name of a scenario; give a name without a folder, such as base"
        raise ScenarioError([place.mistake(message, "extends")])
    folder = child.parent
    beside = folder / f"{name}{SUFFIX}"
    if os.path.lexists(beside):
        check_inside(beside, folder, place)
        return beside
    known = shipped()
    if name in known:
        return _near_here(known[name])
    names = {*known, *_names_in(folder)} - {child.stem}
    if name.endswith((SUFFIX, ".yml")):
        hint = f"; give it without {Path(name).suffix}"
    else:
        near = nearest(name, names)
        hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(sorted(names)[:20])}" if names else ""
    message = f"there is no scenario '{_printable(name)}' {_beside(place)} or among the shipped ones{hint}"
    raise ScenarioError([place.mistake(message, "extends")])


def find_beside(name: str, child: Path, place: Place, path: str) -> Path:
    """Return the scenario that a file names: a shipped one, or else one beside that file.

    With its suffix it is always the one beside. path is the setting that names it.
    """
    stem = name.removesuffix(SUFFIX)
    if not _NAME.fullmatch(stem):
        message = f"'{_printable(name)}' is not the name of a scenario; give a name without a folder, such as base"
        raise ScenarioError([place.mistake(message, path)])
    known = shipped()
    if name in known:
        return _near_here(known[name])
    folder = child.parent
    beside = folder / f"{stem}{SUFFIX}"
    if os.path.lexists(beside):
        check_inside(beside, folder, place, path)
        return beside
    near = nearest(stem, {*known, *_names_in(folder)} - {child.stem})
    hint = f"; did you mean '{near}'?" if near else ""
    message = f"there is no scenario '{_printable(name)}' among the shipped ones or {_beside(place)}{hint}"
    raise ScenarioError([place.mistake(message, path)])


def _beside(place: Place) -> str:
    return "beside this file" if place.source.is_file else "in the working folder"


def take_text(path: Path, kind: FileKind = SCENARIO) -> str:
    """Return the text of a file; ScenarioError if it is not a readable text file of a size that fits its kind."""
    name_shown = _printable(str(path))
    if not _is_utf8(str(path)):  # manifests contain it, and are UTF-8
        raise _mistaken(name_shown, "has a name that is not UTF-8; rename it")
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # before opening, since opening a pipe blocks
            raise _mistaken(name_shown, f"is not an ordinary file; {kind} is a text file")
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _mistaken(name_shown, f"is not an ordinary file; {kind} is a text file")
            content = file.read(kind.largest + 1) if status.st_size <= kind.largest else b""
    except (OSError, ValueError) as error:
        raise _trouble(path, error, kind) from None
    size = max(status.st_size, len(content))
    if size > kind.largest:
        raise _mistaken(name_shown, f"is {size:,} bytes long; {kind} has at most {kind.largest:,}")
    return _decoded(name_shown, content, kind)


def _decoded(name_shown: str, content: bytes, kind: FileKind) -> str:
    if b"\0" in content:
        raise _mistaken(name_shown, f"is not text; {kind} is a UTF-8 text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = re.split(r"\r\n|\n|\r", content[: error.start].decode("utf-8-sig"))
        line, column = len(before), len(before[-1]) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ScenarioError([Mistake(file=name_shown, message=message, line=line, column=column)]) from None


def check_inside(beside: Path, folder: Path, place: Place, path: str = "extends", kind: FileKind = SCENARIO) -> None:
    """Raise ScenarioError for a link that leads out of the folder of the scenario, or the experiment, that names it."""
    try:
        is_inside = beside.resolve(strict=True).parent == folder.resolve(strict=True)
    except (OSError, RuntimeError):
        message = f"'{beside.name}' is a link that leads nowhere"
        raise ScenarioError([place.mistake(message, path)]) from None
    if not is_inside:
        message = f"'{beside.name}' is a link that leads out of the {kind.name}'s folder; copy the file there instead"
        raise ScenarioError([place.mistake(message, path)])


def _shipped_folder(kind: FileKind) -> Path:
    package = Path(sim.errors.__file__).parent
    packed = package / kind.packed  # in a wheel
    return packed if packed.is_dir() else package.parent / kind.folder


def _near_here(path: Path) -> Path:
    """Return the path relative to the working folder if it is inside, for shorter messages."""
    try:
        return path.relative_to(Path.cwd())
    except (ValueError, OSError):
        return path


def _meant(path: Path, kind: FileKind) -> str:
    """Return a suggestion for a path that does not exist: a file beside it, or a shipped name."""
    known = shipped(kind)
    names = list(known) if path.parent == Path() else []
    near = nearest(path.name, [*names, *(f"{name}{SUFFIX}" for name in _names_in(path.parent))])
    if near is not None:
        return f"; did you mean '{_printable(str(near if near in names else path.with_name(near)))}'?"
    other = EXPERIMENT if kind == SCENARIO else SCENARIO
    near = nearest(path.name, shipped(other)) if names else None
    if near is not None:
        return f"; did you mean '{near}', which is {other}?"
    return f"; shipped are {', '.join(known)}" if known else ""


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))[:1000]
    except (OSError, ValueError):
        return []


def _trouble(path: Path, error: OSError | ValueError, kind: FileKind) -> ScenarioError:
    name_shown = _printable(str(path))
    code = error.errno if isinstance(error, OSError) else None
    other = EXPERIMENT if kind == SCENARIO else SCENARIO
    if code in (errno.ENOENT, errno.ENOTDIR) and kind in (SCENARIO, EXPERIMENT) and str(path) in shipped(other):
        what = no_experiment(str(path)) if kind == EXPERIMENT else _no_scenario(str(path))
        return _mistaken(name_shown, what)
    if code in (errno.ENOENT, errno.ENOTDIR):
        return _mistaken(
            name_shown, f"there is no such file, nor a shipped {kind.name} of that name{_meant(path, kind)}"
        )
    if code == errno.EACCES:
        return _mistaken(name_shown, "may not be read; ask for permission, or copy it")
    if code == errno.ELOOP:
        return _mistaken(name_shown, "is a link that leads in a circle")
    if code is None:
        return _mistaken(name_shown, "is not a path")
    return _mistaken(name_shown, f"cannot be read: {os.strerror(code).lower()}")


def no_experiment(reference: str) -> str:
    """Return the message for a scenario that is named in place of an experiment."""
    return (
        f"this is a scenario, not an experiment; `willing run {reference}` simulates it, and an experiment varies it "
        f"with `scenario: {Path(reference).name.removesuffix(SUFFIX)}` and `vary`"
    )


def _no_scenario(name: str) -> str:
    return f"this is an experiment, which varies a scenario; `willing sweep {name}` simulates it"


def _mistaken(name_shown: str, message: str) -> ScenarioError:
    return ScenarioError([Mistake(file=name_shown, message=message)])


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    name_shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return name_shown if len(name_shown) <= 200 else name_shown[:197] + "..."
