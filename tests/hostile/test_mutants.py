"""The planter plants what it says, and the run of it tells a tested rule from an untested one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.mutants import mutants_of

ROOT = Path(__file__).resolve().parents[2]

RULE = '''
"""Not 1 < 2 in a docstring."""
LIMIT = kind("CODE", 409, N_("Not %(this)s."))
HOURS = Decimal("7.5")
MOVES = (States.OPEN, States.SHUT)

def refusals(weight: int | None, ended: bool = True) -> tuple[str, ...]:
    if weight is None or not ended:
        raise ValueError("no weight")
    return (LIMIT(weight=weight), *(one for one in MOVES if weight + 3 < max(MOVES)))
'''


def found() -> list[str]:
    return [mutant.key for mutant in mutants_of(ast.parse(RULE), {"States": ("OPEN", "SHUT", "LOST")})]


@pytest.mark.parametrize(
    "key",
    [
        "module: '7.5' → '7.6' in Decimal('7.5')",
        "module: '7.5' → '7.4' in Decimal('7.5')",
        "module: States.SHUT → States.LOST",
        "module: without States.OPEN in (States.OPEN, States.SHUT)",
        "module: True → False in weight: int | None, ended: bool=True",
        "refusals: weight is None or not ended → weight is None and (not ended)",
        "refusals: weight is None or not ended → not ended",
        "refusals: weight is None or not ended → False",
        "refusals: weight is None → weight is not None",
        "refusals: not ended → ended",
        "refusals: raise ValueError('no weight') → pass",
        "refusals: weight + 3 < max(MOVES) → weight + 3 <= max(MOVES)",
        "refusals: weight + 3 < max(MOVES) → True",
        "refusals: weight + 3 → weight - 3",
        "refusals: 3 → 4 in weight + 3",
        "refusals: max(MOVES) → min(MOVES)",
    ],
)
def test_what_a_tired_programmer_would_write_is_planted(key):
    # An argument with its default is told by the arguments it stands in.
    assert key in found()


def test_words_annotations_and_declared_refusals_are_left_alone():
    assert not [key for key in found() if "409" in key or "docstring" in key or "this" in key]
    assert len(set(found())) == len(found()), "two mutants of one name could not be told apart"


@pytest.mark.parametrize("key", found())
def test_each_mutant_is_another_module_than_the_rule(key):
    tree = ast.parse(RULE)
    next(one for one in mutants_of(tree, {"States": ("OPEN", "SHUT", "LOST")}) if one.key == key).plant()
    assert ast.unparse(tree) != ast.unparse(ast.parse(RULE))
    compile(tree, "rule", "exec")


@pytest.mark.hostile
@pytest.mark.parametrize(("tests", "alive"), [("test_gates.py", False), ("test_steps.py", True)])
def test_a_rule_without_its_tests_is_seen(tests, alive):
    """The gates of a step, asked by their own tests and by those of another rule."""
    asked = (
        "from tests.hostile.mutation import of_package;"
        f"found = of_package(['manufacturing/domain/gates.py'], 'tests/unit/manufacturing/{tests}');"
        "print({one['verdict'] == 'killed' for one in found if not one['again']})"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == str({not alive}), done.stdout + done.stderr
