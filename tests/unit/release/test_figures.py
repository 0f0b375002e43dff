"""Large numbers in powers of ten: exact, and never in a word."""

from __future__ import annotations

import pytest

from release.domain.figures import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3000000–100000000 cells/kg", "3 × 10⁶ – 1 × 10⁸ cells/kg"),
        ("2.75e7 cells/kg", "2.75 × 10⁷ cells/kg"),
        ("<1.25 EU/kg/h", "<1.25 EU/kg/h"),
        ("≤ 25000 cells/kg", "≤ 25000 cells/kg"),
        ("123456 cells", "1.23456 × 10⁵ cells"),
        ("CD3123456+", "CD3123456+"),
        ("0.0000012", "0.0000012"),
    ],
)
def test_a_large_number_reads_in_powers_of_ten(text, shown):
    assert readable(text) == shown
