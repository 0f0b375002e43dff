"""The manual lists every formula with the version the code computes with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from manufacturing.domain import bead_counts, yields
from manufacturing.domain.formulae import FORMULAE
from release.domain import dose, endotoxin

MANUAL = Path(__file__).parents[3] / "docs/manual/calculations.md"
ROW = re.compile(r"^\| (\d[\d.]+) \| [^|]+ \| [^|]+ \| (\d+) \|", re.MULTILINE)
OF_THE_YIELDS = ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.11", "3.13", "3.14")


@pytest.mark.req("ATMP-CALC")
def test_the_manual_names_each_formula_with_its_version():
    listed = dict(ROW.findall(MANUAL.read_text(encoding="utf-8")))
    versions = {one.number: one.version for one in FORMULAE.values()}
    versions |= {"3.7": dose.FORMULA_VERSION, "3.9": bead_counts.FORMULA_VERSION, "3.10": endotoxin.FORMULA_VERSION}
    versions |= dict.fromkeys(OF_THE_YIELDS, yields.FORMULA_VERSION)
    assert listed == versions
    text = MANUAL.read_text(encoding="utf-8")
    assert all(f"`{key}`" in text for key in FORMULAE)
