"""The commonest reasons why nothing leaves the pharmacy, one after another in one installation, as a counter meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from config.demo_clock import ShiftedClock
from config.example import Teller
from tests.journeys.grounds import Ground, certified
from tests.journeys.walking import Walk
from tests.unit.labels.photos import beside, blank, jpeg, label_picture
from tests.web.refusals.rows_giving import CHECK
from tests.web.refusals.rows_labels import GENUINE_FORM, LEAK
from tests.web.refusals.rows_subjects import HOLD

A_DAY_AND_A_WEEK = timedelta(days=8)
HEAVIER = {"kg": "21", "kg_again": "21"}


@dataclass(frozen=True)
class Stop:
    """What is scanned, and the codes that the screen has to say. ``signed``: the scan allows, and these two sign it."""

    codes: tuple[str, ...]
    label: str = ""
    subject: str = "NK-03"
    photo: bytes = b""
    login: str = "pharm1"
    place: str = "pharmacy"
    signed: tuple[str, ...] = ()
    wait: timedelta = field(default=timedelta())


def ready(ground: Ground) -> dict[str, str]:
    """NK-03 may be dispensed; NK-11 is ordered and waits for the sponsor. What a scanner reads off each container."""
    release = certified(ground, sponsor=False)
    release.prescribe()
    release.eligible()
    ground.look()
    return {name.removeprefix("payload:"): code for name, code in ground.names.items() if name.startswith("payload:")}


def stops(walk: Walk, labels: dict[str, str]) -> Iterator[Stop]:
    """Each after what others do meanwhile; what comes later rests on what came before."""
    mine = labels["NK-03"]
    yield Stop(("SUBJECT_MISMATCH",), mine, "NK-04")
    yield Stop(("SUBJECT_NOT_READ",), mine, "123456782")
    yield Stop(("NOT_A_LABEL",), "https://example.org")
    yield Stop(("LABEL_TRUNCATED",), mine[:30])
    yield Stop(("LABEL_DOUBLED",), GENUINE_FORM * 2)
    yield Stop(("LABEL_MISREAD",), f"{GENUINE_FORM[:-1]}C")
    yield Stop(("SECOND_PERSON_NEEDED",), walk.ground.names["short:NK-03"])
    yield Stop(("PHOTO_NO_CODE",), photo=jpeg(blank()))
    yield Stop(("PHOTO_TWO_LABELS",), photo=jpeg(beside(label_picture(mine), label_picture(labels["NK-04"]))))
    yield Stop(("NOT_HANDED_OVER",), mine, login="nurse1", place="bedside")
    yield Stop(("ALREADY_DISPENSED",), labels["NK-01"], "NK-01")
    yield Stop(("LATE_OOS",), labels["NK-02"], "NK-02")
    yield Stop(("BATCH_REJECTED",), labels["NK-05"], "NK-05")
    yield Stop(("SOD_DISPENSE",), mine, signed=("pharm1", "pharm1"))
    yield Stop(("DECISION_EXPIRED",), mine, signed=("pharm1", "pharm2"), wait=timedelta(seconds=61))
    yield from before_the_day(walk, labels["NK-11"])
    yield from of_the_labels(walk, labels["NK-04"])
    yield from of_the_child(walk, mine)


def before_the_day(walk: Walk, label: str) -> Iterator[Stop]:
    """The sponsor has not released it; then the check of the day is not met; then the order is cancelled; then a hold."""
    names, act = walk.ground.names, walk.api.act
    order = {"order_id": names["order:NK-11"]}
    yield Stop(("NOT_SPONSOR_RELEASED",), label, "NK-11")
    act("sponsor1", "release.sponsor", batch_id=names["batch:NK-11"], trial_authorised=True, site_ready=True)
    act("doctor1", "order.check", **order, **CHECK | {"gvhd_grade": "2"})
    yield Stop(("ELIGIBILITY_FAILED",), label, "NK-11")
    act("doctor1", "order.cancel", **order, **HOLD)
    yield Stop(("ORDER_MISSING",), label, "NK-11")
    act("qa1", "hold.set", scope="container", record_id=names["container:NK-11"], **HOLD)
    yield Stop(("BATCH_ON_HOLD", "ORDER_MISSING"), label, "NK-11")


def of_the_labels(walk: Walk, label: str) -> Iterator[Stop]:
    """NK-04 is printed anew."""
    again = walk.api.act("tech1", "label.reprint", second="tech2", label_id=walk.ground.names["label:NK-04"], **HOLD)
    yield Stop(("LABEL_VOID",), label, "NK-04")
    yield Stop(("LABEL_UNVERIFIED",), Teller(walk.ground.stage).scan(again["id"]), "NK-04")


def of_the_child(walk: Walk, label: str) -> Iterator[Stop]:
    """Heavier than at the certification; a week later the order, the weight and the product are of another day."""
    act, names = walk.api.act, walk.ground.names
    weighed: dict[str, Any] = HEAVIER | {"measured_at": walk.now()}
    act("doctor1", "weight.record", second="nurse1", subject_id=names["subject:NK-03"], **weighed)
    yield Stop(("WEIGHT_CHANGED",), label)
    walk.api.clients.clear()
    ShiftedClock(walk.ground.folder / "clock").move(A_DAY_AND_A_WEEK)
    yield Stop(("WEIGHT_STALE", "ORDER_MISSING", "PRODUCT_EXPIRED"), label)
    change = act("admin1", "label_key.revoke", letter="C", **LEAK)["id"]
    act("qa1", "label_key.approve", change_id=change)
    yield Stop(("LABEL_KEY_REVOKED",), label)
