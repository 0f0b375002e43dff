"""What anybody does next: any person, any order, old pages, repeated requests, restarts, a clock that is moved, people who
leave or get another role, records that are forged. ``walk.py`` draws the moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from tests.hostile.machine.deeds import DEEDS, Offer
from tests.hostile.machine.forging import FORGERIES, forge
from tests.hostile.machine.run import Run, turned
from tests.hostile.machine.world import SUBJECT, Request

LABORATORY = (
    "result.enter",
    "result.correct",
    "result.verify",
    "result.reopen",
    "sterility.inoculate",
    "sterility.read",
)
FAILURES = ("sterility.conclude", "oos.laboratory", "oos.confirm")
SUPPLY = (
    *("oos_supply.request", "oos_supply.evaluate", "oos_supply.agree", "oos_supply.accept", "oos_supply.accept"),
    *("overlay.print", "overlay.apply", "overlay.destroy", "oos_supply.withdraw", "oos_supply.decline"),
)
DECISIONS = (
    "batch.review",
    "release.stage_one",
    "release.full",
    "release.stage_two",
    "release.sponsor",
    "weight.resign",
)
STOPS = (
    "hold.set",
    "hold.lift",
    "recall.open",
    "release.reject",
    "weight.record",
    "deviation.report",
    "container.destroy",
)
LABELS = ("label.print", "label.verify", "label.apply", "label.reprint", "label.void", "label.destroy")
PHARMACY = ("order.write", "order.check", "order.cancel", "container.dispense", "dispensing.cancel")
AT_BED = ("dispensing.hand_over", "administration.record")
DEVIATIONS = ("deviation.investigate", "deviation.assess", "deviation.close")
DISTURBING = (
    *("hold.set", "weight.record", "recall.open", "release.reject", "result.reopen", "label.reprint", "label.void"),
    *(
        "container.destroy",
        "deviation.report",
        "order.check",
        "order.write",
        "order.cancel",
        "sterility.conclude",
        "release.sponsor",
        "oos_supply.withdraw",
        "overlay.destroy",
    ),
)
MOVING = (
    "result.enter",
    "result.correct",
    "result.verify",
    "label.reprint",
    "deviation.report",
    "deviation.assess",
    "sterility.conclude",
    "hold.set",
)
STEPS = tuple(
    timedelta(**one)
    for one in ({"seconds": 30}, {"seconds": 61}, {"minutes": 50}, {"hours": 3}, {"hours": 24}, {"hours": 49})
)
BACK = tuple(timedelta(seconds=one) for one in (1, 3, 3600, 31_536_000))
NEXT = (
    *("container.scan", "container.scan", "container.dispense", "dispensing.hand_over", "administration.record"),
    *("batch.review", "release.stage_one", "release.stage_two", "release.sponsor"),
    *("oos_supply.agree", "oos_supply.accept", "overlay.apply"),
)
ASKED_AT = ("pharmacy", "pharmacy", "bedside")
ROLES = ("T", "QA", "QP", "Ph", "Sp", "Dr", "N")
NUMBER, SELDOM, MANY = range(24), range(8), range(61)

# What a move is called, and from what each of its choices is drawn.
MOVES: dict[str, dict[str, Sequence[Any]]] = {}
Method = TypeVar("Method", bound=Callable[..., None])


def move(**choices: Sequence[Any]) -> Callable[[Method], Method]:
    def enter(method: Method) -> Method:
        MOVES[method.__name__] = choices
        return method

    return enter


@dataclass
class Tally:
    """Of all runs: how many there were, in how many a scan was allowed, what was done and what refused."""

    runs: int = 0
    allowed: int = 0
    done: int = 0
    refused: int = 0
    acts: Counter[str] = field(default_factory=Counter)


class Moves:
    """On one run. ``pages``: forms that are open in somebody's browser."""

    def __init__(self, run: Run, tally: Tally) -> None:
        self.run, self.tally = run, tally
        self.pages: list[Request] = []

    # -- requests ------------------------------------------------------------------------------------------------

    def send(self, request: Request | None, *, fresh: bool = True) -> None:
        if request is None:
            return
        said = self.run.submit(request, fresh=fresh)
        self.tally.done += said.done
        self.tally.acts[request.act] += said.done
        self.tally.refused += not said.done

    def proper(self, act: str, place: int, who: int, second: int = 0) -> None:
        self.send(self.run.proper(DEEDS[act], place, who, second))

    @move(act=LABORATORY + FAILURES, place=NUMBER, who=NUMBER)
    def work_in_the_laboratory(self, act: str, place: int, who: int) -> None:
        self.proper(act, place, who)

    @move(act=DECISIONS, who=NUMBER)
    def decide(self, act: str, who: int) -> None:
        self.proper(act, 0, who)

    @move(act=SUPPLY, place=SELDOM, who=NUMBER, second=NUMBER)
    def supply_what_failed(self, act: str, place: int, who: int, second: int) -> None:
        self.proper(act, place, who, second)

    @move(act=STOPS + DEVIATIONS + LABELS, place=NUMBER, who=NUMBER, second=NUMBER)
    def stop(self, act: str, place: int, who: int, second: int) -> None:
        self.proper(act, place, who, second)

    @move(act=PHARMACY + AT_BED, place=SELDOM, who=NUMBER, second=NUMBER)
    def give(self, act: str, place: int, who: int, second: int) -> None:
        self.proper(act, place, who, second)

    @move(place=(0, 0, 0, 1, 2, 3), who=NUMBER)
    def scan(self, place: int, who: int) -> None:
        self.proper("container.scan", place, who)

    @move(place=ASKED_AT, oldest=(False, True), who=NUMBER)
    def ask(self, place: str, oldest: bool, who: int) -> None:
        """Whether the container may be given to its subject here, by its newest print or by its oldest."""
        deed = DEEDS["container.scan"]
        offers = [
            one for one in deed.offers(self.run.model, self.run.facts, self.run.now) if for_its_subject(one, place)
        ]
        about, ids, fields = offers[-1 if oldest else 0]
        login = turned(self.run.able(deed)[0], who)[0]
        self.send(self.run.opened(Request(login, deed.act, ids, fields, "", "", "", about)))

    @move(who=NUMBER, second=NUMBER)
    def scan_and_dispense(self, who: int, second: int) -> None:
        self.scan(0, who)
        self.proper("container.dispense", 0, who, second)

    @move(act=DISTURBING, place=NUMBER, who=NUMBER, second=NUMBER, oldest=(False, True))
    def disturb_and_ask(self, act: str, place: int, who: int, second: int, oldest: bool) -> None:
        """Something happens between the order and the scan."""
        self.proper(act, place, who, second)
        self.ask("pharmacy", oldest, who)

    @move(other=MANY, act=NUMBER, place=NUMBER, who=NUMBER, second=NUMBER)
    def disturb_and_go_on(self, other: int, act: int, place: int, who: int, second: int) -> None:
        """What could be done is done all the same, after something else that could be done."""
        following = self.possible(NEXT, act)
        self.proper(self.possible(DISTURBING, other) or "deviation.report", place, who, second)
        self.go_on(following, who, second)

    @move(step=STEPS, act=NUMBER, who=NUMBER, second=NUMBER)
    def wait_and_go_on(self, step: timedelta, act: int, who: int, second: int) -> None:
        following = self.possible(NEXT, act)
        self.pass_time(step)
        self.go_on(following, who, second)

    def possible(self, acts: Sequence[str], place: int) -> str:
        """One of those that somebody may do now, as it was drawn; none where nobody may do any."""
        run = self.run
        fit = [
            one for one in acts if any(not run.model.against(it, run.now) for it in run.candidates(DEEDS[one], 0, 0, 0))
        ]
        return turned(fit, place)[0] if fit else ""

    def go_on(self, act: str, who: int, second: int) -> None:
        if act == "container.scan":
            self.ask("pharmacy", False, who)
        elif act:
            self.proper(act, 0, who, second)

    @move(place=NUMBER, who=NUMBER, second=MANY)
    def do_just_wrongly(self, place: int, who: int, second: int) -> None:
        self.send(self.run.just_wrong(place, who, second))

    @move(place=NUMBER, who=NUMBER, second=MANY)
    def go_on_and_do_just_wrongly(self, place: int, who: int, second: int) -> None:
        self.proper(turned(MOVING, second)[0], place, who)
        self.send(self.run.just_wrong(place, who, second))

    @move(who=NUMBER, first=MANY, second=MANY)
    def do_two_things_just_wrongly(self, who: int, first: int, second: int) -> None:
        self.send(self.run.just_wrong(0, who, first))
        self.send(self.run.just_wrong(who, first, second))

    @move(act=sorted(DEEDS), place=NUMBER, who=NUMBER, second=NUMBER)
    def do_anything(self, act: str, place: int, who: int, second: int) -> None:
        self.send(self.run.anything(DEEDS[act], place, who, second))

    # -- old pages, the same again -------------------------------------------------------------------------------

    @move(act=DECISIONS + PHARMACY + LABORATORY + SUPPLY, place=NUMBER, who=NUMBER, second=NUMBER)
    def open_a_page(self, act: str, place: int, who: int, second: int) -> None:
        if page := self.run.proper(DEEDS[act], place, who, second, waits=True):
            self.pages.append(page)

    @move(place=NUMBER)
    def send_an_old_page(self, place: int) -> None:
        if self.pages:
            self.send(self.pages[place % len(self.pages)], fresh=False)

    @move(act=DECISIONS + PHARMACY + SUPPLY, other=DISTURBING, place=NUMBER, who=NUMBER, second=NUMBER)
    def disturb_an_open_page(self, act: str, other: str, place: int, who: int, second: int) -> None:
        """Somebody has it open while another does something else, and signs it then."""
        page = self.run.proper(DEEDS[act], 0, who, second, waits=True)
        self.proper(other, place, who, second)
        self.send(page, fresh=False)

    @move(place=NUMBER)
    def send_the_same_again(self, place: int) -> None:
        if self.run.sent:
            self.send(self.run.sent[-1 - place % len(self.run.sent)], fresh=False)

    # -- what happens to an installation -------------------------------------------------------------------------

    @move(step=STEPS)
    def pass_time(self, step: timedelta) -> None:
        """A clock that was behind is set right at the same time."""
        self.run.world.set_clock(max(self.run.now, self.run.model.last_at) + step)

    @move(by=BACK, seldom=SELDOM, act=STOPS, who=NUMBER)
    def set_the_clock_back_and_go_on(self, by: timedelta, seldom: int, act: str, who: int) -> None:
        if seldom < 3:
            self.run.world.set_clock(self.run.now - by)
            self.proper(act, 0, who)

    @move()
    def restart(self) -> None:
        self.run.world.restart()

    @move(who=NUMBER, seldom=SELDOM)
    def leave(self, who: int, seldom: int) -> None:
        if not seldom:
            self.run.deactivate(who)

    @move(who=NUMBER, role=ROLES, seldom=SELDOM)
    def get_another_role(self, who: int, role: str, seldom: int) -> None:
        """What somebody did before does not change with his roles."""
        if seldom < 2:
            self.run.grant(who, role)

    @move(forgery=sorted(FORGERIES), seldom=SELDOM)
    def forge_a_record(self, forgery: str, seldom: int) -> None:
        if not seldom and not self.run.model.tampered:
            forge(self.run, forgery)


def for_its_subject(offer: Offer, place: str) -> bool:
    return bool(offer[2]["subject_code"] == SUBJECT and offer[2]["place"] == place)
