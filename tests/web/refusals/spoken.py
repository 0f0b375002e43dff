"""What a refusal says to people: in Dutch on the page, in English to the API, whole sentences and no names of the code.

The page of the tables is read in Dutch, the API in English, so that every row is met in both.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from werkzeug.test import TestResponse

from kernel.refusals import Refusal
from kernel.web.i18n import Speech

TYPED = {"reason", "typed", "value", "login", "scanned"}
COUNTING = {"RECOVERY_RANGE"}  # names the newest line of the trail, which every refusal adds to
PARTS = ("sentence", "resolver", "next_step")
BARE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[a-z]+(?:_[a-z]+)+\b|%\(|\b[a-z_]+:[a-z_]+\b|\bNone\b")
ENGLISH = re.compile(
    r"\b(?:the|this|that|and|not|with|from|your|has|have|been|must|which|scan the|ask a)\b", re.IGNORECASE
)
# The commonest reasons why a pharmacist or a nurse is stopped, each met by a row of the tables.
AT_THE_COUNTER = {
    *(
        "SUBJECT_MISMATCH",
        "SUBJECT_NOT_READ",
        "NOT_A_LABEL",
        "LABEL_MISREAD",
        "LABEL_TRUNCATED",
        "LABEL_DOUBLED",
        "LABEL_VOID",
    ),
    *("LABEL_UNVERIFIED", "LABEL_KEY_REVOKED", "SECOND_PERSON_NEEDED", "NOT_HANDED_OVER", "BATCH_ON_HOLD"),
    *("ORDER_MISSING", "ELIGIBILITY_FAILED", "WEIGHT_CHANGED", "WEIGHT_STALE", "PRODUCT_EXPIRED", "LATE_OOS"),
    *("ALREADY_DISPENSED", "NOT_SPONSOR_RELEASED", "BATCH_REJECTED", "OVERLAY_MISSING", "DECISION_EXPIRED"),
    *("PHOTO_NO_CODE", "PHOTO_TWO_LABELS", "SOD_DISPENSE"),
}


def refusals_in(body: Any) -> list[Refusal]:
    """As the API tells them, to be said again in any language."""
    told = body.get("reasons") or body.get("refusals") or []
    return [Refusal(one["code"], tuple(sorted(one["facts"].items()))) for one in told]


def unclear(language: str, refusals: Iterable[Refusal]) -> list[str]:
    """What of these sentences a person cannot read: a name of the code, a word of the other language, nothing at all.

    What people typed themselves stands as they typed it.
    """
    told = [
        Refusal(one.code, tuple((name, "x" if name in TYPED else fact) for name, fact in one.facts)) for one in refusals
    ]
    texts = [(one.code, str(Speech(language).refusal(one)[part])) for one in told for part in PARTS]
    found = [f"{code}: {text}" for code, text in texts if not text or BARE.search(text)]
    return found + [f"{code}: {text}" for code, text in texts if language == "nl" and ENGLISH.search(text)]


def language_of(page: TestResponse) -> str:
    return page.text.partition('<html lang="')[2][:2]


def not_told(answer: TestResponse, language: str, refusals: Iterable[Refusal]) -> list[str]:
    """Sentence, who can resolve it and the next step that the answer does not carry in this language."""
    told = [Speech(language).refusal(one) for one in refusals if one.code not in COUNTING]
    said = [one[part] for one in told for part in PARTS]
    shown = texts_of(answer.json) if answer.is_json else html.unescape(answer.text)
    return [text for text in said if text and text not in shown]


def texts_of(body: Any) -> set[str]:
    return {one[part] for one in body.get("reasons") or body.get("refusals") or [] for part in PARTS}
