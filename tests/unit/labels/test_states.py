"""What may happen from which state, by whom and under which signature: the lines of ``moves.csv`` and no other."""

from __future__ import annotations

from pathlib import Path

from labels.domain.label_keys import LABEL_KEY
from labels.domain.labels import LABEL
from labels.domain.printers import PRINT_JOB
from tests.unit.moves import moves_of, written_in


def test_every_move_of_every_record_is_the_one_that_is_written_down():
    found = moves_of(LABEL, LABEL_KEY, PRINT_JOB)
    assert found == written_in(Path(__file__).with_name("moves.csv"))
