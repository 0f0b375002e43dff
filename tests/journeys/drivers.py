"""Two ways to walk the same path: as people in a browser, and as a JSON client. Both speak to the real server."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlparse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from config.example import Teller
from kernel.errors import Refused
from kernel.web.registry import ACTS
from tests.server import ApiClient, Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--renderer-process-limit=1",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving picture, and nobody to ask for leave
    "--use-fake-ui-for-media-stream",
]
CHECKED = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # of what is in order one example is worked out instead of all
}
# What many alike go through: the first of them goes through the pages, the others through the API. That the bench is worked
# through step by step on a screen is another journey.
MANY_TIMES = frozenset(
    {
        "lot.receive",
        "file.attach",
        "lot.approve",
        "equipment.register",
        "document.draft",
        "document.approve",
        "training.record",
        "blood_group.donor",
        "blood_group.subject",
        "step.use_lots",
        "step.use_equipment",
        "step.verify",
        "result.verify",
    }
)
# The page may lead to its first empty field, once it is drawn.
YIELDS_CUT_OFF = (
    "() => Math.max(0, ...Array.from(document.querySelectorAll('table.yields'), (one) => "
    "one.parentElement.scrollWidth - one.parentElement.clientWidth))"
)
TO_THE_TOP = (
    "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() => window.scrollTo(0, 0))"
)
KIND = """name => {
    const field = document.querySelector(`main [name="${name}"]`);
    let folded = 0;
    for (let at = field; at; at = at.parentElement) folded += at.matches("details:not([open])");
    return [field.getAttribute("type") || field.tagName, folded];
}"""
REFUSED_WITH = "[...document.querySelectorAll('#refusals code')].map(one => one.innerText)"
THERE = "wanted => Boolean(document.querySelector(wanted))"  # asked in one breath, where a locator takes three
FORMS = {name.replace(".", "-") for name in ACTS}
FORMS_READ: set[str] = set()  # in this run
DESKTOP, TABLET = {"width": 1280, "height": 900}, {"width": 820, "height": 1180}


class Driver(Protocol):
    """What a path needs: do an act, read a view, fetch a file. Refusals come back as codes."""

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]: ...

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]: ...

    def read(self, login: str, path: str) -> Any: ...

    def file(self, login: str, path: str) -> bytes: ...


def path_of(name: str, given: dict[str, Any]) -> str:
    """The act's address with its ids; the ids leave ``given``."""
    path = ACTS[name].path
    for key in re.findall(r"<(\w+)>", path):
        path = path.replace(f"<{key}>", str(given.pop(key)))
    return path


@dataclass
class ApiDriver:
    """Everything through ``/api/v1``."""

    server: Server
    password: str
    clients: dict[str, ApiClient] = field(default_factory=dict)

    def client(self, login: str) -> ApiClient:
        if login not in self.clients:
            self.clients[login] = ApiClient(self.server.url, login, self.password).sign_in()
        return self.clients[login]

    def send(self, login: str, name: str, second: str | None, given: dict[str, Any]) -> Any:
        return self.client(login).act(path_of(name, given), second=second, **given)

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        answer = self.send(login, name, second, given)
        assert answer.status < 300, (name, answer.status, answer.body)
        return dict(answer.body)

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]:
        answer = self.send(login, name, second, given)
        assert answer.status >= 400, (name, answer.body)
        return answer.codes

    def read(self, login: str, path: str) -> Any:
        answer = self.client(login).get(path)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.body

    def file(self, login: str, path: str) -> bytes:
        return self.client(login).raw(path)


class Told(Teller):
    """In process, through the services: for what comes before a journey or beside it."""

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]:
        try:
            self.act(login, name, second=second, **given)
        except RuntimeError as broken:
            if isinstance(broken.__cause__, Refused):
                return [one.code for one in broken.__cause__.refusals]
            raise
        raise AssertionError(f"{name} was not refused")


def find_browser() -> str | None:
    named = os.environ.get("NKTRACE_CHROMIUM")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


@dataclass
class BrowserDriver:
    """Everything through pages and forms, in one window that people take in turns, each with a session of their own.

    Every page of the path is checked for accessibility, in English at desktop, in Dutch at tablet width, and photographed
    into ``pictures``, where that is a folder. The form of an act is read once a run, in Dutch, where nobody asked for
    pictures.

    The first of them signs in on the page, and the first whose session ended gives the password where the page asks for
    it. The others send what that page sends: to draw it again for each of them takes a browser seconds.
    """

    server: Server
    browser: Browser
    password: str
    pictures: Path | None
    api: Driver
    contexts: list[BrowserContext] = field(default_factory=list)
    window: Page | None = None
    who: str = ""
    sessions: dict[str, list[Any]] = field(default_factory=dict)
    renewed: bool = False
    violations: list[str] = field(default_factory=list)
    seen_pages: set[str] = field(default_factory=set)
    outside: list[str] = field(default_factory=list)
    count: int = 0
    prefix: str = ""
    many: frozenset[str] = MANY_TIMES

    def page(self, login: str) -> Page:
        """The window, where this person sits in front of it."""
        if self.window is None:
            self.window = self.new_window(DESKTOP, reduced_motion="reduce").new_page()
            self.window.on("request", self.note_request)
        if login != self.who:
            self.change_to(login)
        return self.window

    def new_window(self, size: Any, **wanted: Any) -> BrowserContext:
        context = self.browser.new_context(viewport=size, locale="en-GB", timezone_id="Europe/Amsterdam", **wanted)
        self.contexts.append(context)
        return context

    def change_to(self, login: str) -> None:
        """Somebody gets up and somebody else sits down, who has a session or opens one."""
        assert self.window is not None
        context = self.window.context
        if self.who:
            self.sessions[self.who] = context.cookies()
        context.clear_cookies()
        self.who = login
        if login in self.sessions:
            context.add_cookies(self.sessions[login])
        elif self.sessions:
            self.send_password(self.window)
        else:
            self.window.goto(f"{self.server.url}/login?lang=en")
            self.give_password(self.window)

    def send_password(self, page: Page) -> None:
        """What the page of signing in sends, without it."""
        given = {"login": self.who, "password": self.password}
        page.context.request.get(f"{self.server.url}/login?lang=en")
        headers = {"Origin": self.server.url}
        answer = page.context.request.post(f"{self.server.url}/login", form=given, headers=headers, max_redirects=0)
        assert answer.status == 303, answer.text()

    def note_request(self, request: Any) -> None:
        if urlparse(request.url).hostname not in {"127.0.0.1", None} and not request.url.startswith("data:"):
            self.outside.append(request.url)

    def give_password(self, page: Page) -> None:
        """Sign in where the page asks for it; it leads to what was asked for."""
        page.fill("#login", self.who)
        page.fill("#password", self.password)
        with page.expect_navigation():
            page.click("main button.btn-primary")

    def open(self, login: str, path: str) -> Page:
        """The page at ``path``; a session that ended meanwhile is opened again."""
        page = self.page(login)
        answer = page.goto(f"{self.server.url}{path}")
        if answer is not None and answer.status == 401:
            if self.renewed:
                self.send_password(page)
                answer = page.goto(f"{self.server.url}{path}")
            else:
                self.give_password(page)
                self.renewed = True
        assert answer is not None, path
        assert answer.status < 500, (path, page.locator("main").inner_text())  # what broke is a page in good order too
        return page

    def look(self, login: str, path: str, name: str) -> Page | None:
        """Photograph a page in both languages, once, and let the checker read it; it stays open in English."""
        if name in self.seen_pages:
            return None
        self.seen_pages.add(name)
        if self.pictures is None and name in FORMS_READ:
            return None
        if name in FORMS:
            FORMS_READ.add(name)
        self.count += 1
        separator = "&" if "?" in path else "?"
        for language, width, size in (("nl", "tablet", TABLET), ("en", "desktop", DESKTOP)):
            page = self.open(login, f"{path}{separator}lang={language}")
            page.set_viewport_size(size)
            page.evaluate(TO_THE_TOP)
            page.mouse.move(0, 0)  # where somebody clicked last, something else may be now
            self.photograph(page, f"{self.count:02d}-{name}-{language}-{width}")
            where = f"{name} {language} {width}"
            if name in FORMS and language == "en" and self.pictures is None:
                self.check_width(page, where)  # its frame is that of every page; its fields were read in Dutch
            else:
                self.check(page, where, contrast=language == "nl")  # both have the same colours
        return page

    def photograph(self, page: Page, name: str) -> None:
        """For the manual, where somebody asked for pictures."""
        if self.pictures is not None:
            page.screenshot(path=str(self.pictures / f"{self.prefix}{name}.png"), full_page=True)

    def check(self, page: Page, where: str, *, contrast: bool = True) -> None:
        wanted = CHECKED if contrast else {**CHECKED, "rules": {"color-contrast": {"enabled": False}}}
        found = Axe().run(page, options=wanted).response["violations"]
        if found:  # a page that led to its first empty field meanwhile has its bar under the head
            page.evaluate(TO_THE_TOP)
            found = Axe().run(page, options=wanted).response["violations"]
        for violation in found:
            targets = [node["html"][:160] for node in violation["nodes"][:3]]
            self.violations.append(f"{where}: {violation['id']} {targets}")
        self.check_width(page, where)

    def check_width(self, page: Page, where: str) -> None:
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 1:
            self.violations.append(f"{where}: {overflow} px wider than the window")
        cut = page.evaluate(YIELDS_CUT_OFF)
        if cut > 1:
            self.violations.append(f"{where}: {cut} px of the yields cannot be seen")

    def fill(self, page: Page, name: str, value: Any) -> None:
        """One field as a person fills it, whatever its kind."""
        field_of = page.locator(f"main [name='{name}']")
        kind, folded = page.evaluate(KIND, name)
        if kind == "hidden":
            return
        for _ in range(folded):
            field_of.first.locator("xpath=ancestor::details[not(@open)]").first.locator("> summary").click()
        if kind in {"radio", "checkbox"}:
            wanted = value if isinstance(value, list) else [value]
            for one in wanted:
                text = {True: "yes", False: "no"}.get(one, one) if isinstance(one, bool) else str(one)
                page.check(f"main [name='{name}'][value='{text}']")
        elif kind == "file":
            chosen = {"name": value.filename, "mimeType": "application/octet-stream", "buffer": value.body}
            field_of.first.set_input_files(chosen)
        elif kind == "SELECT":
            page.select_option(f"main select[name='{name}']", str(value))
        else:
            field_of.first.fill(str(value))

    def submit(self, login: str, name: str, second: str | None, given: dict[str, Any]) -> Page:
        act = ACTS[name]
        path = path_of(name, given)
        page = self.page(login)
        if name == "container.dispense":  # the form stands on the verdict itself, and a verdict lives sixty seconds
            self.photograph(page, "40-verdict-en-desktop")
        else:
            page = self.look(login, path, name.replace(".", "-")) or self.open(login, path)
        for field_name, value in given.items():
            self.fill(page, field_name, value)
        if act.signs:
            if page.evaluate(THERE, "#signer"):
                page.fill("#signer", login)
            page.fill("#password", self.password)
        if act.signs > 1:
            page.fill("#second_signer", second or "")
            page.fill("#second_password", self.password)
        with page.expect_navigation():  # a form may save its last field before it sends itself
            page.click("main form.act .buttons button.btn-lg:not([formaction], [type=button])")
        return page

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        if name in self.many and name.replace(".", "-") in self.seen_pages:
            return self.api.act(login, name, second=second, **given)
        page = self.submit(login, name, second, given)
        refusals = page.evaluate(REFUSED_WITH)
        assert not refusals, (name, refusals, page.locator("#refusals").inner_text())
        path = urlparse(page.url).path
        if name == "container.scan":
            form = page.locator("form[action*='/dispense/scans/']")
            path = str(form.get_attribute("action")) if form.count() else path
            return {"scan_id": path.rstrip("/").split("/")[-1], "page": page}
        return {"location": path, "page": page, "id": path.rstrip("/").split("/")[-1]}

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]:
        page = self.submit(login, name, second, given)
        codes: list[str] = page.evaluate(REFUSED_WITH)
        assert codes, name
        return codes

    def read(self, login: str, path: str) -> Any:
        return self.api.read(login, path)

    def leave(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()

    def file(self, login: str, path: str) -> bytes:
        response = self.page(login).request.get(f"{self.server.url}{path}")
        if response.status == 401:  # the session ended meanwhile
            response = self.open(login, "/").request.get(f"{self.server.url}{path}")
        assert response.ok, (path, response.status)
        return response.body()
