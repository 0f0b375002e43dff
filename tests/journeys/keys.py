"""The same path walked with nothing but a keyboard and a scanner, which types and ends with Enter, on a tablet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

from playwright.sync_api import Page

from kernel.web.registry import ACTS
from tests.journeys.drivers import TABLET, THERE, BrowserDriver, path_of

A_WORD = 16  # letters that are typed one by one
FAR = 150  # more presses of Tab than any page has places to go to
NOTE_POINTERS = """
for (const name of ["pointerdown", "pointermove", "mousedown", "touchstart", "click"])
  addEventListener(name, (event) => { if (name !== "click" || event.detail) console.error("pointed: " + name); }, true);
"""
# How to get from the element that has the focus to a visible one: 0 it is there, 1 forward, -1 back, null there is none.
WHICH_WAY = """(wanted) => {
  const here = document.activeElement, there = [...document.querySelectorAll(wanted)].filter((one) => one.getClientRects().length);
  if (!there.length) return null;
  if (there.includes(here)) return 0;
  const before = there[0].compareDocumentPosition(here) & Node.DOCUMENT_POSITION_PRECEDING;
  return here === document.body || before || here.contains(there[0]) ? 1 : -1;
}"""
FOCUSED = (
    "(document.activeElement.getAttribute('href') || document.activeElement.name || document.activeElement.tagName)"
)
# Where the focus has to be after an act, so that Enter goes on with the work.
LEADS_TO = {
    "step.use_lots": r"/(equipment|perform)$",
    "step.use_equipment": r"/(lots|perform)$",
    "step.perform": r"/check$",
    "step.check": r"/steps/\d+(/perform)?$|/batches/[^/]+$",
    "step.verify": r"/steps/\d+(/perform)?$|/batches/[^/]+$",
}


@dataclass
class KeyDriver(BrowserDriver):
    """``pointed``: every touch of a mouse or finger that a page noticed; ``astray``: where the focus led elsewhere."""

    many: frozenset[str] = frozenset()
    pages: dict[str, Page] = field(default_factory=dict)
    windows: dict[str, Page] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    pointed: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    walked: set[str] = field(default_factory=set)

    def page(self, login: str) -> Page:
        if login not in self.pages:
            context = self.new_window(TABLET)
            context.add_init_script(NOTE_POINTERS)
            page = self.pages[login] = context.new_page()
            page.on("request", self.note_request)
            page.on("console", lambda said: self.pointed.append(said.text) if "pointed" in said.text else None)
            page.goto(f"{self.server.url}/login?lang=en")
            self.key_sign_in(page, login)
        return self.pages[login]

    def key_sign_in(self, page: Page, login: str) -> None:
        self.type_at(page, "#login", login)
        self.type_at(page, "#password", self.password)
        self.enter(page)

    def open(self, login: str, path: str) -> Page:
        """What is only looked at is looked at in another window of the same person."""
        keyed = self.page(login)
        if login not in self.windows:
            self.windows[login] = keyed.context.new_page()
        page = self.windows[login]
        page.goto(f"{self.server.url}{path}")
        if page.evaluate(THERE, "form[action='/login']"):
            self.key_sign_in(page, login)
            page.goto(f"{self.server.url}{path}")
        return page

    def submit(self, login: str, name: str, second: str | None, given: dict[str, Any]) -> Page:
        act, path = ACTS[name], path_of(name, given)
        self.look(login, path, name.replace(".", "-"))
        page = self.page(login)
        self.go(page, login, path)
        for field_name, value in given.items():
            self.key_in(page, field_name, value)
        signers = [("#signer", login), ("#password", self.password)] if act.signs else []
        if act.signs > 1:
            signers += [("#second_signer", second or ""), ("#second_password", self.password)]
        for box, value in signers:
            if page.evaluate(THERE, box):
                self.type_at(page, box, value)
        self.tab_to(page, "main form.act .buttons button.btn-lg:not([formaction], [type=button])")
        self.enter(page)
        self.note_focus(page, name)
        return page

    def note_focus(self, page: Page, name: str) -> None:
        if name in LEADS_TO and not page.evaluate(THERE, "#refusals"):
            found = str(page.evaluate(FOCUSED))
            self.walked.add(name)
            if not re.search(LEADS_TO[name], found):
                self.astray.append(f"{name}: {found} on {page.url}")

    def enter(self, page: Page) -> None:
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def tab_to(self, page: Page, wanted: str) -> None:
        for _ in range(FAR):
            way = page.evaluate(WHICH_WAY, wanted)
            assert way is not None, (wanted, page.url)
            if way == 0:
                return
            page.keyboard.press("Tab" if way == 1 else "Shift+Tab")
        raise AssertionError((wanted, page.url, "cannot be reached"))

    def type_at(self, page: Page, wanted: str, value: str) -> None:
        self.tab_to(page, wanted)
        page.keyboard.press("Control+A")
        if len(value) <= A_WORD:
            page.keyboard.type(value)
        else:  # letter by letter it took the browser seconds
            page.keyboard.insert_text(value)

    def follow(self, page: Page, path: str) -> bool:
        """Enter on a link of this page."""
        if page.evaluate(WHICH_WAY, f"main a[href='{path}']") is None:
            return False
        self.tab_to(page, f"main a[href='{path}']")
        self.enter(page)
        return True

    def go(self, page: Page, login: str, path: str) -> None:
        """By the links of the page that is there; else the number of the batch is scanned, as on its working label."""
        if page.evaluate(THERE, "form[action='/login']"):
            self.key_sign_in(page, login)
        if urlparse(page.url).path == path or self.follow(page, path):
            return self.there(page, login, path)
        batch, _, rest = path.removeprefix("/batches/").partition("/")
        if batch not in self.numbers:
            self.numbers[batch] = self.api.read(login, f"/batches/{batch}")["batch"]["number"]
        page.keyboard.press("/")
        page.keyboard.type(self.numbers[batch])
        self.enter(page)
        self.there(page, login, f"/batches/{batch}")
        if not self.follow(page, path):
            position = rest.split("/")[1]
            assert self.follow(page, f"/batches/{batch}/steps/{position}"), path
            assert self.follow(page, path), (path, page.url)
        return self.there(page, login, path)

    def there(self, page: Page, login: str, path: str) -> None:
        """A session that ended meanwhile is opened again, and leads back to where it was."""
        if page.evaluate(THERE, "form[action='/login']"):
            self.key_sign_in(page, login)
        assert urlparse(page.url).path == path, (page.url, path)

    def key_in(self, page: Page, name: str, value: Any) -> None:
        """One field as a person answers it with the keys, whatever its kind."""
        boxes = f"main form.act [name='{name}']:not([type=hidden])"
        if not page.evaluate(THERE, boxes):
            return
        found = page.locator(boxes)
        if page.evaluate(THERE, f"details:not([open]) [name='{name}']"):
            self.tab_to(page, f"details:not([open]):has([name='{name}']) > summary")
            page.keyboard.press("Enter")
        kind = found.first.get_attribute("type") or found.first.evaluate("element => element.tagName")
        by_kind: dict[str, Callable[[Page, str, Any], None]] = {
            "radio": self.choose,
            "checkbox": self.tick,
            "SELECT": self.select,
        }
        by_kind.get(kind, self.type_and_go_on)(page, boxes, value)

    def choose(self, page: Page, boxes: str, value: Any) -> None:
        """Yes and no have their letter; among other answers the arrows go."""
        self.tab_to(page, boxes)
        if isinstance(value, bool):
            page.keyboard.press("y" if value else "n")
            return
        page.keyboard.press("Space")
        for _ in range(page.locator(boxes).count()):
            if page.locator(f"{boxes}[value='{value}']").is_checked():
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError((boxes, value))

    def tick(self, page: Page, boxes: str, value: Any) -> None:
        for one in value if isinstance(value, list) else ["true"] if value else []:
            self.tab_to(page, f"{boxes}[value='{one}']")
            if not page.locator(f"{boxes}[value='{one}']").is_checked():
                page.keyboard.press("Space")

    def select(self, page: Page, boxes: str, value: Any) -> None:
        self.tab_to(page, boxes)
        page.keyboard.press("Home")
        for _ in range(FAR):
            if page.locator(boxes).input_value() == str(value):
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError((boxes, value))

    def type_and_go_on(self, page: Page, boxes: str, value: Any) -> None:
        """What a scanner types ends with Enter, which goes on and never sends the form."""
        before = page.url
        self.type_at(page, boxes, str(value))
        page.keyboard.press("Enter")
        assert page.url == before, "Enter in a field sent the form"
