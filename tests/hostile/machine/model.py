"""The model takes in what was done; with ``known.py`` and ``against.py`` it is all that runs are held against."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.hostile.machine.against import Against
from tests.hostile.machine.known import CERTIFIED, OF_THE_RECORD, Label, Order, Scan, local_day


def minute_of(typed: str) -> datetime:
    """People write minutes."""
    return datetime.fromisoformat(typed).replace(second=0, microsecond=0)


class Model(Against):
    def learn(self, request: Any, body: dict[str, Any], now: datetime) -> None:
        self.last_at = max(self.last_at, now)
        if request.act.startswith(OF_THE_RECORD):
            self.review_current = False
        getattr(self, "on_" + request.act.replace(".", "_"))(request, body, now)

    def on_result_enter(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        test = self.tests[request.about]
        test.status, test.entry = "entered", dict(request.fields)
        test.measured.add(request.login)

    on_result_correct = on_result_enter

    def on_result_verify(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        test = self.tests[request.about]
        test.status = "verified"
        test.checked.add(request.login)
        if self.judged(request.about) != "fail":
            return
        self.oos[request.about] = "open"
        self.holds |= dict.fromkeys(body["new holds"], "oos")
        self.failed_holds |= dict.fromkeys(body["new holds"], request.about)
        usable = (*CERTIFIED, "oos_supply")
        late = self.disposition in usable
        self.end_supply("supply_outdated")
        if late:
            self.disposition, self.sponsor, self.failed_late = "late_oos", False, True

    def on_result_reopen(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.tests[request.about].status = "reopened"
        self.certificate_void = bool(self.certified)
        if self.disposition in CERTIFIED and not self.given:
            self.disposition, self.sponsor = "quarantine", False
        self.end_supply("supply_outdated")

    def on_sterility_inoculate(self, request: Any, _body: dict[str, Any], now: datetime) -> None:
        test = self.tests["sterility"]
        test.status, test.inoculated_at = "in_test", now
        test.looked_at = minute_of(request.fields["inoculated_at"])
        test.measured.add(request.login)

    def on_sterility_read(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        test = self.tests["sterility"]
        test.status, test.looked_at = "interim", minute_of(request.fields["read_at"])
        test.measured.add(request.login)

    def on_sterility_conclude(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        test = self.tests["sterility"]
        test.status, test.reading = "entered", request.fields["reading"]
        test.measured.add(request.login)

    def on_oos_laboratory(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.oos[request.about] = "investigated"
        self.facts.setdefault("investigators", set()).add(request.login)

    def on_oos_confirm(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.oos[request.about] = "confirmed"

    def on_batch_review(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.batch, self.review_current = "qa_reviewed", True
        self.reviewers.add(request.login)

    def certify(self, request: Any, disposition: str, kind: str) -> None:
        self.disposition = disposition
        self.certifiers.add(request.login)
        self.certified.add(kind)
        self.certificate_void = False
        if kind != "stage2":
            self.signed_weight = len(self.weights) - 1

    def on_release_stage_one(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.certify(request, "certified_pending", "stage1")

    def on_release_full(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.certify(request, "certified_final", "full")

    def on_release_stage_two(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.certify(request, "certified_final", "stage2")

    def on_release_sponsor(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.sponsor = True
        self.sponsors.add(request.login)

    def on_release_reject(self, _request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.end_supply("supply_outdated")
        self.disposition, self.sponsor = "rejected", False

    def on_hold_set(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        self.holds[body["id"]] = "person"
        if request.ids["scope"] == "batch":
            self.review_current = False

    def on_hold_lift(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        del self.holds[request.about]
        if body["scope"] == "batch":
            self.review_current = False

    def on_recall_open(self, _request: Any, body: dict[str, Any], _now: datetime) -> None:
        self.holds |= dict.fromkeys(body["new holds"], "recall")

    def on_label_print(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        self.labels[body["id"]] = Label(body["id"], "printed", body["payload"], request.login)

    def on_label_verify(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.labels[request.about].status = "verified"

    def on_label_apply(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.labels[request.about].status = "applied"

    def on_label_void(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.labels[request.about].status = "voided"

    def on_label_reprint(self, request: Any, body: dict[str, Any], now: datetime) -> None:
        self.on_label_void(request, body, now)
        self.on_label_print(request, body, now)

    def on_label_destroy(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.labels[request.about].status = "destroyed"

    def on_weight_record(self, request: Any, _body: dict[str, Any], now: datetime) -> None:
        self.weights.append((request.fields["kg"], now))

    def on_weight_resign(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.signed_weight = len(self.weights) - 1
        self.judges.add(request.login)

    def on_order_write(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        fields = request.fields
        self.orders[body["id"]] = Order(body["id"], fields["subject_code"], fields["infusion_on"])

    def on_order_check(self, request: Any, _body: dict[str, Any], now: datetime) -> None:
        order = self.orders[request.about]
        met = request.fields["gvhd_grade"] == "0"
        order.status, order.met_on = ("eligible", local_day(now)) if met else ("ordered", "")

    def on_order_cancel(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.orders[request.about].status = "cancelled"

    def on_container_scan(self, request: Any, body: dict[str, Any], now: datetime) -> None:
        order = (body["order"] or {}).get("id", "")
        label = next((one.id for one in self.labels.values() if one.payload == request.fields["label_code"]), "")
        self.scans[body["scan_id"]] = Scan(
            body["scan_id"], request.login, request.fields["place"], str(body["verdict"]), now, order, label
        )
        self.allowed += body["verdict"] != "DENY"

    def on_container_dispense(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        self.dispensing, self.dispensed_for = body["id"], body["order_id"]
        self.orders[body["order_id"]].status = "dispensed"
        self.dispensed_by = {request.login, request.second}
        self.out_failing = self.scans[request.about].verdict == "ALLOW_OOS"
        self.on_its_way_since = minute_of(self.last_at.isoformat())

    def on_dispensing_cancel(self, _request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.orders[self.dispensed_for].status = "cancelled"
        self.dispensing = self.dispensed_for = ""
        self.dispensed_by = set()

    def on_dispensing_hand_over(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.orders[self.dispensed_for].status = "handed_over"
        self.on_its_way_since = datetime.fromisoformat(request.fields["handed_over_at"])

    def on_administration_record(self, request: Any, body: dict[str, Any], now: datetime) -> None:
        self.infused = (self.kg, self.bedside_word(now) == "DENY" or now >= self.expires_at)
        self.given = request.fields["outcome"] != "not_administered"
        self.given_failing = self.given and self.out_failing
        self.orders[self.dispensed_for].status = "administered" if self.given else "not_administered"
        for one in body["raised"]:
            self.deviations[one["id"]] = {"status": "open", "class": one["classification"], "hands": {request.login}}
            self.deviations[one["id"]]["judged"] = False
            self.review_current = False

    def on_container_destroy(self, _request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.destroyed = True

    def on_deviation_report(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        known = {"status": "open", "class": request.fields["classification"], "hands": {request.login}, "judged": False}
        self.deviations[body["id"]] = known

    def on_deviation_investigate(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.deviations[request.about]["status"] = "investigated"
        self.deviations[request.about]["hands"].add(request.login)

    def on_deviation_assess(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        found = self.deviations[request.about]
        found["hands"].add(request.login)
        found["status"], found["judged"] = "assessed", found["judged"] or self.holds_role(request.login, "QP")

    def on_deviation_close(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.deviations[request.about]["status"] = "closed"
