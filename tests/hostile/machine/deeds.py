"""Every act of the machine: who may do it, and on what it can be tried, sensible or not.

``offers(model, facts, now)``: (what it is about, ids of the address, fields). The people are drawn by the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.files.domain.refusals import Upload
from tests.hostile.machine.known import NUMERIC, local_day
from tests.hostile.machine.model import Model

Offer = tuple[str, dict[str, str], dict[str, Any]]
Offers = Callable[[Model, dict[str, Any], datetime], list[Offer]]
TUBE = {"beads_per_tube": "49850", "sample_volume": "50"}
COUNTED = {
    "cd3_dose": TUBE | {"bead_events": "20000", "dilution": "1"},
    "nk_dose": TUBE | {"bead_events": "19940", "dilution": "20"},  # each event stands for a thousand in the mL
}
# The good ones first; on the limits, just beyond, censored, and in other units' clothes.
VALUES: dict[str, list[dict[str, str]]] = {
    "purity": [{"value": "95.1"}, {"value": "70"}, {"value": "90"}, {"value": "69.99999999"}],
    "nk_dose": [{"events": "11000"}, {"events": "1200"}, {"events": "40000"}, {"events": "1199"}],
    "cd3_dose": [{"events": "42"}, {"events": "0"}, {"events": "120"}, {"events": "600"}],
    "endotoxin": [
        {"operator": "<", "value": "0.5"},
        {"value": "2"},
        {"operator": "<", "value": "2"},
        {"value": "2.000000001"},
        {"operator": ">", "value": "0.1"},
    ],
}
UNITS = {"purity": "%", "endotoxin": "EU/mL"}
CONFIRMED = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
WORDS = "looked into it with the records beside it"
WEIGHTS = ("20", "22", "22.00001", "18", "17.99", "40", "24")
GOOD_DAY = {
    "marrow_blasts": "2",
    "circulating_blasts": "0",
    "extramedullary_progression": False,
    "neutrophils": "1.2",
    "donor_chimerism": True,
    "gvhd_grade": "0",
    "steroids": "1",
    "other_condition": False,
    "source": "laboratory report of today",
}
POINTS = (
    *("sample_identity", "sample_transport", "method_version", "calculation", "reagents"),
    *("equipment", "analyst_training", "controls", "raw_data"),
)
SCOPES = ("batch", "container", "collection", "subject", "trial")


@dataclass(frozen=True)
class Deed:
    act: str
    first: tuple[str, ...]
    offers: Offers
    second: tuple[str, ...] = ()


def measured(now: datetime) -> dict[str, Any]:
    return {"method": "as specified", "measured_at": now.isoformat(), "raw_data_reference": "RAW-1"}


def entry(key: str, value: dict[str, str], now: datetime) -> dict[str, Any]:
    about = {"unit": UNITS[key]} if key in UNITS else COUNTED[key]
    return {**value, **about, **measured(now)}


def of_tests(model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
    """Every test with every value; what waits for one first."""
    waiting = sorted(NUMERIC, key=lambda key: model.tests[key].status in {"entered", "verified"})
    return [
        (key, {"test_id": facts["tests"][key]}, entry(key, value, now))
        for place in range(5)
        for key in waiting
        for value in VALUES[key][place : place + 1]
    ]


def to_verify(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [(key, {"test_id": one}, {"raw_data_seen": True}) for key, one in facts["tests"].items()]


def to_reopen(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    evidence = {"evidence": "run 4 shows another line than the one that was read"}
    return [(key, {"test_id": one}, evidence) for key, one in facts["tests"].items()]


def culture(**fields: Any) -> Offers:
    def offers(_model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
        about = {"read_at": now.isoformat(), "method": "BacT", "raw_data_reference": "RAW-2"}
        return [("sterility", {"test_id": facts["tests"]["sterility"]}, {**about, **fields})]

    return offers


def inoculation(_model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
    return [("sterility", {"test_id": facts["tests"]["sterility"]}, {"inoculated_at": now.isoformat()})]


def of_oos(*, laboratory: bool) -> Offers:
    points = dict.fromkeys(POINTS, "yes") | {f"{key}_words": WORDS for key in POINTS}
    said = {**points, "cause_found": False, "conclusion": WORDS} if laboratory else {"decision": WORDS}

    def offers(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
        return [(key, {"oos_id": one}, said) for key, one in facts["oos"].items()]

    return offers


def of_batch(**fields: Any) -> Offers:
    return lambda _model, facts, _now: [("", {"batch_id": facts["batch"]}, fields)]


def to_hold(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [("", {"scope": scope, "record_id": facts[scope]}, {}) for scope in SCOPES]


def to_lift(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [(one, {"hold_id": one}, {}) for one in model.holds]


def to_recall(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [("", {"scope": "batch", "record_id": facts["batch"]}, {"recall_class": "class_1", "why": WORDS})]


def of_labels(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    """All prints there ever were, the newest first."""
    return [(one, {"label_id": one}, {}) for one in reversed(model.labels)]


def to_apply(model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    """Each print on the container that it names, and on one that is none of ours."""
    codes = (facts["container code"], facts["container code"] + "0")
    return [(one, {"label_id": one}, {"container_code": code}) for code in codes for one in reversed(model.labels)]


def to_scan_print(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [(one.id, {"label_id": one.id}, {"scanned": one.payload}) for one in reversed(model.labels.values())]


def to_print(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [("", {"container_id": facts["container"]}, {})]


def to_destroy(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [("", {"container_id": facts["container"]}, {"volume_ml": "50", "method": "autoclaved"})]


def to_weigh(_model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
    at = {"measured_at": now.isoformat()}
    return [("", {"subject_id": facts["subject"]}, {"kg": kg, "kg_again": kg, **at}) for kg in WEIGHTS]


def to_order(_model: Model, _facts: dict[str, Any], now: datetime) -> list[Offer]:
    said = {"infusion_on": local_day(now), "volume_ml": "50", "duration_minutes": "60", "ward": "Ward 1"}
    return [("", {}, {"subject_code": code, **said}) for code in ("NK-01", "NK-02")]


def to_check(model: Model, _facts: dict[str, Any], now: datetime) -> list[Offer]:
    days = dict.fromkeys(("marrow_assessed_on", "circulating_assessed_on", "neutrophils_assessed_on"), local_day(now))
    grades = [{**GOOD_DAY, **days, "gvhd_grade": grade} for grade in ("0", "2")]
    return [(one, {"order_id": one}, said) for said in grades for one in reversed(model.orders)]


def to_cancel(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [(one, {"order_id": one}, {}) for one in reversed(model.orders)]


def to_scan(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    """Every print there ever was, with either subject, in the pharmacy and at the bed."""
    prints = [one.payload for one in reversed(model.labels.values())] or ["nothing"]
    at_bed = bool(model.dispensing)
    places = ("bedside", "pharmacy") if at_bed else ("pharmacy", "bedside")
    return [
        ("", {}, {"label_code": text, "subject_code": code, "place": place, "nonce": "n" * 16})
        for code in ("NK-01", "NK-02")
        for place in places
        for text in prints
    ]


def to_dispense(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    """What is out of specification takes a word on it more; some forget it."""
    said = [{"oos_acknowledged": True}, {}] if model.in_force else [{}]
    return [(one, {"scan_id": one}, words) for words in said for one in reversed(model.scans)]


def to_ask_for(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    asked = dict.fromkeys(("hazard", "alternatives", "consequence"), WORDS)
    return [("", {"batch_id": facts["batch"]}, asked)]


def of_supplies(**fields: Any) -> Offers:
    return lambda model, _facts, _now: [(one, {"supply_id": one}, fields) for one in reversed(model.supplies)]


def to_evaluate(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    said = {"evaluation": WORDS, "looked_through": True}
    document = Upload("risk.txt", f"no added risk, request {len(model.supplies)}\n".encode())
    return [(one, {"supply_id": one}, {**said, "file": document}) for one in reversed(model.supplies)]


def to_accept(model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
    told = {"informed": "parents", "informed_by": facts["people"]["dr"], "informed_at": now.isoformat()}
    return [(one, {"supply_id": one}, told) for one in reversed(model.supplies)]


def to_print_overlay(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [("", {"container_id": facts["container"]}, {})]


def to_put_on(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    """Beside the newest label, or beside one that is not on any more."""
    prints = [one.payload for one in reversed(model.labels.values())] or ["nothing"]
    return [(one, {"overlay_id": one}, {"label_code": text}) for text in prints for one in reversed(model.overlays)]


def of_overlays(model: Model, _facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [(one, {"overlay_id": one}, {}) for one in reversed(model.overlays)]


def of_dispensing(**fields: Any) -> Offers:
    def offers(model: Model, facts: dict[str, Any], now: datetime) -> list[Offer]:
        given = {name: now.isoformat() if value == "now" else value for name, value in fields.items()}
        return [(one, {"dispensing_id": one}, given) for one in reversed(facts["dispensings"])]

    return offers


def to_report(_model: Model, facts: dict[str, Any], _now: datetime) -> list[Offer]:
    return [
        ("", {"batch_id": facts["batch"]}, {"classification": one, "description": WORDS}) for one in ("minor", "major")
    ]


def of_deviations(**fields: Any) -> Offers:
    return lambda model, _facts, _now: [(one, {"deviation_id": one}, fields) for one in reversed(model.deviations)]


HANDED = {"handed_over_at": "now", "temperature_c": "20", "condition": "intact", "transport_box": "BOX-1"}
WHOLE = {"outcome": "complete", "started_at": "now", "stopped_at": "now", "volume_given_ml": "50"}
GIVEN = {**WHOLE, "premedication": True, "identity_checked": True}
T, QA, QP, PH, SP, DR, N = (("T",), ("QA",), ("QP",), ("Ph",), ("Sp",), ("Dr",), ("N",))
LAB, QUALITY, WARD = ("T", "QA"), ("QA", "QP"), ("Dr", "N")
KEEPING = ("T", "Ph", "QA")
SCANNING, CHECKING, WEIGHING, ANY = (
    ("Ph", "N", "Dr", "QA", "QP"),
    ("Ph", "QP"),
    ("Sp", "Dr", "N"),
    ("T", *QUALITY, "Ph"),
)

DEEDS = {
    one.act: one
    for one in (
        Deed("result.enter", T, of_tests),
        Deed("result.correct", T, of_tests),
        Deed("result.verify", LAB, to_verify),
        Deed("result.reopen", QA, to_reopen),
        Deed("sterility.inoculate", T, inoculation),
        Deed("sterility.read", T, culture()),
        Deed(
            "sterility.conclude",
            T,
            lambda *a: [*culture(reading="final_negative")(*a), *culture(reading="positive")(*a)],
        ),
        Deed("oos.laboratory", LAB, of_oos(laboratory=True)),
        Deed("oos.confirm", QA, of_oos(laboratory=False)),
        Deed("batch.review", QA, of_batch(difference_answer=WORDS)),
        Deed("release.stage_one", QP, of_batch(deviation_assessment=WORDS, superseding_reason=WORDS, **CONFIRMED)),
        Deed("release.full", QP, of_batch(deviation_assessment=WORDS, superseding_reason=WORDS, **CONFIRMED)),
        Deed("release.stage_two", QP, of_batch(deviation_assessment=WORDS, superseding_reason=WORDS, **CONFIRMED)),
        Deed("release.sponsor", SP, of_batch(trial_authorised=True, site_ready=True)),
        Deed("release.reject", QP, of_batch()),
        Deed("hold.set", QUALITY, to_hold),
        Deed("hold.lift", QP, to_lift),
        Deed("recall.open", QUALITY, to_recall),
        Deed("oos_supply.request", DR, to_ask_for),
        Deed("oos_supply.evaluate", QA, to_evaluate),
        Deed("oos_supply.agree", QP, of_supplies()),
        Deed("oos_supply.accept", DR, to_accept),
        Deed("oos_supply.withdraw", DR, of_supplies()),
        Deed("oos_supply.decline", QUALITY, of_supplies()),
        Deed("overlay.print", ("Ph", "T"), to_print_overlay),
        Deed("overlay.apply", ("Ph", "T"), to_put_on, ANY),
        Deed("overlay.destroy", ("Ph", "T"), of_overlays, ANY),
        Deed("label.print", T, to_print),
        Deed("label.verify", LAB, to_scan_print),
        Deed("label.apply", T, to_apply, LAB),
        Deed("label.reprint", T, of_labels, LAB),
        Deed("label.void", LAB, of_labels, LAB),
        Deed("label.destroy", LAB, of_labels, LAB),
        Deed("weight.record", WEIGHING, to_weigh, WEIGHING),
        Deed("weight.resign", QP, of_batch()),
        Deed("order.write", DR, to_order),
        Deed("order.check", DR, to_check),
        Deed("order.cancel", (*DR, *PH), to_cancel),
        Deed("container.scan", SCANNING, to_scan),
        Deed("container.dispense", PH, to_dispense, CHECKING),
        Deed("dispensing.cancel", PH, of_dispensing(), CHECKING),
        Deed("dispensing.hand_over", PH, of_dispensing(**HANDED), WARD),
        Deed("administration.record", WARD, of_dispensing(**GIVEN)),
        Deed("container.destroy", KEEPING, to_destroy, KEEPING),
        Deed("deviation.report", ANY, to_report),
        Deed("deviation.investigate", ANY, of_deviations(root_cause=WORDS, action=WORDS)),
        Deed("deviation.assess", QUALITY, of_deviations(impact=WORDS)),
        Deed("deviation.close", QA, of_deviations()),
    )
}
