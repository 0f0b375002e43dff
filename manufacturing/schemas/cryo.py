"""Shapes of what is typed when a container is frozen or thawed."""

from __future__ import annotations

from marshmallow import Schema

from kernel.refusals import N_
from kernel.web.fields import Moment
from manufacturing.schemas.samples import text


class CryoSchema(Schema):
    code = text(N_("Code of the container in your hand"), 40, shortest=4, widget="scan")
    at = Moment(required=True, metadata={"label": N_("Time")})
