"""What has happened to the one batch, in plain sets and dicts; nothing of the product is imported.

``against(request, now)`` (``against.py``) gives every reason why a request must be refused; none: it must be done.
``learn(request, body, now)`` (``model.py``) takes in what was done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.hostile.machine import oracle

PEOPLE_ARE_IN = ZoneInfo("Europe/Amsterdam")
MARGIN = timedelta(minutes=60)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
INCUBATION = timedelta(days=1)
SCAN_LASTS = timedelta(seconds=60)
BEDSIDE_LASTS = timedelta(minutes=15)
WEIGHT_LASTS = timedelta(days=7)
BACKWARDS = timedelta(seconds=2)
NUMERIC = ("purity", "cd3_dose", "nk_dose", "endotoxin")
CERTIFIED = ("certified_pending", "certified_final")
LIVE = ("printed", "verified", "applied")
UNDER_WAY = ("supply_requested", "risk_evaluated", "risk_evaluation_given", "supply_in_force")
# Acts that change what QA reviewed: from then on the review is an old one.
OF_THE_RECORD = ("result.", "sterility.", "oos.", "label.", "deviation.", "recall.")


def local_day(at: datetime) -> str:
    return at.astimezone(PEOPLE_ARE_IN).date().isoformat()


@dataclass
class Tested:
    """``measured``: everybody who ever inoculated, read, entered or corrected it; ``checked``: who ever verified it."""

    status: str = "requested"
    entry: dict[str, Any] = field(default_factory=dict)
    reading: str = ""
    inoculated_at: datetime | None = None
    looked_at: datetime = LONG_AGO  # as written down of the inoculation or the last reading
    measured: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)


@dataclass
class Label:
    id: str
    status: str
    payload: str
    printed_by: str


@dataclass
class Order:
    id: str
    subject: str
    day: str
    status: str = "ordered"
    met_on: str = ""


@dataclass
class Scan:
    id: str
    by: str
    place: str
    verdict: str
    at: datetime
    order: str
    label: str


@dataclass
class Supply:
    """A request for a supply out of specification. ``named``: the criteria whose failure it names."""

    id: str
    named: frozenset[str]
    by: dict[str, str] = field(default_factory=dict)
    status: str = "supply_requested"


@dataclass
class Overlay:
    id: str
    supply: str
    status: str = "overlay_printed"


@dataclass
class Known:
    facts: dict[str, Any]
    roles: dict[str, set[str]]
    last_at: datetime
    expires_at: datetime
    container: str
    tests: dict[str, Tested] = field(default_factory=lambda: {key: Tested() for key in (*NUMERIC, "sterility")})
    made_by: set[str] = field(default_factory=lambda: {"t1", "t2"})
    batch: str = "production_complete"
    reviewers: set[str] = field(default_factory=set)
    review_current: bool = False
    disposition: str = "quarantine"
    sponsor: bool = False
    certifiers: set[str] = field(default_factory=set)
    judges: set[str] = field(default_factory=set)
    sponsors: set[str] = field(default_factory=set)
    certificate_void: bool = False
    certified: set[str] = field(default_factory=set)
    weights: list[tuple[str, datetime]] = field(default_factory=list)
    signed_weight: int | None = None
    holds: dict[str, str] = field(default_factory=dict)
    oos: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    scans: dict[str, Scan] = field(default_factory=dict)
    dispensing: str = ""
    dispensed_for: str = ""
    dispensed_by: set[str] = field(default_factory=set)
    on_its_way_since: datetime = LONG_AGO  # as written down of its last step
    given: bool = False
    out_failing: bool = False
    given_failing: bool = False
    destroyed: bool = False
    failed_late: bool = False
    infused: tuple[str, bool] | None = None
    deviations: dict[str, dict[str, Any]] = field(default_factory=dict)
    supplies: dict[str, Supply] = field(default_factory=dict)
    overlays: dict[str, Overlay] = field(default_factory=dict)
    failed_holds: dict[str, str] = field(default_factory=dict)  # by hold, of which result
    tampered: bool = False
    allowed: int = 0

    # -- people ------------------------------------------------------------------------------------------------

    def holds_role(self, person: str, *roles: str) -> bool:
        return bool(self.roles.get(person, set()) & set(roles))

    @property
    def involved(self) -> set[str]:
        """Who had a hand in making or testing, over the whole history (S3)."""
        return self.made_by.union(*(one.measured | one.checked for one in self.tests.values()))

    @property
    def deciders(self) -> set[str]:
        """Who reviewed, certified or judged, or stood for a supply: none of them works on a test any more (S3)."""
        return self.reviewers | self.certifiers | self.judges | self.signed("evaluate") | self.agreed

    @property
    def agreed(self) -> set[str]:
        """Every QP who ever agreed to a supply of this batch."""
        return self.signed("agree")

    def signed(self, *acts: str) -> set[str]:
        """Whoever signed one of these in any supply of the batch, ended ones too."""
        return {one.by[act] for one in self.supplies.values() for act in acts if act in one.by}

    # -- a supply out of specification -----------------------------------------------------------------------------

    @property
    def live_supply(self) -> Supply | None:
        return next((one for one in self.supplies.values() if one.status in UNDER_WAY), None)

    @property
    def in_force(self) -> Supply | None:
        """What this container may go out under although it failed."""
        live = self.live_supply
        return live if live and live.status == "supply_in_force" and self.disposition == "oos_supply" else None

    @property
    def confirmed(self) -> frozenset[str]:
        return frozenset(key for key, status in self.oos.items() if status == "confirmed")

    def covered(self, supply: Supply | None) -> set[str]:
        """Holds that are the matter of the request; never one of anything else."""
        named = supply.named if supply else ()
        return {hold for hold, key in self.failed_holds.items() if key in named}

    def overlaid(self, supply: Supply) -> bool:
        return any((one.supply, one.status) == (supply.id, "overlay_applied") for one in self.overlays.values())

    # -- what the records mean -----------------------------------------------------------------------------------

    @property
    def kg(self) -> str:
        return self.weights[-1][0]

    def judged(self, key: str, kg: str | None = None) -> str:
        test = self.tests[key]
        if key == "sterility":
            if test.status != "verified":
                return "pending" if test.status in {"requested", "in_test", "interim", "entered"} else "fail"
            return "pass" if test.reading == "final_negative" else "fail"
        return oracle.verdict(key, test.entry, kg or self.kg) if test.status == "verified" else "fail"

    def failing(self) -> list[str]:
        return [key for key in self.tests if self.judged(key) == "fail"]

    def feared(self) -> list[str]:
        """What was entered, is not verified, and would fail."""
        waiting = [(key, test) for key, test in self.tests.items() if test.status == "entered"]
        grown = [key for key, test in waiting if key == "sterility" and test.reading != "final_negative"]
        counted = [(key, test.entry) for key, test in waiting if key != "sterility"]
        return grown + [key for key, entry in counted if oracle.verdict(key, entry, self.kg) == "fail"]

    def weight_reasons(self, now: datetime) -> list[str]:
        found = ["weight too old"] if now - self.weights[-1][1] > WEIGHT_LASTS else []
        if self.signed_weight is None or self.signed_weight == len(self.weights) - 1:
            return found
        old = self.weights[self.signed_weight][0]
        before, after = ([self.judged(key, kg) for key in oracle.PER_KG] for kg in (old, self.kg))
        return [*found, *(["weight changed"] if before != after or oracle.beyond_tolerance(old, self.kg) else [])]

    def order_of(self, subject: str, now: datetime) -> Order | None:
        today = local_day(now)
        return next(
            (
                one
                for one in self.orders.values()
                if (one.subject, one.day) == (subject, today) and one.status in {"ordered", "eligible"}
            ),
            None,
        )

    def expected_scan(self, fields: dict[str, Any], now: datetime) -> str:
        """The verdict that this scan must get in the pharmacy."""
        order = self.order_of("NK-01", now)
        label = next((one for one in self.labels.values() if one.payload == fields["label_code"]), None)
        stops = (
            label is None or label.status != "applied",
            fields["subject_code"] != "NK-01",
            bool(self.dispensing),
            self.destroyed,
            order is None or order.status != "eligible" or order.met_on != local_day(now),
            now + MARGIN >= self.expires_at,
            set(self.failing()) - (self.in_force.named if self.in_force else set()),
            self.weight_reasons(now),
            self.bare_of_its_overlay(),
            *self.product_stops(),
        )
        return "DENY" if any(stops) else self.allowing()

    def product_stops(self) -> tuple[Any, ...]:
        """What stops a container wherever it is."""
        supply = self.in_force
        return (
            self.disposition not in CERTIFIED and supply is None,
            not self.sponsor and supply is None,
            set(self.holds) - self.covered(supply),
            supply is not None and "weight changed" in self.weight_reasons(self.weights[-1][1]),
            self.batch != "qa_reviewed",
            self.tampered,
            self.feared(),
        )

    def bare_of_its_overlay(self) -> bool:
        """Out of specification, and the container does not say so."""
        return self.in_force is not None and not self.overlaid(self.in_force)

    def bedside_word(self, now: datetime) -> str:
        """What the scan at the bed said about an infusion that starts now: a “no” stays, a “yes” grows old."""
        said = [(one.at, one.verdict) for one in self.scans.values() if one.place == "bedside"]
        said = [one for one in said if one[0] <= now]
        last = max(said, default=(now, ""))
        return last[1] if last[1] == "DENY" or last[0] >= now - BEDSIDE_LASTS else ""

    def figures(self) -> dict[str, int]:
        """Patients in each stage of the trial's funnel (I15): two included, one of them with a leukapheresis. What was
        supplied out of specification is infused, and never among those that met all criteria."""
        released = bool(self.certified) and not (self.disposition == "rejected" and not self.failed_late)
        counted = False
        if self.infused and self.tests["nk_dose"].status == "verified":
            kg, against = self.infused
            counted = not against and oracle.dose_per_kg(self.tests["nk_dose"].entry, kg) >= oracle.NK_MINIMUM
        given = int(released and counted and not self.failed_late and not self.given_failing)
        return {"T": 2, "I": 2, "L": 1, "M": 1, "R": int(released), "F": given, "S": int(self.given_failing)}

    def allowing(self) -> str:
        if self.in_force:
            return "ALLOW_OOS"
        return "ALLOW" if self.disposition == "certified_final" else "ALLOW_CONDITIONAL"

    def expected_at_bedside(self, fields: dict[str, Any], now: datetime) -> str:
        label = next((one for one in self.labels.values() if one.payload == fields["label_code"]), None)
        order = self.orders.get(self.dispensed_for)
        stops = (
            label is None or label.status != "applied",
            fields["subject_code"] != "NK-01",
            order is None or order.status != "handed_over" or order.met_on != local_day(now),
            now >= self.expires_at,
            *self.product_stops(),
        )
        return "DENY" if any(stops) else self.allowing()
