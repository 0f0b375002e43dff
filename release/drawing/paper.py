"""A printed record as PDF: A4, page x of y, a header on every page, words across it while the record is provisional.

Black on white, so that a copy of a copy still tells a mark. The typefaces are those of the labels, embedded; what they
cannot show is printed as its code point instead of an empty box, and an exponent as ``10^6``, so that whoever copies or
reads the text aloud gets the same number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from labels.drawing.fonts import BOLD, RAISED, REGULAR, one_at_a_time, unshowable
from release.domain.paper import Block, Facts, Grid, Lines, Picture, Printed, Row, Section, WriteOn
from release.drawing.attachments import attach
from release.drawing.long_grid import Line, LongGrid, part
from release.drawing.picture import Drawn

LEFT = RIGHT = 15 * mm
TOP, BOTTOM = 22 * mm, 20 * mm
WIDTH = A4[0] - LEFT - RIGHT
SYMBOL = 26 * mm
HEADING_AND_ROWS = 22 * mm
MARK_SHARE = 0.16
RUN = re.compile(f"(?P<digit>[0-9]?)(?P<raised>[{''.join(RAISED)}]+)")
UNBROKEN = "\u00a0"  # a space at which no line ends
WORDS = {"→": "->", "✓": "v", "Δ": "delta", "α": "alpha", "β": "beta", "γ": "gamma"}


def style(name: str, size: float, *, font: str = REGULAR, before: float = 0, after: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.25, spaceBefore=before, spaceAfter=after, splitLongWords=1
    )


TITLE = style("title", 17, font=BOLD, after=3)
SUBTITLE = style("subtitle", 10, after=4)
HEADINGS = {1: style("one", 12, font=BOLD, before=9, after=3), 2: style("two", 9.5, font=BOLD, before=7, after=2)}
TEXT = style("text", 8, after=2)
STRONG = style("strong", 8.5, font=BOLD, after=2)
CELL = style("cell", 7.5)
HEAD = style("head", 7, font=BOLD)
MARK = style("mark", 7, font=BOLD)
NOTE = style("note", 7.5)


@cache
def letter(character: str) -> str:
    """As the typeface can show it."""
    if character in "\n\t":
        return " "
    if character == UNBROKEN:
        return character
    if unshowable(character, REGULAR) is None:
        return character
    return WORDS.get(character, f"[U+{ord(character):04X}]")


def printable(text: str) -> str:
    """Every character visible: exponents with ``^``, other raised signs in line, unknown ones as their code point."""
    return RUN.sub(lambda run: exponent(run["digit"], run["raised"]), "".join(map(letter_unless_raised, text)))


def letter_unless_raised(character: str) -> str:
    return character if character in RAISED else letter(character)


def exponent(digit: str, raised: str) -> str:
    """``10⁶`` is ``10^6``; the signs of ``CD56⁺CD3⁻`` are no exponents."""
    plain = "".join(RAISED[one] for one in raised).replace("−", "-")
    return f"{digit}^{plain}" if digit and any(one.isdigit() for one in plain) else f"{digit}{plain}"


class Words(Paragraph):  # type: ignore[misc]
    """Broken into lines once for each width: the tables of a long record ask for its height four times."""

    broken_for: float | None = None
    size = (0.0, 0.0)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        if self.broken_for != available_width or not hasattr(self, "blPara"):  # the lines: gone once it was split
            self.size = super().wrap(available_width, available_height)
            self.broken_for = available_width
        return self.size


def paragraph(text: str, look: ParagraphStyle) -> Paragraph:
    return Words(escape(printable(text)) or "&nbsp;", look)


class Symbol(Flowable):  # type: ignore[misc]
    """A QR symbol with its quiet zone, drawn as one path."""

    def __init__(self, text: str, edge: float = SYMBOL) -> None:
        super().__init__()
        code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
        code.add_data(text)
        code.make(fit=True)
        self.matrix = code.get_matrix()
        self.width = self.height = edge

    def draw(self) -> None:
        module = self.width / len(self.matrix)
        path = self.canv.beginPath()
        for row, modules in enumerate(self.matrix):
            for column, dark in enumerate(modules):
                if dark:
                    path.rect(column * module, self.height - (row + 1) * module, module, module)
        self.canv.setFillGray(0)
        self.canv.drawPath(path, stroke=0, fill=1)


@one_at_a_time
def draw_paper(printed: Printed) -> bytes:
    """The same record gives the same bytes."""
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=LEFT,
        rightMargin=RIGHT,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=printed.title,
        subject=printed.subtitle,
        author="NKTrace",
        creator="NKTrace",
        invariant=True,
        lang=printed.language,
    )
    frame = Frame(LEFT, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame], onPage=lambda canvas, _: watermark(canvas, printed))])
    document.build(story(printed), canvasmaker=numbered(printed))
    return out.getvalue()


def watermark(canvas: Canvas, printed: Printed) -> None:
    """Under the text, light enough to read through, on every page."""
    if not printed.watermark:
        return
    canvas.saveState()
    canvas.setFillGray(0.9)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(52)
    words = printable(printed.watermark)
    size = 60.0
    while canvas.stringWidth(words, BOLD, size) > A4[1] * 0.85:
        size -= 2
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()


def numbered(printed: Printed) -> type[Canvas]:
    """A canvas that knows the number of pages when it writes the first."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.waiting: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.waiting.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for place, page in enumerate(self.waiting, start=1):
                self.__dict__.update(page)
                frame_page(self, printed, place, len(self.waiting))
                super().showPage()
            attach(self._doc, printed.attached)
            super().save()

    return Numbered


def frame_page(canvas: Canvas, printed: Printed, place: int, of: int) -> None:
    """Header and footer: which record, which page of how many, printed when and by whom, its digest."""
    canvas.setFillGray(0)
    canvas.setLineWidth(0.5)
    canvas.setFont(BOLD, 8)
    canvas.drawString(LEFT, A4[1] - 13 * mm, printable(printed.header))
    canvas.setFont(REGULAR, 8)
    canvas.drawRightString(A4[0] - RIGHT, A4[1] - 13 * mm, printable(printed.watermark))
    canvas.line(LEFT, A4[1] - 16 * mm, A4[0] - RIGHT, A4[1] - 16 * mm)
    canvas.line(LEFT, 16 * mm, A4[0] - RIGHT, 16 * mm)
    canvas.setFont(REGULAR, 6.5)
    for line, text in enumerate(printed.footer.split("\n")):
        canvas.drawString(LEFT, 12.5 * mm - line * 3 * mm, printable(text))
    canvas.setFont(BOLD, 8)
    canvas.drawRightString(A4[0] - RIGHT, 12.5 * mm, printable(printed.page_of % {"page": place, "of": of}))


def story(printed: Printed) -> list[Flowable]:
    words = [paragraph(printed.title, TITLE), paragraph(printed.subtitle, SUBTITLE)]
    for block in printed.head:
        words.extend(drawn(block, WIDTH - SYMBOL - 3 * mm))
    corner = [Symbol(printed.code), paragraph(printed.code_caption, NOTE)]
    top = Table([[words, corner]], colWidths=[WIDTH - SYMBOL, SYMBOL])
    top.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *flush()])
    found: list[Flowable] = [top]
    for section in printed.sections:
        found.extend(drawn_section(section))
    return found


def flush() -> list[tuple[Any, ...]]:
    return [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]


def drawn_section(section: Section) -> list[Flowable]:
    """A heading never stands alone at the foot of a page."""
    heading = paragraph(section.title, HEADINGS[section.level])
    parts = [part for block in section.blocks for part in drawn(block, WIDTH)]
    first = [heading, *parts[:1]]
    with_rows = [CondPageBreak(HEADING_AND_ROWS), *first]  # a table that is kept whole may be longer than a page
    kept: list[Flowable] = with_rows if parts and isinstance(parts[0], Table | LongGrid) else [KeepTogether(first)]
    return [*([PageBreak()] if section.new_page else []), *kept, *parts[1:]]


def drawn(block: Block, width: float) -> list[Flowable]:
    if isinstance(block, Lines):
        return [paragraph(text, STRONG if block.strong else TEXT) for text in block.texts]
    if isinstance(block, Facts):
        return [facts_table(block, width), Spacer(0, 3)]
    if isinstance(block, WriteOn):
        return [write_on(block, width), Spacer(0, 3)]
    if isinstance(block, Picture):
        return [Drawn(block, width, printable), Spacer(0, 4)]
    return [grid_table(block, width), Spacer(0, 4)]


def facts_table(block: Facts, width: float) -> Table:
    rows = [[paragraph(name, HEAD), paragraph(value, CELL)] for name, value in block.pairs]
    table = Table(rows, colWidths=[width * 0.28, width * 0.72])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *tight(), ("LINEBELOW", (0, 0), (-1, -1), 0.2, "#999999")])
    return table


def tight() -> list[tuple[Any, ...]]:
    sides = {"LEFT": 2, "RIGHT": 3, "TOP": 1.2, "BOTTOM": 1.6}
    return [(f"{side}PADDING", (0, 0), (-1, -1), points) for side, points in sides.items()]


def write_on(block: WriteOn, width: float) -> Table:
    table = Table([[paragraph(prompt, CELL), ""] for prompt in block.prompts], colWidths=[width * 0.4, width * 0.6])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ("LINEBELOW", (1, 0), (1, -1), 0.5, "#000000"),
            ("TOPPADDING", (0, 0), (-1, -1), 9),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return table


def grid_table(block: Grid, width: float) -> Flowable:
    """Rows with their marks in a column of their own, and their notes under them over the whole width."""
    marked = any(row.marks for row in block.rows)
    shares = (*block.widths, MARK_SHARE * sum(block.widths)) if marked else block.widths
    columns = [width * share / sum(shares) for share in shares]
    header = (*block.header, *((block.marked,) if marked else ()))

    def ruled(lines: Sequence[Line]) -> Table:
        table = Table(
            [[paragraph(word, HEAD) for word in header], *(line.cells for line in lines)],
            colWidths=columns,
            repeatRows=1,
        )
        table.setStyle(
            [*grid_looks(tall=block.tall), *(look for at, one in enumerate(lines, 1) for look in one.placed(at))]
        )
        return table

    return part([line for row in block.rows for line in lines_of(row, len(columns))], ruled)


def grid_looks(*, tall: bool) -> list[tuple[Any, ...]]:
    looks: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *tight(),
        ("FONTSIZE", (0, 0), (-1, -1), 1),
        ("LEADING", (0, 0), (-1, -1), 1),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#000000"),
    ]
    if tall:
        looks += [("GRID", (0, 1), (-1, -1), 0.5, "#000000"), ("BOTTOMPADDING", (0, 1), (-1, -1), 11)]
    return looks


def lines_of(row: Row, columns: int) -> list[Line]:
    """The row, which stays with its first note on one page, and its notes."""
    below = ("LINEBELOW", (0, 0), (-1, 0), 0.2, "#999999")
    box = [("BOX", (-1, 0), (-1, 0), 0.8, "#000000")] if row.marks else []
    kept = [("NOSPLIT", (0, 0), (-1, 1))] if row.notes else []
    first = Line(cells_of(row)[:columns], (*box, *kept, *(() if row.notes else (below,))))
    span = ("SPAN", (1, 0), (-1, 0))
    notes = [
        Line(["", paragraph(note, NOTE), *[""] * (columns - 2)], (span, below) if place == len(row.notes) else (span,))
        for place, note in enumerate(row.notes, 1)
    ]
    return [first, *notes]


def cells_of(row: Row) -> list[Paragraph]:
    return [*(paragraph(cell, CELL) for cell in row.cells), paragraph(" · ".join(row.marks), MARK)]
