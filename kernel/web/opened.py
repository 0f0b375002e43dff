"""What a page showed, and when: kept in its form, so that a later refusal can say what changed since (SIG-WYSIWYS).

The form brings it back with ``seen``. It proves nothing and nothing is decided by it; who changes it misleads himself.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from kernel.canonical import canonical, digest

LARGEST = 4 * 1024 * 1024  # of what was shown, unpacked


@dataclass(frozen=True)
class Opened:
    """``head``: the newest line of the trail as the page was opened. ``content``: what stood on it, as plain data."""

    head: int
    content: dict[str, Any]


def kept(content: dict[str, Any], head: tuple[int, str] | None) -> str:
    """For the form; empty where there is nothing to compare with."""
    if head is None or not content:
        return ""
    packed = zlib.compress(canonical({"head": head[0], "content": content}).encode("ascii"))
    return base64.urlsafe_b64encode(packed).decode("ascii")


def read_back(text: str, seen: str) -> Opened | None:
    """What the form of a page brings back; None for whatever is not what ``kept`` made of the content that was seen."""
    try:
        unpacking = zlib.decompressobj()
        packed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        found = json.loads(unpacking.decompress(packed, LARGEST))
        opened = Opened(found["head"], found["content"])
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error):
        return None
    whole = unpacking.eof and isinstance(opened.head, int) and isinstance(opened.content, dict)
    return opened if whole and digest(opened.content) == seen else None
