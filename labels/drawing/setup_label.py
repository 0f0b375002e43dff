"""The set-up label of a scanner: a page with every printable character as QR code and as Data Matrix."""

from __future__ import annotations

import io

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from labels.domain.keyboards import SETUP_TEXT
from labels.drawing.data_matrix import data_matrix
from labels.drawing.fonts import BOLD, CODE, REGULAR, one_at_a_time
from labels.drawing.placed import Modules

MODULE = 72 / 203.2 * 6  # six dots of a coarse printer; offices print finer
LEFT = 56.0


def qr_of(text: str) -> Modules:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


@one_at_a_time
def draw_setup_label(title: str, lines: tuple[str, ...]) -> bytes:
    """``lines``: what to do with it, in the reader's words. The same words give the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.setCreator("NKTrace")
    top = A4[1] - 64
    canvas.setFont(BOLD, 20)
    canvas.drawString(LEFT, top, title)
    canvas.setFont(REGULAR, 10.5)
    for line in lines:
        top -= 16
        canvas.drawString(LEFT, top, line)
    for name, matrix in (("QR", qr_of(SETUP_TEXT)), ("Data Matrix", data_matrix(SETUP_TEXT).modules)):
        top -= 40
        canvas.setFont(BOLD, 12)
        canvas.drawString(LEFT, top, name)
        top -= 22
        draw_matrix(canvas, matrix, LEFT + 4 * MODULE, top)
        top -= len(matrix) * MODULE + 12
    canvas.setFont(CODE, 7.5)
    canvas.drawString(LEFT, top - 14, SETUP_TEXT)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_matrix(canvas: Canvas, matrix: Modules, left: float, top: float) -> None:
    """One path, so that no seam shows between modules."""
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                path.rect(left + column * MODULE, top - (row + 1) * MODULE, MODULE, MODULE)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
