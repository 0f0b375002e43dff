"""A supply out of specification, written a second time: who may sign what of it, and what it takes (Part IV 11.53, 11.54)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.hostile.machine.known import LIVE, MARGIN, UNDER_WAY, Known, Overlay, Supply

ENDED = {"withdraw": "supply_withdrawn", "decline": "supply_declined"}
COMING = ("quarantine", "late_oos")
WITH_SOMEBODY = ("overlay_printed", "overlay_applied")


class Supplied(Known):
    def when(self, *pairs: tuple[Any, str]) -> list[str]:
        return [reason for wrong, reason in pairs if wrong]

    # -- who and when ----------------------------------------------------------------------------------------------

    @property
    def made_or_tested(self) -> set[str]:
        return self.involved | self.facts.get("investigators", set())

    def outside_the_way(self, now: datetime) -> list[str]:
        """No confirmed failure, one that is still looked into, an expired or a rejected product."""
        undecided = [key for key, status in self.oos.items() if status != "confirmed"]
        return self.when(
            (self.disposition == "rejected", "rejected"),
            (not self.confirmed and not undecided, "nothing failed"),
            (undecided, "under investigation"),
            (now >= self.expires_at, "expired"),
        )

    def blocking(self, supply: Supply, now: datetime) -> list[str]:
        """Whatever blocks a certification, but for what the request names."""
        labels = [one.status for one in self.labels.values() if one.status in LIVE]
        sterility = self.judged("sterility")
        waits = sterility == "pending" and self.tests["sterility"].status in {"in_test", "interim"}
        reviewing = self.involved | self.reviewers
        return [
            *self.outside_the_way(now),
            *self.when(
                (self.confirmed - supply.named, "a further failure"),
                (set(self.failing()) - supply.named, "results"),
                (not (sterility == "pass" or waits or "sterility" in supply.named), "sterility"),
                (set(self.holds) - self.covered(supply), "hold"),
                (not self.review_current, "review"),
                (self.deviations_open(), "deviation"),
                (labels != ["applied"], "labels"),
                (now + MARGIN >= self.expires_at, "expired"),
                (self.tampered, "tampered"),
                (
                    not any("QP" in held and who not in reviewing for who, held in self.roles.items()),
                    "nobody certifies",
                ),
            ),
        ]

    def deviations_open(self) -> bool:
        return any(
            one["status"] not in ({"assessed", "closed"} if one["class"] == "minor" else {"closed"})
            for one in self.deviations.values()
        )

    def against_oos_supply_request(self, request: Any, now: datetime) -> list[str]:
        return self.when(
            (request.login in self.made_or_tested, "S3"), (self.live_supply, "another request")
        ) + self.outside_the_way(now)

    def against_oos_supply_evaluate(self, request: Any, _now: datetime) -> list[str]:
        barred = self.made_or_tested | self.signed("request", "accept")
        return self.when(
            (self.supplies[request.about].status != "supply_requested", "state"), (request.login in barred, "supply")
        )

    def against_oos_supply_agree(self, request: Any, now: datetime) -> list[str]:
        supply = self.supplies[request.about]
        barred = self.made_or_tested | self.signed("request", "accept", "evaluate") | self.reviewers
        wrong = self.when((supply.status != "risk_evaluated", "state"), (request.login in barred, "supply"))
        return [*wrong, *self.blocking(supply, now)]

    def against_oos_supply_accept(self, request: Any, now: datetime) -> list[str]:
        supply = self.supplies[request.about]
        barred = self.made_or_tested | self.signed("evaluate", "agree")
        wrong = self.when(
            (supply.status != "risk_evaluation_given", "state"),
            (request.login in barred, "supply"),
            (not self.holds_role("dr", "Dr"), "nobody informed the parents"),
            (self.disposition not in COMING or self.dispensing, "nothing to supply"),
        )
        return [*wrong, *self.blocking(supply, now)]

    def against_oos_supply_withdraw(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.supplies[request.about].status not in UNDER_WAY, "state"))

    against_oos_supply_decline = against_oos_supply_withdraw

    def against_overlay_print(self, _request: Any, _now: datetime) -> list[str]:
        live = any(one.status in WITH_SOMEBODY for one in self.overlays.values())
        return self.when((self.accepted_now() is None, "no supply in force"), (live, "another overlay"))

    def against_overlay_apply(self, request: Any, _now: datetime) -> list[str]:
        overlay, supply = self.overlays[request.about], self.accepted_now()
        label = next((one for one in self.labels.values() if one.payload == request.fields["label_code"]), None)
        return self.when(
            (overlay.status != "overlay_printed", "state"),
            (supply is None or overlay.supply != supply.id, "of another supply"),
            (label is None or label.status != "applied", "another label, or one that is not on yet"),
        )

    def against_overlay_destroy(self, request: Any, _now: datetime) -> list[str]:
        return self.when((self.overlays[request.about].status not in WITH_SOMEBODY, "state"))

    def accepted_now(self) -> Supply | None:
        """The newest that was accepted, if it is in force."""
        accepted = [one for one in self.supplies.values() if "accept" in one.by]
        return accepted[-1] if accepted and accepted[-1].status == "supply_in_force" else None

    # -- what was done ---------------------------------------------------------------------------------------------

    def on_oos_supply_request(self, request: Any, body: dict[str, Any], _now: datetime) -> None:
        self.supplies[body["id"]] = Supply(body["id"], self.confirmed, {"request": request.login})

    def on_oos_supply_evaluate(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.supplies[request.about].by["evaluate"] = request.login
        self.supplies[request.about].status = "risk_evaluated"

    def on_oos_supply_agree(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.supplies[request.about].by["agree"] = request.login
        self.supplies[request.about].status = "risk_evaluation_given"

    def on_oos_supply_accept(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.supplies[request.about].by["accept"] = request.login
        self.supplies[request.about].status = "supply_in_force"
        self.disposition, self.signed_weight = "oos_supply", len(self.weights) - 1

    def on_oos_supply_withdraw(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.end_supply(ENDED[request.act.partition(".")[2]])

    on_oos_supply_decline = on_oos_supply_withdraw

    def end_supply(self, status: str) -> None:
        """What was not given is what it was before."""
        if self.live_supply is None:
            return
        self.live_supply.status = status
        if self.disposition == "oos_supply" and not self.given:
            self.disposition = "late_oos" if self.certified or self.failed_late else "quarantine"

    def on_overlay_print(self, _request: Any, body: dict[str, Any], _now: datetime) -> None:
        supply = self.accepted_now()
        self.overlays[body["id"]] = Overlay(body["id"], supply.id if supply else "")

    def on_overlay_apply(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.overlays[request.about].status = "overlay_applied"

    def on_overlay_destroy(self, request: Any, _body: dict[str, Any], _now: datetime) -> None:
        self.overlays[request.about].status = "overlay_destroyed"
