"""The text of the QR code, ``NKTL1``: 46 letters that survive every keyboard layout, built, read and checked.

``NKT`` + version ``L`` + key letter + 80-bit label id + 80-bit tag + check letter, in ModHex. A wrong check letter is
a misread; a right one with a wrong tag is a forgery. The symbol holds no fact about product or person: the tag binds
the facts printed beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.canonical import canonical, plain
from kernel.refusals import Refusal
from labels.domain.foreign_codes import foreign_code
from labels.domain.refusals import (
    LABEL_DOUBLED,
    LABEL_FORGED,
    LABEL_KEY_REVOKED,
    LABEL_KEY_UNKNOWN,
    LABEL_MISREAD,
    LABEL_RECORD_DRIFT,
    LABEL_TRUNCATED,
    WRONG_INSTANCE,
)

MODHEX = "CBDEFGHIJKLNRTUV"
MAGIC = "NKTL"
LENGTH = 46
KEY_PLACE = 4
ID_BYTES = TAG_BYTES = 10
KEY_BYTES = 32
LONGEST_SCAN = 256

_PAYLOAD = re.compile(rf"{MAGIC}[{MODHEX}]{{42}}", re.ASCII)
_AIM = re.compile(r"\](?P<symbol>[A-Za-z][0-9A-Za-z])", re.ASCII)
_ENDS = " \t\r\n"
_PART = re.compile(rf"[{MODHEX}]{{8,45}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LabelKeys:
    """The keys of one instance: those that verify, and the letter of the one that signs. Never shown.

    ``revoked``: letters of keys whose labels identify nothing any more.
    """

    keys: Mapping[str, bytes] = field(repr=False)
    current: str
    instance: str
    revoked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError("the signing key is not among the keys")
        if any(len(letter) != 1 or letter not in MODHEX for letter in self.keys):
            raise ValueError("a key is named by one ModHex letter")
        if any(len(key) < KEY_BYTES for key in self.keys.values()):
            raise ValueError("a label key has at least 32 bytes")


@dataclass(frozen=True, slots=True)
class ScannedLabel:
    """A well-formed payload; whether it is genuine is a question to the record (``label_refusals``)."""

    text: str

    @property
    def key_letter(self) -> str:
        return self.text[KEY_PLACE]

    @property
    def label_id(self) -> str:
        """Twenty ModHex letters: the label's name in the record."""
        return self.text[5:25]

    @property
    def tag(self) -> str:
        return self.text[25:45]


def modhex(data: bytes) -> str:
    return "".join(MODHEX[byte >> 4] + MODHEX[byte & 15] for byte in data)


def luhn_letter(letters: str) -> str:
    """Luhn check modulo 16. It misses only a swap of adjacent ``C`` and ``V``; the tag catches that."""
    total = 0
    for position, letter in enumerate(reversed(letters)):
        quotient, remainder = divmod(MODHEX.index(letter) * (2 if position % 2 == 0 else 1), 16)
        total += quotient + remainder
    return MODHEX[-total % 16]


def build_payload(keys: LabelKeys, label_id: bytes, facts: Mapping[str, Any]) -> str:
    """``label_id``: 10 random bytes, new for every print. ``facts``: every printed field."""
    if len(label_id) != ID_BYTES:
        raise ValueError("a label id has 80 bits")
    head = MAGIC + keys.current + modhex(label_id)
    body = head + _tag(keys.keys[keys.current], head, facts)
    return body + luhn_letter(body[4:])


def read_scan(text: str) -> ScannedLabel | Refusal:
    """What a scanner or camera delivered, judged before any record is looked up.

    Ends are stripped and one AIM identifier is taken off; inside nothing is removed. Caps Lock (all letters small) is
    forgiven, mixed case is not.
    """
    if len(text) > LONGEST_SCAN:
        return foreign_code(text[:LONGEST_SCAN], too_long=True)
    body = text.strip(_ENDS)
    symbol = ""
    if aim := _AIM.match(body):
        symbol = aim["symbol"]
        body = body[aim.end() :].strip(_ENDS)
    if symbol not in {"", "Q1"}:
        return foreign_code(body, symbol=symbol)
    if body.isascii() and body == body.lower():
        body = body.upper() if _resembles_label(body.upper()) else body
    if _PAYLOAD.fullmatch(body):
        return ScannedLabel(body) if luhn_letter(body[4:45]) == body[45] else LABEL_MISREAD()
    likeness = body.upper() if body.isascii() else body
    if _resembles_label(likeness):
        return _broken(likeness)
    return foreign_code(body)


def label_refusals(
    scanned: ScannedLabel, keys: LabelKeys, *, printed: Mapping[str, Any], record: Mapping[str, Any]
) -> tuple[Refusal, ...]:
    """Is the scanned label the one printed, and does it still say what the record says?

    ``printed``: the facts stored when the label was made, with ``instance``; ``record``: the same facts from the
    record as it is now. Cheapest test first; a later one means nothing once an earlier one failed.
    """
    instance = str(printed.get("instance", keys.instance))
    if instance != keys.instance:
        return (WRONG_INSTANCE(instance=instance),)
    key = keys.keys.get(scanned.key_letter)
    if key is None:
        return (LABEL_KEY_UNKNOWN(key=scanned.key_letter),)
    if refusals := revoked_refusals(scanned.text, keys):
        return refusals
    if not hmac.compare_digest(_tag(key, scanned.text[:25], printed), scanned.tag):
        return (LABEL_FORGED(),)
    if canonical(printed) != canonical(record):
        return (LABEL_RECORD_DRIFT(changed=", ".join(changed_facts(printed, record))),)
    return ()


def revoked_refusals(payload: str, keys: LabelKeys) -> tuple[Refusal, ...]:
    """That the key of this print was revoked: whoever has it can make a print like it."""
    letter = payload[KEY_PLACE]
    return (LABEL_KEY_REVOKED(key=letter),) if letter in keys.revoked else ()


def changed_facts(printed: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the facts that differ between label and record."""
    before, after = plain(dict(printed)), plain(dict(record))
    missing = object()
    return tuple(name for name in sorted({*before, *after}) if before.get(name, missing) != after.get(name, missing))


def _tag(key: bytes, head: str, facts: Mapping[str, Any]) -> str:
    fingerprint = hashlib.sha256(canonical(dict(facts)).encode("ascii")).digest()
    message = MAGIC.encode("ascii") + b"\0" + head.encode("ascii") + b"\0" + fingerprint
    return modhex(hmac.new(key, message, hashlib.sha256).digest()[:TAG_BYTES])


def _resembles_label(body: str) -> bool:
    """Begins like one of ours (cut short or not), or is a stretch of our letters."""
    if len(body) >= 2 and (body.startswith(MAGIC) or MAGIC.startswith(body)):
        return True
    if _PART.fullmatch(body):
        return True
    ours = sum(letter in MODHEX for letter in body)
    return len(body) == LENGTH and ours >= LENGTH - 2


def _broken(body: str) -> Refusal:
    """``body`` resembles a label and is not one: torn, read twice, or misread."""
    first, *rest = re.split(r"[\t\r\n ]+", body)
    if MAGIC in {part[:4] for part in rest}:
        return LABEL_DOUBLED()
    if rest:
        return LABEL_TRUNCATED()
    if first[LENGTH:].startswith(MAGIC) or len(first) >= 2 * LENGTH:
        return LABEL_DOUBLED()
    return LABEL_TRUNCATED() if len(first) < LENGTH else LABEL_MISREAD()
