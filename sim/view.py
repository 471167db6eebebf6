"""A result as an ordered list of headings, paragraphs and tables, which the console and a notebook render alike."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_SUMMARY_LINES = 6
_WIDTH = 100  # characters


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of a result: a title in bold type, and what it is about."""

    title: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.title}{self.text}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text under a short title of its own; without a title, a note."""

    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}: {self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """The head of a column, which may have several lines."""

    head: str
    is_number: bool = True  # set flush right, and never wrapped
    width: int | None = None  # characters that a text would like to have


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table of finished texts; the first column names the rows."""

    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]
    footer: Sequence[str] = ()  # one more row under a rule, such as sums
    title: str = ""


type Block = Heading | Paragraph | TextTable


@dataclass(frozen=True, slots=True)
class View:
    """The blocks of a result, in the order in which they are read."""

    blocks: tuple[Block, ...]

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    def summary(self) -> str:
        """Return the first lines, without tables."""
        texts = [str(block) for block in self.blocks if not isinstance(block, TextTable)]
        return "\n".join(textwrap.shorten(text, _WIDTH, placeholder=" ...") for text in texts[:_SUMMARY_LINES])

    def to_html(self) -> str:
        """Return the blocks as HTML, as a notebook shows them."""
        return "\n".join(map(_html, self.blocks))


def _html(block: Block) -> str:
    match block:
        case Heading(title, text):
            return f"<p><strong>{escape(title)}</strong>{escape(text)}</p>"
        case Paragraph("", text):
            return f"<p>{escape(text)}</p>"
        case Paragraph(title, text):
            return f"<p><strong>{escape(title)}:</strong> {escape(text)}</p>"
        case TextTable():
            return _html_table(block)


def _html_table(table: TextTable) -> str:
    aligned = ["right" if column.is_number else "left" for column in table.columns]

    def row(tag: str, texts: Sequence[str]) -> str:
        cells = (
            f'<{tag} style="text-align: {side}">{escape(text)}</{tag}>'
            for side, text in zip(aligned, texts, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    heads = row("th", [column.head.replace("\n", " ") for column in table.columns])
    caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    body = "\n".join(row("td", texts) for texts in table.rows)
    foot = f"<tfoot>{row('th', table.footer)}</tfoot>" if table.footer else ""
    return f"<table>{caption}<thead>{heads}</thead><tbody>\n{body}\n</tbody>{foot}</table>"
