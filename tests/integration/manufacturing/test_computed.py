"""A step whose process version names formulae: typed inputs, computed values, corrected with what they rest on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import Refused
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.bench import bench_view
from manufacturing.queries.steps import values_of_batch
from manufacturing.services.measurements import choose_measurement, measure_again
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import Story

D = Decimal
BEADS = ("events", "bead_events", "beads_per_tube", "sample_ul", "dilution")


def number(key, **about):
    return {"key": key, "label": {"en": key, "nl": key}, "kind": "number", **about}


FIELDS = [
    number("gross", analyte="mass"),
    number("tare", analyte="mass"),
    number("density", unit="g/mL"),
    number(
        "net",
        analyte="volume",
        computed={"formula": "volume_by_weight", "from": {"gross": "gross", "tare": "tare", "density": "density"}},
        action={"high": "250"},
    ),
    *(number(name) for name in BEADS),
    number(
        "cd3_per_ml",
        analyte="cd3_concentration",
        computed={"formula": "bead_count", "from": {name: name for name in BEADS}},
    ),
]
TYPED = {"gross": D("72.3"), "tare": D("30.6"), "density": D("1.03")}
TYPED |= {"events": D(0), "bead_events": D(20000), "beads_per_tube": D(49850), "sample_ul": D(50), "dilution": D(1)}


class Weighed(Story):
    """The bag is weighed and the T cells are counted against beads when the leukapheresis is inspected."""

    def body_of(self, kind, body):
        found = super().body_of(kind, body)
        if kind == "process":
            found["steps"][0]["fields"].extend(FIELDS)
        return found


@pytest.fixture
def weighed(database, person):
    return Weighed(database, person)


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
def test_a_step_computes_its_fields_keeps_their_evidence_and_computes_them_anew_when_corrected(weighed):
    batch = weighed.started()
    assert refused(weighed, weighed.perform, batch, 1, "inspect", **TYPED, net=D(40)) == ["DERIVED_TYPED"]
    assert refused(weighed, weighed.perform, batch, 1, "inspect", **TYPED | {"tare": D(80)}) == ["NOT_COMPUTABLE"]
    weighed.perform(batch, 1, "inspect", **TYPED)
    net, cd3 = stored(weighed, batch, "net"), stored(weighed, batch, "cd3_per_ml")
    assert (net.number, net.verdict) == (D("40.4854368932"), "pass")
    assert net.shown == "volume_by_weight v1 (gross = 72.3, tare = 30.6, density = 1.03)"
    assert cd3.number == D("149.34063")
    assert cd3.shown.startswith("≤ bead_count v1 (events = 0")
    weighed.correct(batch, 1, "inspect", **TYPED | {"gross": D("82.6")}, reason="the balance was read again")
    assert stored(weighed, batch, "net").number == D("50.4854368932")
    fields = weighed.read(bench_view, batch.id, "1", weighed.now)["fields"]
    shown = {one["key"]: one for one in fields}["cd3_per_ml"]["computed"]
    assert (shown["formula_number"], shown["formula_version"], shown["at_most"]) == ("3.9", "1", True)


def stored(story, batch, field):
    rows = story.read(values_of_batch, batch.id)
    return next(row for found in rows.values() for row in found if row.field == field)


@pytest.mark.req("ATMP-CALC")
def test_what_is_computed_follows_the_measurement_that_is_used(weighed):
    batch = weighed.started()
    weighed.perform(batch, 1, "inspect", **TYPED)
    content = (step_content, batch.id, "1")
    new = {"measured_at": weighed.now, "use_new": True, "gross": D("82.6")}
    with weighed.act("step.measure_again", weighed.t1, content=content, reason="the bag was weighed again") as work:
        measure_again(work, batch.id, "1", **new)
    assert stored(weighed, batch, "net").number == D("50.4854368932")
    with weighed.act("step.choose", weighed.t1, content=content, reason="the first reading was right") as work:
        choose_measurement(work, batch.id, "1", field="gross", number=1)
    assert stored(weighed, batch, "net").number == D("40.4854368932")
    with (
        pytest.raises(Refused) as found,
        weighed.act("step.measure_again", weighed.t1, content=content, reason="typed by hand") as work,
    ):
        measure_again(work, batch.id, "1", **new | {"net": D(40)})
    assert [one.code for one in found.value.refusals] == ["DERIVED_TYPED"]
