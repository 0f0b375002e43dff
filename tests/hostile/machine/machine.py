"""Any person, any order: old pages, repeated requests, restarts, a clock that is moved, people who leave, records that are forged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, get_state_machine_test, initialize, rule

from tests.hostile.machine.deeds import DEEDS
from tests.hostile.machine.forging import FORGERIES, forge
from tests.hostile.machine.run import Run, turned
from tests.hostile.machine.told import Told
from tests.hostile.machine.world import Request

# Where a run begins; what stands twice is begun with twice as often.
BEGINNINGS = (
    *("ready", "final", "scanned", "ready", "final", "reviewed", "tested", "entered"),
    *("dispensed", "on the ward", "labelled", "late", "out of specification"),
)
LABORATORY = (
    "result.enter",
    "result.correct",
    "result.verify",
    "result.reopen",
    "sterility.inoculate",
    "sterility.read",
)
FAILURES = ("sterility.conclude", "oos.laboratory", "oos.confirm")
DECISIONS = (
    "batch.review",
    "release.stage_one",
    "release.full",
    "release.stage_two",
    "release.sponsor",
    "weight.resign",
)
STOPS = ("hold.set", "hold.lift", "recall.open", "release.reject", "weight.record", "deviation.report")
LABELS = ("label.print", "label.verify", "label.apply", "label.reprint", "label.void", "label.destroy")
PHARMACY = ("order.write", "order.check", "order.cancel", "container.dispense", "dispensing.cancel")
AT_BED = ("dispensing.hand_over", "administration.record")
DEVIATIONS = ("deviation.investigate", "deviation.assess", "deviation.close")
DISTURBING = (
    *("hold.set", "weight.record", "recall.open", "release.reject", "result.reopen", "label.reprint", "label.void"),
    *("order.check", "order.write", "order.cancel", "sterility.conclude", "release.sponsor"),
)
MOVING = (
    "result.enter",
    "result.verify",
    "label.reprint",
    "deviation.report",
    "deviation.assess",
    "sterility.conclude",
)
STEPS = tuple(
    timedelta(**one) for one in ({"seconds": 30}, {"seconds": 61}, {"minutes": 50}, {"hours": 3}, {"hours": 24})
)
BACK = tuple(timedelta(seconds=one) for one in (1, 3, 3600, 31_536_000))
NUMBER = st.integers(0, 23)
SELDOM = st.integers(0, 7)
THOROUGH_EVERY = 10  # runs end with the product's own verification of trail, tables and signatures


@dataclass
class Tally:
    """Of all runs: how many there were, how many of them had an allowing scan, how much was done and refused."""

    runs: int = 0
    allowed: int = 0
    done: int = 0
    refused: int = 0


class Machine(RuleBasedStateMachine):
    """``told`` and ``tally`` are given by ``run_machine``."""

    told: Told
    tally: Tally
    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.run: Run | None = None

    @initialize(beginning=st.sampled_from(BEGINNINGS))
    def begin(self, beginning: str) -> None:
        self.run = self.told.begin(beginning)

    # -- requests ------------------------------------------------------------------------------------------------

    def send(self, request: Request | None, *, fresh: bool = True) -> None:
        if request is None:
            return
        said = self.run.submit(request, fresh=fresh)
        self.tally.done += said.done
        self.tally.refused += not said.done

    def proper(self, act: str, place: int, who: int, second: int = 0) -> None:
        self.send(self.run.proper(DEEDS[act], place, who, second))

    @rule(act=st.sampled_from(LABORATORY + FAILURES), place=NUMBER, who=NUMBER)
    def work_in_the_laboratory(self, act: str, place: int, who: int) -> None:
        self.proper(act, place, who)

    @rule(act=st.sampled_from(DECISIONS), who=NUMBER)
    def decide(self, act: str, who: int) -> None:
        self.proper(act, 0, who)

    @rule(act=st.sampled_from(STOPS + DEVIATIONS + LABELS), place=NUMBER, who=NUMBER, second=NUMBER)
    def stop(self, act: str, place: int, who: int, second: int) -> None:
        self.proper(act, place, who, second)

    @rule(act=st.sampled_from(PHARMACY + AT_BED), place=SELDOM, who=NUMBER, second=NUMBER)
    def give(self, act: str, place: int, who: int, second: int) -> None:
        self.proper(act, place, who, second)

    @rule(place=st.integers(0, 3), who=NUMBER)
    def scan(self, place: int, who: int) -> None:
        self.proper("container.scan", place, who)

    @rule(who=NUMBER, second=NUMBER)
    def scan_and_dispense(self, who: int, second: int) -> None:
        self.scan(0, who)
        self.proper("container.dispense", 0, who, second)

    @rule(act=st.sampled_from(DISTURBING), place=NUMBER, who=NUMBER, second=NUMBER)
    def disturb_and_scan(self, act: str, place: int, who: int, second: int) -> None:
        """Something happens between the order and the scan."""
        self.proper(act, place, who, second)
        self.scan(0, who)

    @rule(place=NUMBER, who=NUMBER, second=st.integers(0, 60))
    def do_just_wrongly(self, place: int, who: int, second: int) -> None:
        self.send(self.run.just_wrong(place, who, second))

    @rule(place=NUMBER, who=NUMBER, second=st.integers(0, 60))
    def go_on_and_do_just_wrongly(self, place: int, who: int, second: int) -> None:
        self.proper(turned(MOVING, second)[0], 0, who)
        self.send(self.run.just_wrong(place, who, second))

    @rule(who=NUMBER, first=st.integers(0, 60), second=st.integers(0, 60))
    def do_two_things_just_wrongly(self, who: int, first: int, second: int) -> None:
        self.send(self.run.just_wrong(0, who, first))
        self.send(self.run.just_wrong(who, first, second))

    @rule(act=st.sampled_from(sorted(DEEDS)), place=NUMBER, who=NUMBER, second=NUMBER)
    def do_anything(self, act: str, place: int, who: int, second: int) -> None:
        self.send(self.run.anything(DEEDS[act], place, who, second))

    # -- old pages, the same again -------------------------------------------------------------------------------

    @rule(target=pages, act=st.sampled_from(DECISIONS + PHARMACY + LABORATORY), place=NUMBER, who=NUMBER, second=NUMBER)
    def open_a_page(self, act: str, place: int, who: int, second: int) -> Any:
        return self.run.proper(DEEDS[act], place, who, second)

    @rule(page=pages)
    def send_an_old_page(self, page: Any) -> None:
        self.send(page, fresh=False)

    @rule(place=NUMBER)
    def send_the_same_again(self, place: int) -> None:
        if self.run.sent:
            self.send(self.run.sent[-1 - place % len(self.run.sent)], fresh=False)

    # -- what happens to an installation -------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS))
    def pass_time(self, step: timedelta) -> None:
        """A clock that was behind is set right at the same time."""
        self.run.world.set_clock(max(self.run.now, self.run.model.last_at) + step)

    @rule(by=st.sampled_from(BACK), seldom=SELDOM, act=st.sampled_from(STOPS), who=NUMBER)
    def set_the_clock_back_and_go_on(self, by: timedelta, seldom: int, act: str, who: int) -> None:
        if seldom < 3:
            self.run.world.set_clock(self.run.now - by)
            self.proper(act, 0, who)

    @rule()
    def restart(self) -> None:
        self.run.world.restart()

    @rule(who=NUMBER, seldom=SELDOM)
    def leave(self, who: int, seldom: int) -> None:
        if not seldom:
            self.run.deactivate(who)

    @rule(forgery=st.sampled_from(sorted(FORGERIES)), seldom=SELDOM)
    def forge_a_record(self, forgery: str, seldom: int) -> None:
        if not seldom and not self.run.model.tampered:
            forge(self.run, forgery)

    # -- the end of a run ----------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if self.run is None:
            return
        self.tally.runs += 1
        self.tally.allowed += bool(self.run.model.allowed)
        self.run.finish(thorough=self.tally.runs % THOROUGH_EVERY == 0)


def run_machine(
    told: Told, runs: int, steps: int, *, number: int = 1, shrink: bool = True, tally: Tally | None = None
) -> Tally:
    """As many runs of as many steps; raises what the first violation said. ``number`` decides every choice."""
    tally = tally or Tally()
    here = type("Here", (Machine,), {"told": told, "tally": tally})
    asked = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(get_state_machine_test(here, settings=asked))()
    return tally
