"""Shape of a count of cells."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment, Number
from manufacturing.domain.cell_counts import LEAST, CountMethod
from manufacturing.schemas.samples import text

METHODS = [(one.value, one.value) for one in CountMethod]
READINGS = (
    (N_("Reading 1: cells of the diluted sample"), N_("Reading 1: viability")),
    (N_("Reading 2: cells of the diluted sample"), N_("Reading 2: viability")),
    (N_("Reading 3: cells of the diluted sample"), N_("Reading 3: viability")),
    (N_("Reading 4: cells of the diluted sample"), N_("Reading 4: viability")),
    (N_("Reading 5: cells of the diluted sample"), N_("Reading 5: viability")),
    (N_("Reading 6: cells of the diluted sample"), N_("Reading 6: viability")),
)


class _Count(Schema):
    method = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in METHODS]),
        metadata={"label": N_("How it was counted"), "choices": METHODS, "widget": "choice"},
    )
    dye = text(N_("Dye"), 40, shortest=2, help=N_("Trypan blue, 7-AAD, AO/DAPI or another."))
    dilution = Number(
        required=True,
        metadata={"label": N_("Dilution"), "help": N_("How many times, dye included; undiluted is 1.")},
    )
    instrument = text(N_("Chamber, cytometer or counter"), 60, shortest=2, widget="scan")
    counted_at = Moment(
        required=True, metadata={"label": N_("Counted at"), "help": N_("When it was counted, not when you type.")}
    )


def reading(label: str, unit: str, *, required: bool) -> Number:
    about = {"label": label, "unit": unit, "group": N_("Readings")}
    return Number(required=True, metadata=about) if required else Number(load_default=None, metadata=about)


BOXES = {
    name: reading(label, unit, required=place <= LEAST)
    for place, labels in enumerate(READINGS, start=1)
    for name, label, unit in (
        (f"wbc_{place}", labels[0], "10^6/mL"),
        (f"viability_{place}", labels[1], "%"),
    )
}
CountSchema = _Count.from_dict(dict(BOXES), name="CountSchema")
