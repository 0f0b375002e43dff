"""Large numbers in a verdict or limit as people read them: ``3000000`` as ``3 × 10⁶``, exactly, nothing rounded."""

from __future__ import annotations

import re

NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?:e(\d+))?(?![\w.])", re.ASCII)
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LONGEST_PLAIN = 5


def readable(text: str) -> str:
    """Every number of six digits or more, or with an exponent, in powers of ten; words and small numbers stay."""
    return NUMBER.sub(_in_powers, text.replace("\u2013", " \u2013 "))


def _in_powers(found: re.Match[str]) -> str:
    digits, exponent = found.group(1), found.group(2)
    if exponent is not None:
        return f"{digits} × 10{exponent.translate(SUPERSCRIPT)}"
    if "." in digits or len(digits) <= LONGEST_PLAIN:
        return found.group(0)
    rest = digits[1:].rstrip("0")
    power = str(len(digits) - 1).translate(SUPERSCRIPT)
    return f"{digits[0]}{'.' + rest if rest else ''} × 10{power}"
