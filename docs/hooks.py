"""What `make docs` adds to MkDocs: pages made from the code, notebooks, and links to files outside docs/."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

import sim
from sim.cli.main import COMMANDS, cli
from sim.scenario import Scenario

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LANGUAGES = {".py": "python", ".yaml": "yaml", ".cff": "yaml", ".txt": "text", "": "text"}  # of files shown as a page
API = """# Python API

`import sim` is enough: the functions, classes and errors below are attributes of the package. Each function returns a
result, and all results share the methods of `Result`. Nothing is written to disk unless a folder is given or a method
that saves is called. Write `import sim as willing` if `sim` is the name of a variable of yours.
"""
COMMAND_LINE = """# Command line

The help of every command, as `willing COMMAND --help` prints it.
"""
SCENARIO_FILE = """# The scenario file

Every key of a scenario, with its range and unit. Most scenarios extend [base](../../scenarios/base.yaml), which gives
every setting a value; such a file names only what it changes. `willing list parameters` prints the values of a
scenario, and `willing check FILE` names every mistake in a file. In the headings, NAME stands for a name that the file
chooses, and CODE for the three letters of a state.
"""
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)[^)\s#]+")


def on_config(config: MkDocsConfig) -> None:
    """Replace a pattern in the navigation, such as `adr/*.md`, by the pages that match it."""
    for section in config.nav:
        for title, entries in section.items() if isinstance(section, dict) else ():
            if isinstance(entries, list):
                section[title] = [_expanded(entry) for entry in entries]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages made from the code, the notebooks, and the files outside docs/ that pages link to."""
    reference = {"api": api, "command-line": command_line, "scenario-file": scenario_file}
    contents = {f"reference/{name}.md": page() for name, page in reference.items()}
    for path in sorted((DOCS / "notebooks").glob("*.py")):
        files.remove(files.src_uris[path.relative_to(DOCS).as_posix()])
        contents[_uri(path)] = notebook(path, run=config.extra["run_notebooks"])
    for uri, content in contents.items():
        files.append(File.generated(config, uri, content=content))
    pending = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    for path in pending:  # grows while it is read
        if not path.is_relative_to(DOCS):
            files.append(_outside(path, config))
        if path.suffix == ".md":
            linked = {(path.parent / link).resolve() for link in _LINK.findall(path.read_text("utf-8"))}
            pending += sorted(target for target in linked - {*pending} if target.is_file() and ROOT in target.parents)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point each link to the place of its target in the site."""
    uri = Path(page.file.src_uri)
    source = Path(page.file.abs_src_path or DOCS / uri)

    def in_site(link: re.Match[str]) -> str:
        target = (source.parent / link[0]).resolve()
        if target.is_dir():
            target = min(target.glob("*.md"))  # a site has no listings of folders
        return os.path.relpath(_uri(target), uri.parent) if target.is_file() else link[0]

    return _LINK.sub(in_site, markdown)


def api() -> str:
    """Return a page with the public names of the package and the results of its functions."""
    public, types = _imports(ROOT / "sim" / "__init__.pyi"), _imports(ROOT / "sim" / "api.py")
    functions = [name for name, module in public.items() if module == "sim.api"]
    tree = ast.parse((ROOT / "sim" / "api.py").read_text("utf-8"))
    returned = {node.name: ast.unparse(node.returns) for node in tree.body if isinstance(node, ast.FunctionDef)}
    results = dict.fromkeys(name for function in functions if (name := returned[function]) in types.keys() - public)
    others = [name for name in public if name not in functions]
    sections = {
        "Functions": functions,
        "Results": ["Result", *results],
        "Models, agents and scenarios": [name for name in others if not name.endswith("Error")],
        "Errors": [name for name in others if name.endswith("Error")],
    }
    modules = {"Result": "sim.result", **types, **public}
    parts = [API]
    for heading, names in sections.items():
        parts += [f"## {heading}", *(f"::: {modules[name]}.{name}" for name in names)]
    return "\n\n".join(parts)


def command_line() -> str:
    """Return a page with the help of every command."""
    willing = click.Context(cli, info_name="willing", terminal_width=100)
    parts = [COMMAND_LINE, _fenced(cli.get_help(willing))]
    for name in COMMANDS:
        command = cli.get_command(willing, name)
        if command is not None and not command.hidden:
            parts += [f"## {name}", _fenced(command.get_help(click.Context(command, willing, name)))]
    return "\n\n".join(parts)


def scenario_file() -> str:
    """Return a page with a table of the keys of each block of a scenario."""
    schema = Scenario.model_json_schema()
    schema["properties"] = {"extends": sim.schema("scenario")["properties"]["extends"], **schema["properties"]}
    headings: dict[str, str] = {}  # of each block, by its name in the schema

    def visit(block: Mapping[str, Any], path: str = "") -> None:
        for key, entry in block["properties"].items():
            for suffix, name in _references(entry):
                if name not in headings:
                    inner = schema["$defs"][name]
                    process = inner["properties"].get("process")
                    headings[name] = f"process: {process['const']}" if process else f"{path}{key}{suffix}"
                    visit(inner, f"{path}{key}{suffix}.")

    visit(schema)
    parts = [SCENARIO_FILE, "## Top level", _keys(schema)]
    for name, heading in headings.items():
        parts += [f"## `{heading}`", schema["$defs"][name]["description"], _keys(schema["$defs"][name])]
    return "\n\n".join(parts)


def notebook(path: Path, *, run: bool) -> str:
    """Return a text notebook as a page, with the output of each cell if it is to be run."""
    parts: list[str] = []
    names: dict[str, Any] = {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for head, body in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n)*)", path.read_text("utf-8"), re.MULTILINE):
            if "[markdown]" in head:
                parts.append(re.sub(r"^# ?", "", body, flags=re.MULTILINE))
            else:
                parts += [_fenced(body.strip(), "python"), *(_outputs(body, names) if run else ())]
    return "\n\n".join(parts)


def _imports(path: Path) -> dict[str, str]:
    """Return the names that a file imports from modules of the package, with their modules."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in nodes for alias in node.names if node.module.startswith("sim")}


def _outputs(cell: str, names: dict[str, Any]) -> Iterator[str]:
    """Run a cell; yield what it prints and the value of its last expression."""
    *statements, last = ast.parse(cell).body
    is_value = isinstance(last, ast.Expr)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(statements if is_value else [*statements, last], []), "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if is_value else None
    if printed.getvalue():
        yield _fenced(printed.getvalue().strip())
    if hasattr(value, "savefig"):
        picture = io.BytesIO()
        value.savefig(picture, format="png", dpi=100)
        yield f"![Figure](data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()})"
    elif hasattr(value, "_repr_html_"):
        html = re.sub(r"<style.*?</style>", "", value._repr_html_(), flags=re.DOTALL)
        yield f"<div>{re.sub('<table[^>]*>', '<table>', html)}</div>"  # the theme styles tables without a class
    elif value is not None:
        yield _fenced(repr(value))


def _expanded(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {title: _expanded(value) for title, value in entry.items()}
    return [path.relative_to(DOCS).as_posix() for path in sorted(DOCS.glob(entry))] if "*" in entry else entry


def _uri(path: Path) -> str:
    """Return the name that a file of the repository has in the site, before it is rendered."""
    inside = path.is_relative_to(DOCS)
    uri = path.relative_to(DOCS if inside else ROOT)
    if uri.suffix in LANGUAGES:
        uri = uri.with_suffix(".md") if inside else uri.with_name(f"{uri.name}.md")
    return uri.as_posix()


def _outside(path: Path, config: MkDocsConfig) -> File:
    """Return a file outside docs/ as a file of the site; code as a page that shows it."""
    if path.suffix not in LANGUAGES:
        file = File.generated(config, _uri(path), abs_src_path=str(path))
    else:
        name = path.relative_to(ROOT).as_posix()
        text = f"# {name}\n\n{_fenced(path.read_text('utf-8'), LANGUAGES[path.suffix])}"
        file = File.generated(config, _uri(path), content=text)
    file.inclusion = InclusionLevel.NOT_IN_NAV
    return file


def _fenced(text: str, language: str = "text") -> str:
    return f"````{language}\n{text}\n````"


def _references(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the blocks that a key may hold: what follows the key in their paths, and their names in the schema."""
    if "$ref" in entry:
        yield "", entry["$ref"].rpartition("/")[2]
    for choice in (*entry.get("oneOf", ()), *entry.get("anyOf", ())):
        yield from _references(choice)
    for pattern, inner in entry.get("patternProperties", {}).items():
        yield from ((f".{'CODE' if 'A-Z' in pattern else 'NAME'}", name) for _, name in _references(inner))
    if "items" in entry:
        yield from (("[]", name) for _, name in _references(entry["items"]))


def _keys(block: Mapping[str, Any]) -> str:
    rows = ["| key | type | range | unit | meaning |", "|---|---|---|---|---|"]
    for key, entry in block["properties"].items():
        cells = (f"`{key}`", _kind(entry), _limits(entry), entry.get("unit", ""), entry.get("description", ""))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _kind(entry: Mapping[str, Any]) -> str:
    if "enum" in entry:
        return ", ".join(f"`{word}`" for word in entry["enum"])
    if "const" in entry:
        return f"`{entry['const']}`"
    if "$ref" in entry:
        return "mapping"
    choices = [_kind(choice) for choice in entry.get("oneOf", entry.get("anyOf", ()))]
    words = {"object": "mapping", "array": "list", "null": "`null`", "string": entry.get("format", "text")}
    return " or ".join(dict.fromkeys(choices)) or words.get(entry.get("type", ""), entry.get("type", "any"))


def _limits(entry: Mapping[str, Any]) -> str:
    ends = {
        "≥": ("minimum", "ge"),
        ">": ("exclusiveMinimum", "gt"),
        "≤": ("maximum", "le"),
        "<": ("exclusiveMaximum", "lt"),
    }
    found = {sign: entry[key] for sign, keys in ends.items() for key in keys if key in entry}
    if found.keys() == {"≥", "≤"}:
        return f"{found['≥']:,.15g} to {found['≤']:,.15g}"
    return ", ".join(f"{sign} {limit:,.15g}" for sign, limit in found.items())
