"""A picture of boxes and lines on a printed record, as wide as the page and in its proportions; black on white."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.platypus import Flowable

from labels.drawing.fonts import BOLD, REGULAR
from release.domain.paper import Picture

TEXT, BELOW, HEAD = 6.5, 5.5, 7.0
INSET, LEAST = 3.0, 3.5
TALLEST = 640.0


class Drawn(Flowable):  # type: ignore[misc]
    """``printable``: how a text is said with the letters that the typeface has."""

    def __init__(self, picture: Picture, width: float, printable: Callable[[str], str]) -> None:
        super().__init__()
        self.picture, self.printable = picture, printable
        self.scale = min(width / picture.width, TALLEST / picture.height)
        self.width, self.height = picture.width * self.scale, picture.height * self.scale

    def draw(self) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.5)
        canvas.setStrokeGray(0.4)
        for x1, y1, x2, y2 in self.picture.links:
            canvas.line(x1 * self.scale, self.up(y1), x2 * self.scale, self.up(y2))
        canvas.setStrokeGray(0)
        canvas.setFillGray(0)
        for x, text in self.picture.heads:
            self.write(text, x * self.scale, self.height - HEAD, BOLD, HEAD, self.picture.box[0] * self.scale)
        for x, y, text, below in self.picture.boxes:
            self.box(x * self.scale, self.up(y), text, below)

    def up(self, y: float) -> float:
        """From the top of the picture, as a page counts from its foot."""
        return self.height - y * self.scale

    def box(self, left: float, top: float, text: str, below: str) -> None:
        width, height = (one * self.scale for one in self.picture.box)
        canvas = self.canv
        canvas.setFillGray(1)
        canvas.roundRect(left, top - height, width, height, 2, stroke=1, fill=1)
        canvas.setFillGray(0)
        room = width - 2 * INSET
        self.write(text, left + INSET, top - height * 0.45, BOLD, TEXT, room)
        self.write(below, left + INSET, top - height * 0.8, REGULAR, BELOW, room)

    def write(self, text: str, left: float, base: float, font: str, size: float, room: float) -> None:
        """Smaller where it is long, so that nothing of it is lost."""
        words = self.printable(text)
        while size > LEAST and self.canv.stringWidth(words, font, size) > room:
            size -= 0.25
        self.canv.setFont(font, size)
        self.canv.drawString(left, base, words)
