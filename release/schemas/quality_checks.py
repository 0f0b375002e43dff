"""What is answered when a quality check is concluded."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from manufacturing.schemas.deviations import story
from manufacturing.schemas.lookbacks import one_out_of
from release.domain.quality_checks import ITEM_NAMES, Answer, CheckOutcome, Item
from release.schemas.defects import FOLLOW_UPS

ANSWERS = [(one.value, one.value) for one in Answer]
OUTCOMES = [(one.value, one.value) for one in CheckOutcome]


class ConcludeCheckSchema(Schema):
    """A field for each item, in the order of the checklist."""

    sterility = one_out_of(ITEM_NAMES[Item.STERILITY], ANSWERS)
    endotoxin = one_out_of(ITEM_NAMES[Item.ENDOTOXIN], ANSWERS)
    other_results = one_out_of(ITEM_NAMES[Item.RESULTS], ANSWERS)
    donor_markers = one_out_of(ITEM_NAMES[Item.MARKERS], ANSWERS)
    units_of_batch = one_out_of(ITEM_NAMES[Item.BATCH_UNITS], ANSWERS)
    units_of_donor = one_out_of(ITEM_NAMES[Item.DONOR_UNITS], ANSWERS)
    outcome = one_out_of(N_("Conclusion of the check"), OUTCOMES)
    conclusion = story(N_("In words"), 15, help=N_("What was looked at, and why it leads to this."))
    follow_up = one_out_of(N_("What follows"), FOLLOW_UPS)
    follow_number = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=40),
        metadata={
            "label": N_("Number of what follows"),
            "help": N_("Of the deviation, the failed result or the recall."),
        },
    )
