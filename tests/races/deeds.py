"""The acts on which a child's dose rests, as somebody sends them: scan, dispense, certify, print a label (hazards a6)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from config.demo import Stage
from tests.races.installations import path_of
from tests.races.pages import CONFIRMED, REASON
from tests.web import clients
from tests.web.clients import act_form

Facts = dict[str, Any]
Send = Callable[[], TestResponse]
GREEN = re.compile(
    r'"verdict": ?"ALLOW|data-verdict="ALLOW|verdict-(?:ok|wait|except)|DISPENSE POSSIBLE|RESULTS PENDING'
)
DONE = {200, 201, 303}
STOP = {"container.scan": "NOT VERIFIED: STOP", "container.dispense": "NOT VERIFIED: STOP"}
ENGLISH = "?lang=en"


@dataclass(frozen=True)
class Deed:
    """Where in the story it is done, by whom, and what is filled in. ``fields`` may name facts of the story: ``@label_code``."""

    name: str
    point: str
    who: str
    second: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    def opened(self, stage: Stage, facts: Facts, door: str) -> Send:
        """Everything up to the button; whatever is sent with it stays the same however often it is pressed."""
        given = {name: told(facts, value) for name, value in self.fields.items()}
        if self.second:
            given |= {"second_signer": self.second, "second_password": stage.password}
        return (on_page if door == "page" else by_api)(self, stage, facts, given)

    def path(self, facts: Facts, scan_id: str = "") -> str:
        return path_of(self.name, scan_id=scan_id, batch_id=facts["batch"], label_id=facts["label"])


def told(facts: Facts, value: Any) -> Any:
    return facts[value[1:]] if isinstance(value, str) and value.startswith("@") else value


CODES = {"label_code": "@label_code", "subject_code": "@subject", "place": "pharmacy"}
SCAN = Deed("container.scan", "ready", "pharm1", fields=CODES)
DISPENSE = Deed("container.dispense", "ready", "pharm1", "pharm2")
CERTIFY = Deed("release.stage_one", "reviewed", "qp1", fields=CONFIRMED)
PRINT = Deed("label.reprint", "ready", "tech1", "tech2", {"reason": REASON})
DEEDS = (SCAN, DISPENSE, CERTIFY, PRINT)


def on_page(deed: Deed, stage: Stage, facts: Facts, given: Facts) -> Send:
    browser = clients.sign_in(stage.app, deed.who, stage.password)
    said = {name: "yes" if value is True else value for name, value in given.items()}
    path = deed.path(facts)
    if deed is DISPENSE:
        codes = {name: told(facts, value) for name, value in CODES.items()}
        scanned = browser.post(SCAN.path(facts), browser.form(SCAN.path(facts)) | codes).text
        path, form = deed.path(facts, scan_of(scanned)), act_form(scanned)
    else:
        form = browser.form(path)
    form |= {"signer": deed.who, "password": stage.password} | said
    return lambda: browser.post(path + ENGLISH, form)


def scan_of(page: str) -> str:
    found = re.search(r'data-scan="([^"]+)"', page)
    assert found is not None
    return found[1]


def by_api(deed: Deed, stage: Stage, facts: Facts, given: Facts) -> Send:
    client = clients.connect(stage.app, deed.who, stage.password)
    path, seen = deed.path(facts), ""
    if deed is DISPENSE:
        scanned = client.post(SCAN.path(facts), {name: told(facts, one) for name, one in CODES.items()}).json
        path, seen = deed.path(facts, scanned["scan_id"]), scanned["seen"]
    elif deed is not SCAN:
        seen = client.get(path).json["seen"]
    body = {"seen": seen, "signer": deed.who, "password": stage.password} | given
    key = secrets.token_urlsafe(12)
    return lambda: client.post(path + ENGLISH, body, key=key)


def wrong_refusal(deed: Deed, door: str, answer: TestResponse) -> list[str]:
    """What an answer without an act looks like: an error that says so, never anything that allows."""
    wrong = [] if answer.status_code == 503 else [f"answered {answer.status_code}"]
    if found := GREEN.search(answer.text):
        wrong.append(f"shows {found[0]}")
    if clients.codes(answer) != ["STORAGE_DEGRADED"] and "STORAGE_DEGRADED</code>" not in answer.text:
        wrong.append("does not say what is wrong")
    if door == "page" and STOP.get(deed.name, "") not in answer.text:
        wrong.append("does not stop the reader")
    return wrong
