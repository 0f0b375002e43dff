"""Shapes of what is typed about samples of the environment; their kinds are those the step's list names."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, Number
from kernel.web.site import Viewer
from manufacturing.queries.environment import step_samples
from manufacturing.schemas.samples import text


def take_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    _step, known = step_samples(session, batch_id, position)
    choices = [(one.key, f"{viewer.speech.word(one.title)} ({one.grade})") for one in known]
    return Schema.from_dict(
        {
            "key": fields.String(
                required=True,
                validate=validate.OneOf([value for value, _ in choices]),
                metadata={"label": N_("What was taken"), "choices": choices, "widget": "choice"},
            ),
            "place": text(N_("Where exactly"), 80, shortest=2, help=N_("For example: left of the bag, glove right.")),
            "exposed_from": Moment(required=True, metadata={"label": N_("Exposed from")}),
            "exposed_until": Moment(required=True, metadata={"label": N_("Exposed until")}),
        }
    )()


class SampleResultSchema(Schema):
    count = Number(required=True, metadata={"label": N_("Count")})
    read_at = Moment(
        required=True, metadata={"label": N_("Read at"), "help": N_("When it was read, not when you type.")}
    )
    reference = text(N_("Report or plate number"), 80, shortest=3)
