"""Why a container may not leave the pharmacy, or not be infused; each code with who can resolve it."""

from __future__ import annotations

from kernel.refusals import N_, kind
from manufacturing.domain.holds import BATCH_ON_HOLD  # noqa: F401  (one code for hold; read from here as well)

_QP = N_("the QP")
_QA_QP = N_("QA and the QP")
_PHYSICIAN = N_("the physician")
_KEEP = N_("Keep the product where it is and call QA.")

NOT_CERTIFIED = kind(
    "NOT_CERTIFIED",
    409,
    N_("The QP has not certified this batch (%(state)s)."),
    resolver=_QP,
    next_step=N_("Wait for the certification; nothing leaves the pharmacy without it."),
)
SUBJECT_NOT_READ = kind(
    "SUBJECT_NOT_READ",
    409,
    N_("No subject code of this trial was read, so nobody knows for whom the product is."),
    resolver=N_("you"),
    next_step=N_("Scan the subject code on the order or the trial card; leave the product until the two codes agree."),
)
RECORD_UNDER_CORRECTION = kind(
    "RECORD_UNDER_CORRECTION",
    409,
    N_("The batch record was opened for correction and is not reviewed again yet."),
    resolver=N_("QA"),
    next_step=N_("Wait until the record is corrected and reviewed again; ask QA when that will be."),
)
BATCH_REJECTED = kind(
    "BATCH_REJECTED",
    409,
    N_("The batch is rejected."),
    resolver=N_("nobody: a rejection is final"),
    next_step=N_("Put the container into quarantine for destruction and call QA."),
)
LATE_OOS = kind(
    "LATE_OOS",
    409,
    N_("A result that came after the certification is out of specification."),
    resolver=_QA_QP,
    next_step=_KEEP,
)
NOT_SPONSOR_RELEASED = kind(
    "NOT_SPONSOR_RELEASED",
    409,
    N_("The sponsor has not released this batch for the trial."),
    resolver=N_("the sponsor's delegate"),
    next_step=N_("Ask the sponsor for the release; certification alone is not enough."),
)
ORDER_MISSING = kind(
    "ORDER_MISSING",
    409,
    N_("There is no open infusion order of today (%(today)s) for this subject."),
    resolver=_PHYSICIAN,
    next_step=N_("Ask the physician to write the order for today."),
)
ORDER_OPEN = kind(
    "ORDER_OPEN",
    409,
    N_("There is already an order for %(subject)s on %(on)s: %(number)s."),
    resolver=_PHYSICIAN,
    next_step=N_("Use that order, or cancel it first."),
)
ORDER_VALUE = kind(
    "ORDER_VALUE",
    422,
    N_("%(name)s must be more than zero and at most %(most)s."),
    resolver=N_("you"),
    next_step=N_("Correct the value."),
)
ORDER_DAY_PAST = kind(
    "ORDER_DAY_PAST",
    422,
    N_("The day of the infusion (%(on)s) has passed."),
    resolver=N_("you"),
    next_step=N_("Order for today or a later day."),
)
WRONG_DAY = kind(
    "WRONG_DAY",
    409,
    N_("The check belongs to the day of the infusion (%(on)s); today is %(today)s in Amsterdam."),
    resolver=_PHYSICIAN,
    next_step=N_("Do the check on the day of the infusion, or write an order for today."),
)
PRODUCT_EXPIRED = kind(
    "PRODUCT_EXPIRED",
    409,
    N_("Expires %(expires)s; with %(margin)s min for transport and infusion it is too late now."),
    resolver=N_("nobody: an expiry is not extended"),
    next_step=N_("Do not use the product. Put it into quarantine and call QA."),
)
VERDICT_FAILED = kind(
    "VERDICT_FAILED",
    409,
    N_("With today's weight, this order and what the subject received before, %(criterion)s is %(shown)s: %(limit)s."),
    resolver=N_("the physician (order) and the QP"),
    next_step=N_("Do not dispense. Let the physician and the QP look at dose and weight."),
)
RESULT_FAILS_UNVERIFIED = kind(
    "RESULT_FAILS_UNVERIFIED",
    409,
    N_("%(criterion)s was entered as %(shown)s, which fails, and nobody has verified it yet."),
    resolver=N_("the second person of the laboratory, and QA"),
    next_step=N_("Do not use the product. Have the result verified now; call QA."),
)
ALREADY_DISPENSED = kind(
    "ALREADY_DISPENSED",
    409,
    N_("Container %(container)s was dispensed before (%(at)s)."),
    resolver=N_("the pharmacist who dispensed it, and QA"),
    next_step=N_("Stop. Find the container that was dispensed; a second scan of it is an incident."),
)
CONTAINER_DESTROYED = kind(
    "CONTAINER_DESTROYED",
    409,
    N_("Container %(container)s was destroyed (%(at)s)."),
    resolver=_QA_QP,
    next_step=N_("Stop. What is in your hand is not what the record says; keep it and call QA."),
)
NOT_HANDED_OVER = kind(
    "NOT_HANDED_OVER",
    409,
    N_("This container does not wait for infusion on the ward (%(state)s)."),
    resolver=N_("the pharmacy"),
    next_step=N_("Do not infuse it. Call the pharmacy."),
)
SECOND_PERSON_NEEDED = kind(
    "SECOND_PERSON_NEEDED",
    409,
    N_("The label number was typed, not scanned; then a second person must type the subject code."),
    resolver=N_("you and a colleague"),
    next_step=N_("Scan the square code, or use “Typed, with a second person”."),
)
DB_BEHIND_RECEIPT = kind(
    "DB_BEHIND_RECEIPT",
    409,
    N_("The database is older than what was recorded before: it may be a restored copy."),
    resolver=N_("QA, with the administrator"),
    next_step=N_("Dispense nothing. QA finds out what was lost and signs the recovery (Trail › Recoveries)."),
)
DECISION_EXPIRED = kind(
    "DECISION_EXPIRED",
    409,
    N_("The scan does not allow this any longer (%(why)s)."),
    resolver=N_("you"),
    next_step=N_("Scan label and subject again; a verdict holds for 60 seconds and for the person who scanned."),
)
INTERNAL_ERROR = kind(
    "INTERNAL_ERROR",
    409,
    N_("A check could not be made (%(guard)s); what cannot be checked is refused."),
    resolver=N_("the administrator"),
    next_step=N_("Scan again; if it comes back, call the administrator and dispense nothing."),
)
SOD_DISPENSE = kind(
    "SOD_DISPENSE",
    403,
    N_("The second check needs another person than the one who dispenses."),
    resolver=N_("another pharmacist or the QP"),
    next_step=N_("Ask a colleague to check and to enter id and password."),
)
SOD_QP_PH = kind(
    "SOD_QP_PH",
    403,
    N_("Of the two people at a dispensing at least one has not certified the batch."),
    resolver=N_("another pharmacist or another QP"),
    next_step=N_("Let a colleague sign who did not do the other: dispense this batch, or certify it."),
)
