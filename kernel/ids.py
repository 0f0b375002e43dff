"""Record ids: 16 letters and digits, sortable by creation, unguessable. Numbers people read are codes, not ids."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID = re.compile(rf"(?:[a-z_]+:)?[{ALPHABET}]{{16}}")
"""A record id as the whole of a value, with the kind of record before it or without."""


def new_id(at: datetime) -> str:
    """Nine characters of time (milliseconds) and seven of chance (35 bits)."""
    number = (int(at.timestamp() * 1000) << 35) | secrets.randbits(35)
    letters = []
    for _ in range(16):
        number, remainder = divmod(number, 32)
        letters.append(ALPHABET[remainder])
    return "".join(reversed(letters))
