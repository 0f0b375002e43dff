"""What a scan that is not one of our labels probably is, so that the person learns what went wrong."""

from __future__ import annotations

import re

from kernel.refusals import N_, Refusal
from labels.domain.keyboards import LAYOUTS, SETUP_TEXT, meant, other_case
from labels.domain.refusals import LAYOUT_MISMATCH, NOT_A_LABEL

TOO_LONG = N_("a text of more than 256 characters")
EMPTY = N_("an empty scan")
GS1 = N_("a GS1 code of a medicine or consumable")
ISBT = N_("an ISBT 128 code")
DATA_MATRIX = N_("a Data Matrix symbol, where the QR code is asked for")
CODE_128 = N_("a Code 128 bar code, where the QR code is asked for")
OTHER_SYMBOL = N_("another kind of bar code, where the QR code is asked for")
WEB = N_("a web address")
WIFI = N_("a Wi-Fi access code")
CARD = N_("a contact card")
CONTROL = N_("a code with control characters")
FOREIGN_LETTERS = N_("a text with letters that no label has")
TYPED_NUMBER = N_("a typed label number; it has a field of its own")
SAMPLE = N_("the label of a sample, which is no dose")
KIT = N_("the label of a kit, which is no dose")
SETUP = N_("the set-up label of the scanners")
OTHER_TEXT = N_("some other text")

AIM_SYMBOLS = {
    "Q3": GS1,
    "d2": GS1,
    "C1": GS1,
    "e0": GS1,
    "C4": ISBT,
    "d1": DATA_MATRIX,
    "C0": CODE_128,
}
CAPS_LOCK = N_("Caps Lock is on")
SEVERAL = N_("German, Italian or Spanish")
# Codes that a scanner typed on another layout are told by, once they are turned back: whole beginnings, no prose.
_CODED = re.compile(
    r"=[^A-Za-z0-9]0[0-9]{4}|=[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{8}|=<[A-Z][0-9A-Z]{4}|&>0[0-9]{5}|01[0-9]{14}", re.ASCII
)
_SEPARATORS = r"(?:\x1d|\^|\\x1d|<GS>)"
_PATTERNS = (
    (re.compile(r"(?:01[0-9]{14}|\(01\)[0-9]{14}|8018[0-9]{18})", re.ASCII), GS1),
    (re.compile(rf".*{_SEPARATORS}(?:10|17|21|7003)", re.ASCII | re.DOTALL), GS1),
    (re.compile(r"https?://(?:id\.gs1\.org|[^/]+/01/[0-9]{14})", re.ASCII | re.IGNORECASE), GS1),
    (re.compile(r"(?:https?|ftp)://|www\.", re.ASCII | re.IGNORECASE), WEB),
    (re.compile(r"WIFI:", re.ASCII | re.IGNORECASE), WIFI),
    (re.compile(r"(?:BEGIN:VCARD|MECARD:)", re.ASCII | re.IGNORECASE), CARD),
    (re.compile(r".*[\x00-\x1f\x7f]", re.ASCII | re.DOTALL), CONTROL),
    (re.compile(r"=[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{8,}|[=&][^A-Za-z0-9\s][0-9A-Za-z]{4}", re.ASCII), ISBT),
    (re.compile(r"[A-Z0-9-]{3,24}-[0-9]{2}-[0-9]{2}-[0-9A-Z*]", re.ASCII), TYPED_NUMBER),
    (re.compile(r"[A-Z0-9-]{3,24}-S[0-9]{2}-[0-9A-Z*]\Z", re.ASCII), SAMPLE),
    (re.compile(r"K[0-9]{2}-[0-9]{4}-[0-9A-Z*]\Z", re.ASCII), KIT),
    (re.compile(re.escape(SETUP_TEXT) + r"\Z"), SETUP),
)


def foreign_code(body: str, *, symbol: str = "", too_long: bool = False) -> Refusal:
    """``symbol``: the AIM identifier's two characters, if the scanner sent one."""
    if too_long:
        return NOT_A_LABEL(looks_like=TOO_LONG)
    if not body:
        return NOT_A_LABEL(looks_like=EMPTY)
    if (symbol and symbol[0] != "Q") or symbol == "Q3":
        return NOT_A_LABEL(looks_like=AIM_SYMBOLS.get(symbol, OTHER_SYMBOL))
    if layout := likely_layout(body):
        return LAYOUT_MISMATCH(layout=layout)
    if not body.isascii():
        return NOT_A_LABEL(looks_like=FOREIGN_LETTERS)
    for pattern, looks_like in _PATTERNS:
        if pattern.match(body):
            return NOT_A_LABEL(looks_like=looks_like)
    return NOT_A_LABEL(looks_like=OTHER_TEXT)


def likely_layout(body: str) -> str | None:
    """The keyboard layout, or Caps Lock, that would turn a code into this; prose with an accent is not taken for one."""
    if _CODED.match(body):
        return None
    if _CODED.match(other_case(body)):
        return CAPS_LOCK
    found = [one.title for one in LAYOUTS for said in (body, other_case(body)) if _CODED.match(meant(said, one))]
    if len(found) > 1 and body.isascii():
        return SEVERAL
    return found[0] if found else None
