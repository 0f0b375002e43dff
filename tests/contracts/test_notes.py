"""Duties that no code can do stand in the manual, where whoever sets NKTrace up finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

MANUAL = Path(__file__).resolve().parents[2] / "docs/manual"


@pytest.mark.req("P11-100c")
def test_the_manual_says_who_sends_a_letter_about_electronic_signatures():
    text = (MANUAL / "evidence.md").read_text(encoding="utf-8")
    assert "21 CFR 11.100(c)" in text
    assert "no setting depends on it" in text
