"""What may happen from which state, by whom and under which signature: the lines of ``moves.csv`` and no other.

Dispositions, tests and results out of specification have their tables in ``test_oos.py``, with their roles.
"""

from __future__ import annotations

from pathlib import Path

from release.domain.decisions import CERTIFICATES, LATE_FAILURES, ORDER, DecisionKind
from release.domain.defects import DEFECT
from release.domain.messages import MESSAGE
from release.domain.overlays import OVERLAY
from release.domain.recalls import RECALL
from release.domain.supply import NOTICE, SUPPLY
from tests.unit.moves import moves_of, written_in


def test_every_move_of_every_record_is_the_one_that_is_written_down():
    found = moves_of(ORDER, DEFECT, MESSAGE, OVERLAY, RECALL, SUPPLY, NOTICE)
    assert found == written_in(Path(__file__).with_name("moves.csv"))


def test_what_counts_as_a_certificate_and_what_as_a_late_failure():
    assert CERTIFICATES == (DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.STAGE2, DecisionKind.GIVEN)
    assert LATE_FAILURES == (DecisionKind.LATE_OOS, DecisionKind.GIVEN_FAILED)
