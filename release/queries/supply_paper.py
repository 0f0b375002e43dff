"""A supply out of specification on paper: the statement that goes with the product, and the whole record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.refusals import N_
from kernel.web.i18n import Speech
from release.domain.paper import Block, Facts, Lines, Section
from release.queries.record_words import code_words, said

REQUEST = (
    ("hazard", N_("Immediate significant hazard to the patient")),
    ("alternatives", N_("Alternatives that were considered")),
    ("consequence", N_("What follows if the product is not given")),
)


def statement_blocks(told: Mapping[str, Any] | None, speech: Speech) -> tuple[Block, ...]:
    """The statement, what failed, and the four signatures (ATMP-11.5-LABEL); nothing for any other product."""
    if told is None:
        return ()
    signed = tuple(
        (speech.say(one["what"]), f"{said(one['by'], speech)}, {said(one['at'], speech)}") for one in told["signatures"]
    )
    statement: str = told["statement"]
    return (Lines((speech.say(statement), *told["failed"]), strong=True), Facts(signed))


def supply_sections(supply: Mapping[str, Any] | None, speech: Speech) -> list[Section]:
    """The record as it was signed, in its order; nothing where there is none."""
    if not supply:
        return []
    request, risk = supply["request"], supply["risk evaluation"]
    failed = tuple(f"{one['record']} · {one['found']}" for one in supply["failed results"])
    asked = Facts(tuple((speech.say(name), str(request[key])) for key, name in REQUEST))
    steps: list[tuple[str, Any]] = [
        (N_("Request of the treating physician"), who(request, speech)),
        (N_("Risk evaluation of the manufacturer"), who(risk, speech)),
        (N_("Document of the risk evaluation"), document(risk)),
        (N_("Agreed by the QP and given to the physician"), who(supply["agreed and given to the physician"], speech)),
        (N_("Authorised by the director"), who(supply["authorised as director"], speech)),
    ]
    told = supply.get("entered") or {}
    if told.get("informed"):
        steps.append((N_("Informed"), f"{code_words(told['informed'], speech)}, {said(told['informed at'], speech)}"))
    signed = Facts(tuple((speech.say(name), said(value, speech)) for name, value in steps))
    title = speech.say(N_("Request, risk evaluation and acceptance"))
    return [Section(title, (Lines(failed, strong=True), asked, Lines((str(risk["words"]),)), signed))]


def who(step: Mapping[str, Any] | None, speech: Speech) -> str | None:
    return f"{said(step['by'], speech)}, {said(step['at'], speech)}" if step else None


def document(risk: Mapping[str, Any]) -> str | None:
    file = risk.get("document")
    return f"{file['file']} · SHA-256 {file['sha256']}" if file else None
