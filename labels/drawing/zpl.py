"""A print job in ZPL II: one graphic of the whole label, printed once.

Every text is in the graphic, so that no ``^`` or ``~`` of a record can become a command.
"""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageOps

from labels.domain.slots import Resolution
from labels.drawing.bitmap import draw_bitmap
from labels.drawing.placed import Drawing

ZPL = "application/x-zpl"


def zpl_job(image: Image.Image) -> bytes:
    """``^GFA``: byte count, field count, bytes in a row, then the dots as hexadecimal digits, 1 is black."""
    width, height = image.size
    row = (width + 7) // 8
    dots = ImageOps.invert(image.convert("L")).convert("1", dither=Image.Dither.NONE).tobytes()
    total = row * height
    command = f"^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{total},{total},{row},{dots.hex().upper()}^FS^PQ1^XZ"
    return f"{command}\n".encode("ascii")


def draw_zpl(drawing: Drawing, resolution: Resolution) -> bytes:
    return zpl_job(draw_bitmap(drawing, resolution))


def draw_jobs(drawings: Iterable[Drawing], resolution: Resolution) -> bytes:
    """One after the other in one file; each is a job of its own."""
    return b"".join(draw_zpl(drawing, resolution) for drawing in drawings)
