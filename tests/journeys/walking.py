"""A journey of the release: people in browsers do what it is about; the rest is told beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
from playwright.sync_api import Page

from config.demo_clock import ShiftedClock
from config.playing import text
from tests.journeys.drivers import DESKTOP, BrowserDriver
from tests.journeys.grounds import Ground
from tests.journeys.labels import rasterised

PAPER_DPI = 100


@dataclass(kw_only=True)
class Walk(BrowserDriver):
    """``see`` is what a person reads before and after an act."""

    ground: Ground

    def see(self, login: str, path: str, name: str, *words: str) -> Page:
        """Once photographed and checked in both languages; these words stand on it in English."""
        page = self.look(login, path, name) or self.open(login, f"{path}{'&' if '?' in path else '?'}lang=en")
        said = " ".join((page.locator("main").text_content() or "").split())
        assert [one for one in words if one not in said] == [], (name, said[:3000])
        return page

    def on_first_screen(self, page: Page, *words: str) -> None:
        """Nobody has to scroll for it on a screen of 1280 by 900."""
        page.set_viewport_size(DESKTOP)
        page.evaluate("window.scrollTo(0, 0)")
        for one in words:
            box = page.locator("main").get_by_text(one).first.bounding_box()
            assert box is not None, one
            assert box["y"] + box["height"] <= DESKTOP["height"], (one, box)

    def beside(self, login: str, path: str) -> Page:
        """The page in a window of its own, to be closed with its connections: one that reads a PDF keeps a spare one."""
        session = self.page(login).context.cookies()
        window = self.new_window(DESKTOP, reduced_motion="reduce")
        window.add_cookies(session)
        page = window.new_page()
        page.goto(f"{self.server.url}{path}")
        return page

    def photograph_paper(self, pdf: bytes, name: str) -> None:
        """The last page, where the signatures stand."""
        if self.pictures is not None:
            cv2.imwrite(str(self.pictures / f"{self.prefix}{name}.png"), rasterised(pdf, PAPER_DPI, last=True))

    def now(self) -> str:
        """The time of the story, as a form takes it."""
        return text(ShiftedClock(self.ground.folder / "clock").now())

    def figures(self) -> dict[str, Any]:
        return dict(self.read("sponsor1", "/trial/feasibility"))

    def late(self, batch: str) -> dict[str, Any]:
        """The newest late failure of a batch."""
        return dict(self.read("qp1", f"/batches/{batch}/release")["late"][-1])

    def in_order(self) -> None:
        assert self.violations == [], self.violations
        assert self.outside == [], self.outside
