"""A network that lies between the scan screen and the server: what it answers, and whether the screen shows green (hazards 4.7).

Each lie has its guard in the screen; with the guard taken out, the lie is drawn green.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, Route

import kernel.web
from tests.journeys.walking import Walk

FORM, STANDING = re.compile(r"/dispense(\?.*)?$"), "**/dispense/scans/*/standing"
SCRIPT = Path(kernel.web.__file__).parent / "static" / "dispense.js"
# The same screen with less patience, so that nobody waits for it here.
ASKS, WAITS = "ASK_AGAIN = 5000, PATIENCE = 4000", "ASK_AGAIN = 1500, PATIENCE = 1200"
LATE, TURNED = 2, 5000  # seconds on the way; milliseconds until a screen has turned, if it turns
GREEN = ".verdict-ok, .verdict-wait, .verdict-except, #dispense-now"
NONCE, BOUND = re.compile(rb'name="nonce"\r\n\r\n([^\r]+)'), re.compile(r'data-nonce="[^"]*"')
SENDS = "main form.act .buttons button:not([type=button])"
JSON = "application/json"
END = '<span id="verdict-whole"'


@dataclass
class Answer:
    body: str
    status: int = 200
    kind: str = "text/html"
    after: float = 0

    def give(self, route: Route) -> None:
        time.sleep(self.after)
        with suppress(Error):  # nobody waits for it any more
            route.fulfill(status=self.status, content_type=f"{self.kind}; charset=utf-8", body=self.body)


Reply = Callable[[str], Answer | None]


@dataclass
class Screen:
    """One person's scan screen. ``allowed``: a page that the server answered once; ``other``: codes of another container.

    ``faults``: what is changed in the script and the page, and into what.
    """

    walk: Walk
    codes: dict[str, str]
    other: dict[str, str]
    allowed: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    pages: list[Page] = field(default_factory=list)
    nonce: str = ""

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def begin(self) -> None:
        """The answer of the server, kept for the network to lie with."""
        self.pages = [self.walk.open("pharm1", "/dispense?place=pharmacy&lang=en")]
        with self.page.expect_response(lambda one: one.request.method == "POST") as sent:
            self.send(self.codes)
        assert self.green(), "a valid container is allowed"
        self.allowed = sent.value.text()

    def scan(self, reply: Reply, stands: Reply | None = None, *, codes: dict[str, str] | None = None) -> None:
        """Read both codes and send them; the network answers what ``reply`` makes of the nonce that was sent, and to the
        question whether it still stands what ``stands`` makes of it."""
        page = self.page
        page.unroute_all()

        def lie(route: Route) -> None:
            if route.request.method != "POST":
                route.continue_()
                return
            found = NONCE.search(route.request.post_data_buffer or b"")
            self.nonce = found[1].decode() if found else ""
            if answer := reply(self.nonce):
                answer.give(route)

        script = self.changed(SCRIPT.read_text("utf-8"))
        page.route("**/dispense.js?*", lambda route: Answer(script, kind="text/javascript").give(route))
        page.route(FORM, lie)
        if stands:
            page.route(STANDING, lambda route: (answer := stands(self.nonce)) and answer.give(route))
        page.goto(f"{self.walk.server.url}/dispense?place=pharmacy&lang=en")
        self.send(codes or self.codes)

    def changed(self, text: str) -> str:
        for old, new in ((ASKS, WAITS), *self.faults):
            text = text.replace(old, new)
        return text

    def send(self, codes: dict[str, str]) -> None:
        for name, value in codes.items():
            self.page.fill(f"main [name='{name}']", value)
        with self.page.expect_navigation(wait_until="load"):
            self.page.click(SENDS)

    def honest(self, nonce: str) -> Answer:
        """The page that allowed, as the answer to this very form."""
        return Answer(self.changed(BOUND.sub(f'data-nonce="{nonce}"', self.allowed)))

    def green(self) -> bool:
        return any(one.is_visible() for one in self.page.locator(GREEN).all())

    def ends_green(self) -> bool:
        """Whether it is after it had time to ask and to turn."""
        with suppress(Error):
            self.page.locator("#unverified h1").wait_for(state="visible", timeout=TURNED)
        return self.green()


def yes(nonce: str, **other: Any) -> dict[str, Any]:
    return {"standing": True, "verdict": "ALLOW_CONDITIONAL", "nonce": nonce, **other}


def answered(make: Callable[[Screen, str], Answer], *, other: bool = False) -> Callable[[Screen], bool]:
    """The scan is answered with this page, and the question whether it stands with a yes to whatever it shows."""

    def lie(screen: Screen) -> bool:
        shown: list[str] = []

        def page(nonce: str) -> Answer:
            found = make(screen, nonce)
            shown.extend(one.split('"')[1] for one in BOUND.findall(found.body))
            return found

        def stands(_nonce: str) -> Answer:
            return Answer(json.dumps(yes("".join(shown))), kind=JSON)

        screen.scan(page, stands, codes=screen.other if other else None)
        return screen.ends_green() if shown else screen.green()

    return lie


def asked_again(make: Callable[[str], Answer]) -> Callable[[Screen], bool]:
    """The scan is answered honestly, and this when it is asked whether that still stands."""

    def lie(screen: Screen) -> bool:
        screen.scan(screen.honest, make)
        return screen.ends_green()

    return lie


def cut_off(screen: Screen, nonce: str) -> Answer:
    """The page as far as what is green goes."""
    whole = screen.honest(nonce).body
    return Answer(whole[: whole.index(END)])


def without_its_script(screen: Screen) -> bool:
    screen.scan(screen.honest)
    screen.page.route("**/dispense.js?*", lambda route: Answer("", 500).give(route))
    screen.page.goto(f"{screen.walk.server.url}/dispense?place=pharmacy&lang=en")
    screen.send(screen.codes)
    return screen.green()


def by_the_back_button(screen: Screen) -> bool:
    screen.scan(screen.honest, lambda nonce: Answer(json.dumps(yes(nonce))))
    screen.page.goto(f"{screen.walk.server.url}/dispense?place=pharmacy&lang=en")
    screen.page.go_back(wait_until="commit")
    screen.page.wait_for_load_state()
    return screen.green()


def in_the_other_tab(screen: Screen) -> bool:
    """The answer to one tab arrives in another."""
    screen.scan(screen.honest)
    mine = screen.nonce
    screen.pages.append(screen.page.context.new_page())
    screen.scan(lambda _nonce: screen.honest(mine), lambda _nonce: Answer(json.dumps(yes(mine)), kind=JSON))
    found = screen.ends_green()
    screen.pages.pop().close()
    return found


def late(screen: Screen) -> bool:
    """Allowed, then long on its way; nobody knows yet whether it still stands."""
    screen.scan(lambda nonce: Answer(screen.honest(nonce).body, after=LATE), lambda _nonce: None)
    return screen.green()


LIES: dict[str, Callable[[Screen], bool]] = {
    "a failure": answered(lambda _screen, _nonce: Answer("<h1>Internal Server Error</h1>", 500)),
    "nothing": answered(lambda _screen, _nonce: Answer("")),
    "half of the page": answered(cut_off),
    "an earlier answer": answered(lambda screen, _nonce: Answer(screen.allowed)),
    "the answer about another container": answered(lambda screen, _nonce: Answer(screen.allowed), other=True),
    "the answer of the other tab": in_the_other_tab,
    "the answer long after": late,
    "the answer before, by the back button": by_the_back_button,
    "no script": without_its_script,
    "yes, with a failure": asked_again(lambda nonce: Answer(json.dumps(yes(nonce)), 500, JSON)),
    "half of a yes": asked_again(lambda nonce: Answer(json.dumps(yes(nonce))[:-9], 200, JSON)),
    "nothing, when asked again": asked_again(lambda _nonce: Answer("", 200, JSON)),
    "yes to another scan": asked_again(lambda nonce: Answer(json.dumps(yes(nonce[::-1])), 200, JSON)),
    "yes to another verdict": asked_again(lambda nonce: Answer(json.dumps(yes(nonce, verdict="ALLOW")), 200, JSON)),
    "neither yes nor no": asked_again(lambda nonce: Answer(json.dumps(yes(nonce, standing="true")), 200, JSON)),
    "yes, after 30 seconds": asked_again(lambda nonce: Answer(json.dumps(yes(nonce)), 200, JSON, after=LATE)),
}
# What stops each lie, and the screen without it. The back button is not among them: with these gone it is still not green.
OF_THIS_FORM = (('(verdict === "DENY" || nonce === asked)', "true"),)
DEAF = (("} catch { unverify(); }", "} catch { draw(); }"),)
GUARDS: dict[str, tuple[tuple[str, str], ...]] = {
    "half of the page": (("!whole || ", ""),),
    "an earlier answer": OF_THIS_FORM,
    "the answer about another container": OF_THIS_FORM,
    "the answer of the other tab": OF_THIS_FORM,
    "the answer long after": (("if (waited < ASK_AGAIN) draw();", "draw();"),),
    "no script": ((" data-fresh hidden", ""),),
    "yes, with a failure": (("answer.status === 200 ?", "true ?"),),
    "half of a yes": DEAF,
    "nothing, when asked again": DEAF,
    "yes to another scan": ((" && said.nonce === page.dataset.nonce) {", ") {"),),
    "yes to another verdict": (("said.verdict === page.dataset.verdict &&", ""),),
    "neither yes nor no": (("said.standing === true", "said.standing"),),
    "yes, after 30 seconds": ((", signal: AbortSignal.timeout(PATIENCE)", ""),),
}
