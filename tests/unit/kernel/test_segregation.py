"""A different person: whoever is among those involved is refused, by id and by nothing else (S1 to S12)."""

from __future__ import annotations

import pytest

from kernel.segregation import SOD_MASTER, SOD_SECOND, another_person


@pytest.mark.parametrize(
    ("involved", "refused"),
    [([], False), ([None], False), (["p2", None], False), (["p1"], True), (["p2", "p1"], True), (["P1"], False)],
)
def test_only_somebody_who_was_not_involved_is_another_person(involved, refused):
    assert [one.code for one in another_person("p1", iter(involved), SOD_MASTER)] == ["SOD_MASTER"] * refused


def test_the_refusal_is_the_one_of_the_act():
    assert [one.code for one in another_person("p1", ["p1"], SOD_SECOND)] == ["SOD_SECOND"]
