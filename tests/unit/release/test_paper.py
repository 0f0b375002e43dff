"""How text reaches paper: a raised number stays a number, a raised sign stays a sign."""

from __future__ import annotations

import pytest

from release.drawing.paper import printable


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("8\u00a0of\u00a012", "8\u00a0of\u00a012"),
        ("3 × 10⁶ cells/kg", "3 × 10^6 cells/kg"),
        ("10⁻³", "10^-3"),
        ("CD56⁺CD3⁻", "CD56+CD3-"),
        ("m²", "m2"),
        ("log₁₀ → 2.7", "log[U+2081][U+2080] -> 2.7"),
    ],
)
def test_every_character_is_seen(text, printed):
    assert printable(text) == printed
