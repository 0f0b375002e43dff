"""What is typed about a defect."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment, YesNo
from manufacturing.schemas.deviations import classification, story
from manufacturing.schemas.lookbacks import one_out_of
from release.domain.defects import DefectKind, FollowUp

KINDS = [(one.value, one.value) for one in DefectKind]
FOLLOW_UPS = [(one.value, one.value) for one in FollowUp]


class ReportDefectSchema(Schema):
    kind = one_out_of(N_("What is wrong"), KINDS)
    description = story(N_("What you see"), 10, help=N_("Codes only; no name and no number of a person."))
    seen_at = Moment(required=True, metadata={"label": N_("When it was seen")})
    stop = YesNo(required=True, metadata={"label": N_("Must nobody give it until the QP has decided?")})


class AssessDefectSchema(Schema):
    classification = classification()
    assessment = story(
        N_("Assessment"), 15, help=N_("What it means for this container, its batch and the others named.")
    )
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


class CloseDefectSchema(Schema):
    conclusion = story(N_("Conclusion"), 15, help=N_("What was done, and what the reporter was told."))
