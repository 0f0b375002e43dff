"""Why a product may not be supplied out of specification; each code with who can resolve it."""

from __future__ import annotations

from kernel.refusals import N_, kind

_PHYSICIAN = N_("the physician")
_RENEW = N_("Let the physician withdraw the request and make a new one with what is known now.")

SOD_SUPPLY = kind(
    "SOD_SUPPLY",
    403,
    N_("Whoever made, tested, investigated, evaluated or asked for this batch may not also decide on its supply."),
    resolver=N_("another person with the role"),
    next_step=N_("Ask a colleague who had no hand in this batch and has not signed this supply yet."),
)
SUPPLY_NO_OOS = kind(
    "SUPPLY_NO_OOS",
    409,
    N_("No result of this batch is confirmed out of specification; there is nothing to be supplied this way."),
    resolver=N_("QA"),
    next_step=N_("A batch that meets its specification is certified; a failed result is confirmed by QA first."),
)
SUPPLY_OUT_OF_SCOPE = kind(
    "SUPPLY_OUT_OF_SCOPE",
    409,
    N_("%(test)s is not in order. That is no result of the laboratory, and no physician can accept it."),
    resolver=N_("nobody: identity, donor and shelf life are outside this route"),
    next_step=N_("Do not use the product. QA finds out what happened; the QP decides on rejection."),
)
SUPPLY_OPEN = kind(
    "SUPPLY_OPEN",
    409,
    N_("There is already a request for this batch: %(number)s."),
    resolver=_PHYSICIAN,
    next_step=N_("Go on with that request, or withdraw it first."),
)
SUPPLY_NOT_AUTHORISED = kind(
    "SUPPLY_NOT_AUTHORISED",
    409,
    N_("The protocol in force wants the authorisation of the director, and it is not there."),
    resolver=N_("the director of the processing facility or the medical director"),
    next_step=N_("Ask the director to authorise this supply on its page."),
)
RISK_EVALUATION_GONE = kind(
    "RISK_EVALUATION_GONE",
    409,
    N_("The document of the risk evaluation was withdrawn."),
    resolver=N_("QA"),
    next_step=N_("Decline this supply; the physician asks again and QA evaluates anew."),
)
SUPPLY_STALE = kind(
    "SUPPLY_STALE",
    409,
    N_("Something has changed since the physician accepted the product as it was: %(what)s."),
    resolver=N_("the physician, QA and the QP"),
    next_step=_RENEW,
)
SUPPLY_NOT_IN_FORCE = kind(
    "SUPPLY_NOT_IN_FORCE",
    409,
    N_("The supply %(number)s is not in force (%(state)s)."),
    resolver=N_("the physician, QA and the QP"),
    next_step=N_("Keep the product where it is. Nothing is dispensed before the physician has accepted it again."),
)
OOS_NOT_ACKNOWLEDGED = kind(
    "OOS_NOT_ACKNOWLEDGED",
    422,
    N_("You have not confirmed that you know this product is out of specification."),
    resolver=N_("you"),
    next_step=N_("Read what failed and who accepted it; then confirm it, or do not dispense."),
)
SUPPLY_PHYSICIAN = kind(
    "SUPPLY_PHYSICIAN",
    422,
    N_("The chosen person is no treating physician of this installation."),
    resolver=N_("you"),
    next_step=N_("Choose one of the physicians listed; the administrator and QA enter a new one."),
)
