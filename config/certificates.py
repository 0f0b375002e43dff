"""The certificates of the lots of the worked example: one page each, as a supplier sends them; nothing in it is real."""

from __future__ import annotations

import io
from datetime import date

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

LINES = ("Identity: complies", "Appearance: complies", "Sterility: no growth", "Endotoxin: below 0.5 EU/mL")


def certificate(supplier: str, manufacturer_lot: str, lot: str, day: date) -> bytes:
    """The same facts give the same bytes."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=A5, invariant=True)
    page.setTitle(f"Certificate of analysis {manufacturer_lot}")
    written = (
        "CERTIFICATE OF ANALYSIS (worked example)",
        supplier,
        f"Lot {manufacturer_lot}",
        f"Sent with {lot}",
        *LINES,
        f"Issued {day.isoformat()}",
    )
    for place, line in enumerate(written):
        page.setFont("Helvetica-Bold" if place == 0 else "Helvetica", 12)
        page.drawString(40, 540 - 22 * place, line)
    page.save()
    return buffer.getvalue()
