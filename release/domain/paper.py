"""What a printed record consists of, before anybody draws it: sections of facts, tables with marks, and plain lines."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. ``marks``: words in a box beside it; ``notes``: what stands under it over the whole width."""

    cells: tuple[str, ...]
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """``widths``: shares of the page's width; a column of marks is added where a row has any. ``tall``: with room for a
    pen, every cell in a box."""

    header: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[Row, ...]
    marked: str = ""
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Paragraphs; ``strong``: set in bold, for what nobody may overlook."""

    texts: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class WriteOn:
    """Empty lines to write on, each with what is asked."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes of one size and lines between them, in units of its own with 0 at the top. ``boxes``: left, top, text, what
    stands under it; ``heads``: left edge and words of each column; ``box``: width and height."""

    width: float
    height: float
    box: tuple[float, float]
    boxes: tuple[tuple[float, float, str, str], ...]
    links: tuple[tuple[float, float, float, float], ...]
    heads: tuple[tuple[float, str], ...]


Block = Grid | Facts | Lines | WriteOn | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """``level`` 1 or 2; ``new_page``: begins on a page of its own."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file carried inside the PDF, its bytes as they came; no two of one document have the same ``name``."""

    name: str
    media_type: str
    description: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Printed:
    """A record ready to be drawn. ``code``: what its QR symbol says; ``watermark``: words across every page."""

    title: str
    subtitle: str
    header: str
    footer: str
    page_of: str
    code: str
    code_caption: str
    sections: tuple[Section, ...]
    watermark: str = ""
    language: str = "en"
    head: tuple[Block, ...] = field(default=())
    attached: tuple[Attached, ...] = ()
