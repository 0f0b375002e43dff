"""The way that every unit is meant to go, from wherever it stands: whether it can still be given (hazards: liveness)."""

from __future__ import annotations

from datetime import timedelta

from tests.hostile.machine.deeds import DEEDS
from tests.hostile.machine.run import Run
from tests.hostile.machine.world import Request

# What comes first of what can be done, until there is nothing left to do.
WAY = (
    *("oos.laboratory", "deviation.investigate", "deviation.assess", "deviation.close", "hold.lift"),
    *("result.enter", "result.verify", "sterility.inoculate"),
    *("label.print", "label.verify", "label.apply", "label.destroy"),
    *("oos_supply.accept", "oos_supply.agree", "oos_supply.evaluate", "overlay.apply", "overlay.print"),
    *("batch.review", "release.stage_two", "release.full", "release.stage_one", "weight.resign", "release.sponsor"),
    *("administration.record", "dispensing.hand_over", "container.dispense", "container.scan"),
    *("order.check", "order.write"),
)
ENDED = frozenset(
    {"positive", "late", "out of specification", "expired in the pharmacy", "given", "failed after it was given"}
)  # nobody gives it any more
MANY = 60
A_MINUTE = timedelta(minutes=1)


def to_the_end(run: Run) -> Run:
    """As far as it goes, each act by whoever may do it; nothing is done that something speaks against."""
    for _ in range(MANY):
        if run.model.given or not step(run):
            break
    return run


def step(run: Run) -> bool:
    """The first thing on the way that can be done; a scan is asked for once for each minute."""
    for act in WAY:
        request = next((one for one in run.candidates(DEEDS[act], 0, 0, 0) if useful(run, one)), None)
        if request is not None:
            assert run.submit(run.opened(request), fresh=True).done
            if act == "container.scan":
                run.world.set_clock(run.now + A_MINUTE / 2)
            return True
    return False


def useful(run: Run, request: Request) -> bool:
    """Nothing speaks against it, and it leads somewhere."""
    if run.model.against(request, run.now):
        return False
    if request.act == "container.scan":
        return allowed_now(run, request)
    if request.act == "order.check":
        order = run.model.orders[request.about]
        return order.status == "ordered" and request.fields["gvhd_grade"] == "0"
    if request.act == "batch.review":
        return not run.model.review_current
    return True


def allowed_now(run: Run, request: Request) -> bool:
    """By whoever dispenses, and not a second time while the first one waits for its dispensing or its infusion."""
    if not run.model.holds_role(request.login, "Ph"):
        return False
    expected = run.expected(request)
    again = (
        one for one in run.model.scans.values() if one.at > run.now - A_MINUTE and one.place == request.fields["place"]
    )
    return expected != "DENY" and next(again, None) is None
