"""Disposition and the decisions that move it (requirements 14.4); orders and their path (14.6); results (14.3)."""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states


class Disposition(StrEnum):
    QUARANTINE = "quarantine"
    CERTIFIED_PENDING = "certified_pending"
    CERTIFIED_FINAL = "certified_final"
    LATE_OOS = "late_oos"
    OOS_SUPPLY = "oos_supply"
    REJECTED = "rejected"


DISPOSITION = Lifecycle(
    record="disposition",
    states=Disposition,
    transitions=(
        Transition(
            "certify_stage_one",
            states(Disposition.QUARANTINE),
            Disposition.CERTIFIED_PENDING,
            "release:certify",
        ),
        Transition("certify", states(Disposition.QUARANTINE), Disposition.CERTIFIED_FINAL, "release:certify"),
        Transition(
            "certify_stage_two",
            states(Disposition.CERTIFIED_PENDING),
            Disposition.CERTIFIED_FINAL,
            "release:certify",
        ),
        # What was given to a patient before its record was corrected is certified anew, or found not to meet.
        Transition(
            "certify_given_pending",
            states(Disposition.QUARANTINE, Disposition.CERTIFIED_PENDING),
            Disposition.CERTIFIED_PENDING,
            "release:certify",
        ),
        Transition(
            "certify_given",
            states(Disposition.QUARANTINE, Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL),
            Disposition.CERTIFIED_FINAL,
            "release:certify",
        ),
        Transition(
            "fail_given",
            states(Disposition.QUARANTINE, Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL),
            Disposition.LATE_OOS,
            "release:reject",
        ),
        Transition(
            "reject",
            states(
                Disposition.QUARANTINE,
                Disposition.CERTIFIED_PENDING,
                Disposition.CERTIFIED_FINAL,
                Disposition.LATE_OOS,
                Disposition.OOS_SUPPLY,
            ),
            Disposition.REJECTED,
            "release:reject",
        ),
    ),
)
"""LATE_OOS is set by the system when a result fails after certification; the decision row carries the signature.
OOS_SUPPLY likewise, from quarantine or LATE_OOS, when the physician accepts the product as it is (supply.py)."""


class DecisionKind(StrEnum):
    """``late_oos`` is made by the system; ``acknowledged`` is a person's answer to it. ``given`` and ``given_failed``
    are about what a patient had before the record was corrected."""

    REVIEW = "review"
    STAGE1 = "stage1"
    FULL = "full"
    STAGE2 = "stage2"
    GIVEN = "given"
    GIVEN_FAILED = "given_failed"
    SPONSOR = "sponsor"
    REJECT = "reject"
    LATE_OOS = "late_oos"
    ACKNOWLEDGED = "acknowledged"
    OOS_SUPPLY = "oos_supply"
    WEIGHT = "weight"


CERTIFICATES = (DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.STAGE2, DecisionKind.GIVEN)
# What came out only after the certification; QP, physician and sponsor each acknowledge it.
LATE_FAILURES = (DecisionKind.LATE_OOS, DecisionKind.GIVEN_FAILED)


class QcTestStatus(StrEnum):
    """A required test of a batch. Sterility passes through IN_TEST and INTERIM (negative to date).

    INVALIDATED: its result was out of specification for a cause that was shown; a retest is a test of its own.
    REOPENED: QA allowed the correction of a verified result, which stays; nothing counts until the new one is verified.
    CANCELLED: a test nothing depends on, taken back before it had a value.
    """

    REQUESTED = "requested"
    IN_TEST = "in_test"
    INTERIM = "interim"
    ENTERED = "entered"
    VERIFIED = "verified"
    INVALIDATED = "invalidated"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


QC_TEST = Lifecycle(
    record="test",
    states=QcTestStatus,
    transitions=(
        Transition(
            "inoculate", states(QcTestStatus.REQUESTED), QcTestStatus.IN_TEST, "result:enter", meaning=("inoculated",)
        ),
        Transition(
            "read",
            states(QcTestStatus.IN_TEST, QcTestStatus.INTERIM),
            QcTestStatus.INTERIM,
            "result:enter",
            meaning=("interim read",),
        ),
        Transition(
            "enter",
            states(QcTestStatus.REQUESTED),
            QcTestStatus.ENTERED,
            "result:enter",
            meaning=("result entered",),
        ),
        Transition(
            "conclude",
            states(QcTestStatus.IN_TEST, QcTestStatus.INTERIM),
            QcTestStatus.ENTERED,
            "result:enter",
            meaning=("final reading entered",),
        ),
        Transition(
            "correct",
            states(QcTestStatus.ENTERED, QcTestStatus.REOPENED),
            QcTestStatus.ENTERED,
            "result:enter",
            meaning=("result corrected",),
        ),
        Transition(
            "reopen",
            states(QcTestStatus.VERIFIED),
            QcTestStatus.REOPENED,
            "result:reopen",
            meaning=("correction of a verified result authorised",),
        ),
        Transition(
            "cancel",
            states(QcTestStatus.REQUESTED, QcTestStatus.IN_TEST, QcTestStatus.INTERIM),
            QcTestStatus.CANCELLED,
            "result:reopen",
            meaning=("test cancelled",),
        ),
        Transition(
            "verify", states(QcTestStatus.ENTERED), QcTestStatus.VERIFIED, "result:verify", meaning=("verified",)
        ),
        Transition("invalidate", states(QcTestStatus.VERIFIED), QcTestStatus.INVALIDATED, "oos:decide"),
    ),
)


class OrderStatus(StrEnum):
    ORDERED = "ordered"
    ELIGIBLE = "eligible"
    DISPENSED = "dispensed"
    HANDED_OVER = "handed_over"
    ADMINISTERED = "administered"
    NOT_ADMINISTERED = "not_administered"
    CANCELLED = "cancelled"


FROM_PAPER = ("entered from paper", "compared with the paper")
ORDER = Lifecycle(
    record="order",
    states=OrderStatus,
    transitions=(
        Transition(
            "confirm_eligibility",
            states(OrderStatus.ORDERED, OrderStatus.ELIGIBLE),
            OrderStatus.ELIGIBLE,
            "eligibility:write",
            meaning=("day-of-infusion criteria met",),
        ),
        Transition(
            "dispense",
            states(OrderStatus.ELIGIBLE),
            OrderStatus.DISPENSED,
            "container:dispense",
            meaning=("dispensed", "second check"),
        ),
        Transition(
            "cancel_dispensing",
            states(OrderStatus.DISPENSED),
            OrderStatus.CANCELLED,
            "container:dispense",
            meaning=("dispensing cancelled", "container seen in the pharmacy"),
        ),
        Transition(
            "hand_over",
            states(OrderStatus.DISPENSED),
            OrderStatus.HANDED_OVER,
            "container:hand_over",
            meaning=("handed over", "received"),
        ),
        Transition(
            "administer",
            states(OrderStatus.HANDED_OVER),
            OrderStatus.ADMINISTERED,
            "container:administer",
            meaning=("administered",),
        ),
        Transition(
            "not_administer",
            states(OrderStatus.HANDED_OVER),
            OrderStatus.NOT_ADMINISTERED,
            "container:administer",
            meaning=("not administered",),
        ),
        Transition(
            "confirm_on_paper",
            states(OrderStatus.ORDERED, OrderStatus.ELIGIBLE),
            OrderStatus.ELIGIBLE,
            "eligibility:write",
            meaning=FROM_PAPER,
        ),
        Transition(
            "dispense_on_paper",
            states(OrderStatus.ORDERED, OrderStatus.ELIGIBLE),
            OrderStatus.DISPENSED,
            "container:dispense",
            meaning=FROM_PAPER,
        ),
        Transition(
            "hand_over_on_paper",
            states(OrderStatus.DISPENSED),
            OrderStatus.HANDED_OVER,
            "container:hand_over",
            meaning=FROM_PAPER,
        ),
        Transition(
            "administer_on_paper",
            states(OrderStatus.HANDED_OVER),
            OrderStatus.ADMINISTERED,
            "container:administer",
            meaning=FROM_PAPER,
        ),
        Transition(
            "not_administer_on_paper",
            states(OrderStatus.HANDED_OVER),
            OrderStatus.NOT_ADMINISTERED,
            "container:administer",
            meaning=FROM_PAPER,
        ),
        Transition(
            "cancel",
            states(OrderStatus.ORDERED, OrderStatus.ELIGIBLE),
            OrderStatus.CANCELLED,
            "order:cancel",
            meaning=("cancelled",),
        ),
    ),
)


class Verdict(StrEnum):
    """The server's four answers at a scan (decision 37). ``ALLOW_OOS``: supplied at the request of the physician."""

    ALLOW = "ALLOW"
    ALLOW_CONDITIONAL = "ALLOW_CONDITIONAL"
    ALLOW_OOS = "ALLOW_OOS"
    DENY = "DENY"
