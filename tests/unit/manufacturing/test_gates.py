"""Viability is applied once: which gates may be computed with together."""

from __future__ import annotations

import pytest

from manufacturing.domain.gates import stage_refusals

VIABLE, ALL = "viable CD45+", "CD45+"


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("shares", "of_all", "codes"),
    [
        ({"NK": VIABLE, "T": VIABLE}, {"viability": ALL, "count": ""}, []),
        ({"NK": ALL, "T": ALL}, {"viability": ALL, "count": ""}, []),
        ({"NK": ALL, "T": VIABLE}, {"viability": ALL}, ["GATE_MIXED"]),
        ({"NK": "", "T": VIABLE}, {"viability": ALL}, ["GATE_UNKNOWN"]),
        ({"NK": "lymphocytes"}, {}, ["GATE_UNKNOWN"]),
        ({"NK": VIABLE}, {"viability": VIABLE}, ["VIABILITY_TWICE"]),
        ({"NK": VIABLE}, {"count": VIABLE}, ["VIABILITY_TWICE"]),
        ({"NK": "", "T": ALL, "B": VIABLE}, {"count": VIABLE}, ["GATE_UNKNOWN", "VIABILITY_TWICE", "GATE_MIXED"]),
    ],
)
def test_a_stage_whose_gates_do_not_fit_is_refused(shares, of_all, codes):
    assert [one.code for one in stage_refusals("final", shares, of_all)] == codes
