"""Viability is applied once: which gates may be computed with together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from manufacturing.domain.containers import FinalCounts, viable_nk
from manufacturing.domain.gates import stage_refusals
from manufacturing.domain.yields import Parent

D = Decimal

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


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(("parent", "cells"), [(Parent.VIABLE_CD45, "1050086592"), (Parent.ALL_CD45, "1093840200")])
def test_what_is_in_a_container_follows_the_gate_of_its_count(parent, cells):
    """40.5 mL at 28.4e6 per mL, 96 % viable, 95.1 % NK: viability once for viable cells, and not for all of them."""
    counts = FinalCounts(D("40.5"), D("28.4"), D(96), D("95.1"), parent, datetime(2026, 11, 23, tzinfo=UTC))
    assert viable_nk(counts, D("40.5")) == D(cells)
