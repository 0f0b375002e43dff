"""One run: a request is sent, and what comes of it is held against the model, the trail and the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.hostile.machine.deeds import DEEDS, Deed
from tests.hostile.machine.hands import both_hands
from tests.hostile.machine.known import LIVE
from tests.hostile.machine.ledger import Ledger
from tests.hostile.machine.model import Model
from tests.hostile.machine.world import PEOPLE, Request, Said, World

Thing = TypeVar("Thing")
MOMENT = timedelta(milliseconds=1)
NEVER_REPLAYED = ("container.scan",)


def turned(items: Sequence[Thing], by: int) -> list[Thing]:
    """All of them, beginning with the one that was drawn."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


class Run:
    """``facts``: ids that the addresses of acts are made of; ``done``: answers by the key of their form."""

    def __init__(self, world: World, model: Model, facts: dict[str, Any], ledger: Ledger | None = None) -> None:
        self.world, self.model, self.facts = world, model, facts
        self.ledger = ledger or Ledger(world)
        self.done: dict[str, dict[str, Any]] = {}
        self.sent: list[Request] = []

    @property
    def now(self) -> datetime:
        return self.world.now

    # -- filling in ----------------------------------------------------------------------------------------------

    def able(self, deed: Deed) -> tuple[list[str], list[str]]:
        """Who holds a role for it, and who for the second place."""
        roles = self.model.roles
        first, second = ([one for one in PEOPLE if roles[one] & set(wanted)] for wanted in (deed.first, deed.second))
        return first, second or [""]

    def candidates(self, deed: Deed, place: int, who: int, second: int) -> Iterator[Request]:
        """Every offer by everybody who has a role for it, beginning where it was drawn."""
        offers = deed.offers(self.model, self.facts, self.now)
        first, others = self.able(deed)
        for about, ids, fields in turned(offers, place):
            for login in turned(first, who):
                beside = next((one for one in turned(others, second) if one != login), "")
                yield Request(login, deed.act, ids, fields, "", "", beside, about)

    def proper(self, deed: Deed, place: int, who: int, second: int, *, waits: bool = False) -> Request | None:
        """Something that nothing speaks against, where there is such a thing; else what was drawn."""
        asked = list(self.candidates(deed, place, who, second))
        good = (one for one in asked if not self.model.against(one, self.now))
        return self.opened(next(good, asked[0] if asked else None), waits=waits)

    def just_wrong(self, place: int, who: int, second: int) -> Request | None:
        """A request with exactly one thing against it; which act and which reason is drawn. That a record is in another
        state is a reason that ``anything`` meets often enough."""
        found: dict[tuple[str, str], Request] = {}
        for deed in DEEDS.values():
            for one in self.candidates(deed, place, who, second):
                reasons = self.model.against(one, self.now)
                if len(reasons) == 1 and reasons[0] != "state":
                    found.setdefault((deed.act, reasons[0]), one)
        return self.opened(turned(list(found.values()), second)[0]) if found else None

    def anything(self, deed: Deed, place: int, who: int, second: int) -> Request | None:
        """By anybody, with anybody."""
        offers = deed.offers(self.model, self.facts, self.now)
        if not offers:
            return None
        about, ids, fields = turned(offers, place)[0]
        beside = turned(list(PEOPLE), second)[0] if deed.second else ""
        return self.opened(Request(turned(list(PEOPLE), who)[0], deed.act, ids, fields, "", "", beside, about))

    def opened(self, blank: Request | None, *, waits: bool = False) -> Request | None:
        """The form of it as it stands now."""
        if blank is None:
            return None
        named = (blank.login, blank.act, blank.ids, blank.fields, blank.second, blank.about)
        return self.world.opened(*named, waits=waits)

    # -- sending -------------------------------------------------------------------------------------------------

    def at_the_door(self, request: Request) -> list[str]:
        """Roles and persons, before anything is read."""
        deed, model = DEEDS[request.act], self.model
        if not model.holds_role(request.login, *deed.first):
            return ["no role"]
        second = deed.second and not model.holds_role(request.second, *deed.second)
        same = deed.second and request.second == request.login
        return [*(["second person"] if second or same else [])]

    def reasons(self, request: Request, *, fresh: bool) -> list[str]:
        if found := self.at_the_door(request):
            return found
        if request.key in self.done and request.act not in NEVER_REPLAYED:
            return self.model.clock_reasons(self.now)
        old = not fresh and request.seen != self.world.shown(request.act, request.ids)
        return [*(["the page is an old one"] if old else []), *self.model.against(request, self.now)]

    def submit(self, request: Request, *, fresh: bool = False) -> Said:
        """``fresh``: the page was opened a moment before, and nothing has happened since."""
        self.world.set_clock(self.now + MOMENT)  # what is recorded at one instant has no order
        if DEEDS[request.act].second and not self.model.roles.get(request.second):
            request = replace(request, second=request.login)  # nobody types the password of somebody who left
        reasons, expected = self.reasons(request, fresh=fresh), self.expected(request)
        said = self.world.send(request)
        self.sent.append(request)
        told = f"{request.login} + {request.second or '-'}: {request.act} about {request.about or '-'} at {self.now}"
        if said.done:
            assert not reasons, f"done although {reasons}: {told}"
            self.take_in(request, said, expected)
        else:
            assert reasons, f"refused with {said.codes} though nothing speaks against it: {told}"
            self.refused(said)
        self.same_in_the_database()
        return said

    def expected(self, request: Request) -> str:
        """Of a scan the verdict."""
        if request.act != "container.scan":
            return ""
        at_bed = request.fields["place"] == "bedside"
        judge = self.model.expected_at_bedside if at_bed else self.model.expected_scan
        return judge(request.fields, self.now)

    def refused(self, said: Said) -> None:
        if said.codes[0] == "AUTH" or "at the door" in said.codes:
            self.ledger.unchanged()
        else:
            self.ledger.after(done=False, person="")
            self.model.last_at = max(self.model.last_at, self.now)  # a refusal stands on the trail too

    def take_in(self, request: Request, said: Said, expected: str) -> None:
        if request.key in self.done and request.act not in NEVER_REPLAYED:
            assert said.replayed, "the same form was done twice"
            assert said.body.get("id") == self.done[request.key].get("id")
            self.ledger.unchanged()
            return
        assert not said.replayed
        self.ledger.after(done=True, person=self.facts["people"][request.login])
        self.done[request.key] = said.body
        if expected:
            assert str(said.body["verdict"]) == expected, (expected, said.body["verdict"], said.body["reasons"])
        self.model.learn(request, self.more(request, said.body), self.now)

    def more(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """What the answer does not say and the next address needs."""
        rows = self.world.rows
        if request.act in {"label.print", "label.reprint"}:
            found = {one["id"]: one["payload"] for one in rows("SELECT id, payload FROM label")}
            return {**body, "payload": found[body["id"]]}
        if request.act in {"result.verify", "recall.open"}:
            holds = [one["id"] for one in rows("SELECT id FROM hold WHERE lifted_at IS NULL")]
            tests = "SELECT test.criterion, oos.id FROM oos JOIN test ON test.id = oos.test_id"
            self.facts["oos"] = {one["criterion"]: one["id"] for one in rows(tests)}
            return {**body, "new holds": [one for one in holds if one not in self.model.holds]}
        if request.act in {"release.stage_one", "release.full", "release.stage_two"}:
            self.names_what_it_waits_for()
        if request.act == "container.dispense":
            self.facts["dispensings"].append(body["id"])
        if request.act == "administration.record":
            raised = rows("SELECT id, classification FROM deviation")
            return {**body, "raised": [one for one in raised if one["id"] not in self.model.deviations]}
        return body

    def names_what_it_waits_for(self) -> None:
        """The newest certificate lists the tests that are pending, by name, and no other."""
        newest = self.world.rows("SELECT pending FROM decision ORDER BY sequence DESC LIMIT 1")[0]["pending"]
        named = {one["number"] for one in json.loads(newest)}
        numbers = {one["criterion"]: one["number"] for one in self.world.rows("SELECT criterion, number FROM test")}
        assert named == {numbers[key] for key in self.model.tests if self.model.judged(key) == "pending"}, named

    def deactivate(self, who: int) -> None:
        """Somebody leaves the house; his session, his pages and his password are worth nothing from then on."""
        login = list(PEOPLE)[who % len(PEOPLE)]
        if login == "ad" or not self.model.roles[login] or self.model.clock_reasons(self.now):
            return
        said = self.world.send(
            self.world.opened("ad", "person.deactivate", {"person_id": self.facts["people"][login]}, {})
        )
        assert said.done, said.codes
        self.ledger.after(done=True, person=self.facts["people"]["ad"])
        self.model.roles[login] = set()
        self.model.last_at = max(self.model.last_at, self.now)

    def grant(self, who: int, role: str) -> None:
        """Asked for by the administrator, approved by QA; a grant that is refused changes nothing."""
        login = list(PEOPLE)[who % len(PEOPLE)]
        roles = self.model.roles
        approver = next((one for one in ("qa3", "qa2", "qa1") if one != login and "QA" in roles[one]), "")
        ids = {"person_id": self.facts["people"][login]}
        if not roles[login] or roles[login] & {role, "Ad", "In"} or not approver:
            return
        if self.model.clock_reasons(self.now):
            return
        checked = {"identity_check": "staff card seen at the desk"}
        for by, act, fields in (("ad", "role.request", {"role": role}), (approver, "person.approve", checked)):
            said = self.world.send(self.world.opened(by, act, ids, fields))
            assert said.done, said.codes
            self.ledger.after(done=True, person=self.facts["people"][by])
        roles[login] = roles[login] | {role}
        self.model.last_at = max(self.model.last_at, self.now)

    def finish(self, *, thorough: bool) -> None:
        assert both_hands(self.world) == []
        if not thorough:
            return
        faults = self.world.faults()
        assert bool(faults) is self.model.tampered, faults
        if self.model.tampered:
            return
        figures = self.world.figures()
        assert figures == self.model.figures()
        funnel = [figures[key] for key in "TILMRF"]
        assert funnel == sorted(funnel, reverse=True), "F ≤ R ≤ M ≤ L ≤ I ≤ T"

    # -- what must always hold -----------------------------------------------------------------------------------

    def same_in_the_database(self) -> None:
        model, rows = self.model, self.world.rows
        (batch,) = rows("SELECT status FROM batch")
        (state,) = rows("SELECT status, sponsor_released FROM disposition")
        assert (batch["status"], state["status"], bool(state["sponsor_released"])) == (
            model.batch,
            model.disposition,
            model.sponsor,
        )
        assert {one["id"] for one in rows("SELECT id FROM hold WHERE lifted_at IS NULL")} == set(model.holds)
        labels = {one["id"]: one["status"] for one in rows("SELECT id, status FROM label")}
        assert labels == {one.id: one.status for one in model.labels.values()}
        assert sum(one in LIVE for one in labels.values()) <= 1, "two live labels on one container"
        tests = rows("SELECT criterion, status, outcome, batch_id FROM test")
        assert {one["criterion"]: one["status"] for one in tests} == {
            key: one.status for key, one in model.tests.items()
        }
        out = [one["id"] for one in rows("SELECT id FROM dispensing WHERE cancelled_at IS NULL")]
        assert out == [model.dispensing] * bool(model.dispensing), "dispensed more than once"
        for table, known in (("oos_supply", model.supplies), ("oos_overlay", model.overlays)):
            found = {one["id"]: one["status"] for one in rows(f"SELECT id, status FROM {table}")}
            assert found == {one.id: one.status for one in known.values()}, table
        orders = {one["id"]: one["status"] for one in rows("SELECT id, status FROM infusion_order")}
        assert orders == {one.id: one.status for one in model.orders.values()}
