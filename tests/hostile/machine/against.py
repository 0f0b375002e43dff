"""Why a request must be refused, act by act: the requirements written a second time, over what the model knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.hostile.machine import oracle
from tests.hostile.machine.known import BACKWARDS, CERTIFIED, INCUBATION, LIVE, MARGIN, SCAN_LASTS, local_day
from tests.hostile.machine.supplied import Supplied


class Against(Supplied):
    def against(self, request: Any, now: datetime) -> list[str]:
        """Reasons against a request whose page is not stale."""
        return [*self.clock_reasons(now), *getattr(self, "against_" + request.act.replace(".", "_"))(request, now)]

    def clock_reasons(self, now: datetime) -> list[str]:
        return [] if now >= self.last_at - BACKWARDS else ["the clock is behind the trail"]

    def against_result_enter(self, request: Any, _now: datetime) -> list[str]:
        state = self.tests[request.about].status != "requested"
        return self.when(
            (state, "has its result"),
            (shows_nothing(request), "more than shows nothing under a limit"),
            (request.login in self.deciders, "S3"),
        )

    def against_result_correct(self, request: Any, _now: datetime) -> list[str]:
        state = self.tests[request.about].status not in {"entered", "reopened"}
        return self.when(
            (state, "state"),
            (shows_nothing(request), "more than shows nothing under a limit"),
            (request.login in self.deciders, "S3"),
        )

    def against_result_verify(self, request: Any, _now: datetime) -> list[str]:
        test = self.tests[request.about]
        return self.when(
            (test.status != "entered", "state"),
            (request.login in test.measured, "S2"),
            (request.login in self.deciders, "S3"),
        )

    def against_result_reopen(self, request: Any, _now: datetime) -> list[str]:
        test = self.tests[request.about]
        mine = request.login in test.measured | test.checked
        return self.when((test.status != "verified", "state"), (mine, "S2"), (request.about in self.oos, "oos"))

    def against_sterility_inoculate(self, request: Any, _now: datetime) -> list[str]:
        state = self.tests["sterility"].status != "requested"
        return self.when((state, "state"), (request.login in self.deciders, "S3"))

    def against_sterility_read(self, request: Any, _now: datetime) -> list[str]:
        test = self.tests["sterility"]
        return self.when(
            (test.status not in {"in_test", "interim"}, "state"),
            (
                datetime.fromisoformat(request.fields["read_at"]) < test.looked_at,
                "before its inoculation or last reading",
            ),
            (request.login in self.deciders, "S3"),
        )

    def against_sterility_conclude(self, request: Any, now: datetime) -> list[str]:
        test = self.tests["sterility"]
        early = test.inoculated_at is None or now < test.inoculated_at + INCUBATION
        return self.when(
            (test.status not in {"in_test", "interim"}, "state"),
            (early and request.fields["reading"] == "final_negative", "incubation"),
            (
                datetime.fromisoformat(request.fields["read_at"]) < test.looked_at,
                "before its inoculation or last reading",
            ),
            (request.login in self.deciders, "S3"),
        )

    def against_oos_confirm(self, request: Any, _now: datetime) -> list[str]:
        test, key = self.tests[request.about], request.about
        return self.when(
            (self.oos.get(key) != "investigated", "state"),
            (request.login in test.measured | test.checked | self.facts.get("investigators", set()), "S4"),
        )

    def against_oos_laboratory(self, request: Any, _now: datetime) -> list[str]:
        return self.when(
            (self.oos.get(request.about) not in {"open", "investigated"}, "state"),
            (request.login in self.tests[request.about].measured, "S4"),
        )

    def against_batch_review(self, request: Any, _now: datetime) -> list[str]:
        return self.when(
            (request.login in self.involved, "S3"),
            (request.login in self.certifiers | self.agreed, "S11"),
            (self.deviations_open(), "deviation"),
            (self.tampered, "tampered"),
        )

    def against_certification(self, request: Any, now: datetime, *, final: bool) -> list[str]:
        labels = [one.status for one in self.labels.values() if one.status in LIVE]
        sterility = self.judged("sterility")
        awaited = self.tests["sterility"].status in {"in_test", "interim"}
        return self.when(
            (request.login in self.involved, "S3"),
            (request.login in self.reviewers, "S11"),
            (request.login in self.sponsors, "sponsor and QP"),
            (request.login in self.dispensed_by <= self.certifiers | self.agreed | {request.login}, "S12"),
            (not self.review_current, "review"),
            (self.failing(), "results"),
            (sterility != "pass" if final else not (sterility == "pending" and awaited), "sterility"),
            (self.oos, "oos"),
            (self.holds, "hold"),
            (self.deviations_open(), "deviation"),
            (labels != ["applied"], "labels"),
            (self.tampered, "tampered"),
        )

    def before_infusion(self, now: datetime) -> list[str]:
        taken = self.dispensing and self.disposition != "quarantine"
        return self.when(
            (self.disposition != "quarantine" or taken, "state"), (now + MARGIN >= self.expires_at, "expired")
        )

    def against_release_stage_one(self, request: Any, now: datetime) -> list[str]:
        return [*self.before_infusion(now), *self.against_certification(request, now, final=False)]

    def against_release_full(self, request: Any, now: datetime) -> list[str]:
        return [*self.before_infusion(now), *self.against_certification(request, now, final=True)]

    def against_release_stage_two(self, request: Any, now: datetime) -> list[str]:
        wrong = self.when(
            (self.disposition != "certified_pending", "state"), (self.certificate_void, "the certificate is void")
        )
        return [*wrong, *self.against_certification(request, now, final=True)]

    def against_release_sponsor(self, request: Any, now: datetime) -> list[str]:
        return self.when(
            (self.disposition not in CERTIFIED or self.sponsor, "state"),
            (request.login in self.certifiers, "sponsor and QP"),
            (self.holds, "hold"),
            (now + MARGIN >= self.expires_at, "expired"),
            (self.tampered, "tampered"),
        )

    def against_release_reject(self, _request: Any, _now: datetime) -> list[str]:
        out = self.given or (self.dispensing and self.disposition != "quarantine")
        return self.when((self.disposition == "rejected" or out, "state"))

    def against_hold_set(self, _request: Any, _now: datetime) -> list[str]:
        return []

    def against_hold_lift(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.holds.get(request.about) != "person", "state"))

    def against_recall_open(self, _request: Any, _now: datetime) -> list[str]:
        return self.when(("recall" in self.holds.values(), "open"))

    def against_label_print(self, _request: Any, _now: datetime) -> list[str]:
        return self.when((any(one.status in LIVE for one in self.labels.values()), "live label"))

    def against_label_verify(self, request: Any, _now: datetime) -> list[str]:
        label = self.labels[request.about]
        return self.when((label.status != "printed", "state"), (request.login == label.printed_by, "S6"))

    def against_label_apply(self, request: Any, _now: datetime) -> list[str]:
        other = request.fields["container_code"] != self.container
        return self.when((self.labels[request.about].status != "verified", "state"), (other, "another container"))

    def against_label_reprint(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.labels[request.about].status not in LIVE, "state"))

    against_label_void = against_label_reprint

    def against_label_destroy(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.labels[request.about].status != "voided", "state"))

    def against_weight_record(self, _request: Any, _now: datetime) -> list[str]:
        return []

    def against_weight_resign(self, request: Any, _now: datetime) -> list[str]:
        return self.when(
            (self.disposition not in CERTIFIED, "state"),
            (request.login in self.involved, "S3"),
            (request.login in self.reviewers, "S11"),
            (self.signed_weight == len(self.weights) - 1, "nothing new"),
            (any(self.judged(key) == "fail" for key in oracle.PER_KG), "dose"),
        )

    def against_order_write(self, request: Any, now: datetime) -> list[str]:
        return self.when((self.order_of(request.fields["subject_code"], now) is not None, "open order"))

    def against_order_check(self, request: Any, now: datetime) -> list[str]:
        order = self.orders[request.about]
        return self.when(
            (order.status not in {"ordered", "eligible"}, "state"), (order.day != local_day(now), "another day")
        )

    def against_order_cancel(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.orders[request.about].status not in {"ordered", "eligible"}, "state"))

    def against_container_scan(self, _request: Any, _now: datetime) -> list[str]:
        return []

    def against_container_dispense(self, request: Any, now: datetime) -> list[str]:
        scan = self.scans[request.about]
        order = self.order_of("NK-01", now)
        label = self.labels.get(scan.label)
        known = {"label_code": label.payload if label else "", "subject_code": "NK-01"}
        return self.when(
            (self.dispensing, "dispensed"),
            (scan.by != request.login, "another's scan"),
            (not scan.at <= now <= scan.at + SCAN_LASTS, "an old scan"),
            (scan.place != "pharmacy" or scan.verdict == "DENY", "not an allowing scan"),
            (self.expected_scan(known, now) != scan.verdict, "the verdict of now"),
            (order is None or order.id != scan.order, "another order"),
            (scan.verdict == "ALLOW_OOS" and not request.fields.get("oos_acknowledged"), "nobody said that he knows"),
            ({request.login, request.second} <= self.certifiers | self.agreed, "S12"),
        )

    def against_dispensing_cancel(self, request: Any, _now: datetime) -> list[str]:
        order = self.orders.get(self.dispensed_for)
        return self.when(
            (order is None or order.status != "dispensed" or request.about != self.dispensing, "state"),
            ({request.login, request.second} <= self.certifiers | self.agreed, "S12"),
        )

    def against_dispensing_hand_over(self, request: Any, now: datetime) -> list[str]:
        order = self.orders.get(self.dispensed_for)
        return self.when(
            (order is None or order.status != "dispensed" or request.about != self.dispensing, "state"),
            (now >= self.expires_at, "expired"),
            (any(self.product_stops()) or self.bare_of_its_overlay(), "stopped"),
            (self.before_its_last_step(request.fields["handed_over_at"]), "before the dispensing"),
        )

    def before_its_last_step(self, typed: str) -> bool:
        """As a clock has it that was set back by less than is refused."""
        return datetime.fromisoformat(typed) < self.on_its_way_since

    def against_administration_record(self, request: Any, _now: datetime) -> list[str]:
        order = self.orders.get(self.dispensed_for)
        return self.when(
            (order is None or order.status != "handed_over" or request.about != self.dispensing, "state"),
            (self.before_its_last_step(request.fields["started_at"]), "before the hand-over"),
        )

    def against_container_destroy(self, _request: Any, _now: datetime) -> list[str]:
        order = self.orders.get(self.dispensed_for)
        out = order is not None and order.status in {"dispensed", "handed_over"}
        return self.when((out, "with somebody"), (self.destroyed or self.given, "nothing is left"))

    def against_deviation_report(self, _request: Any, _now: datetime) -> list[str]:
        return []

    def against_deviation_investigate(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.deviations[request.about]["status"] not in {"open", "investigated"}, "state"))

    def against_deviation_assess(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.deviations[request.about]["status"] != "investigated", "state"))

    def against_deviation_close(self, request: Any, _now: datetime) -> list[str]:
        found = self.deviations[request.about]
        return self.when(
            (found["status"] != "assessed", "state"),
            (request.login in found["hands"], "S4"),
            (not found["judged"], "the QP has not judged it"),
        )


def shows_nothing(request: Any) -> bool:
    """“More than” where the limit is an upper one."""
    return request.about == "endotoxin" and request.fields.get("operator") == ">"
