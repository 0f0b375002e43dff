"""What may happen from which state, by whom and under which signature: the lines of ``moves.csv`` and no other."""

from __future__ import annotations

from pathlib import Path

from manufacturing.domain.batches import BATCH, STEP
from manufacturing.domain.capa import CAPA
from manufacturing.domain.collections import COLLECTION
from manufacturing.domain.deviations import DEVIATION
from manufacturing.domain.equipment import EQUIPMENT
from manufacturing.domain.imports.imports import IMPORT
from manufacturing.domain.lookbacks import LOOKBACK
from manufacturing.domain.materials import LOT
from manufacturing.domain.samples import SAMPLE
from manufacturing.domain.trial import SUBJECT, TRIAL
from tests.unit.moves import moves_of, written_in


def test_every_move_of_every_record_is_the_one_that_is_written_down():
    found = moves_of(BATCH, STEP, CAPA, COLLECTION, DEVIATION, EQUIPMENT, IMPORT, LOOKBACK, LOT, SAMPLE, SUBJECT, TRIAL)
    assert found == written_in(Path(__file__).with_name("moves.csv"))
