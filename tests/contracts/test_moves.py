"""Every state, action and role of the tables of the design, against one table written by hand (requirements 14).

``tests/data/moves.csv`` is the list of what may happen; whatever is not in it is refused, whoever asks.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import config.wiring  # noqa: F401  (every role has its permissions)
from kernel.accounts.domain import PERSON
from kernel.lifecycle import Transition
from kernel.permissions import PERMISSIONS, ROLES
from labels.domain.labels import LABEL
from manufacturing.domain.batches import BATCH
from manufacturing.domain.capa import CAPA
from manufacturing.domain.collections import COLLECTION
from manufacturing.domain.deviations import DEVIATION
from manufacturing.domain.lookbacks import LOOKBACK
from manufacturing.domain.materials import LOT
from manufacturing.domain.trial import TRIAL
from release.domain.decisions import DISPOSITION, ORDER, QC_TEST
from release.domain.oos import OOS

FILE = Path(__file__).parents[1] / "data" / "moves.csv"
with FILE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
ALLOWED = {(row["record"], row["action"], row["from"]): row for row in ROWS}
MAKING = (COLLECTION, BATCH, DEVIATION, CAPA, LOOKBACK, LOT)
RELEASING = (QC_TEST, OOS, DISPOSITION, LABEL, ORDER)
LIFECYCLES = {one.record: one for one in (*MAKING, *RELEASING, TRIAL, PERSON)}
CELLS = [
    (record, action, state.value)
    for record, one in LIFECYCLES.items()
    for action in sorted({*one.actions(), *(row["action"] for row in ROWS if row["record"] == record)})
    for state in one.states
]


def test_the_table_names_each_move_once():
    assert len(ALLOWED) == len(ROWS)
    assert {row["record"] for row in ROWS} == set(LIFECYCLES)


@pytest.mark.req("P11-10f", "P11-10g")
@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_a_move_is_what_the_table_says_or_is_refused_for_everybody(cell):
    record, action, state = cell
    found = LIFECYCLES[record].transition(action, state)
    row = ALLOWED.get(cell)
    if row is None:
        assert not isinstance(found, Transition)
        assert (found.code, found.fact("state")) == ("STATE_NOT_ALLOWED", state)
        return
    assert isinstance(found, Transition)
    assert (found.target.value, " + ".join(found.meaning)) == (row["to"], row["signatures"])
    allowed = {role for role in ROLES if role in PERMISSIONS[found.permission]}
    assert allowed == set(row["roles"].split())
    assert "In" not in allowed
    assert record == "person" or "Ad" not in allowed
