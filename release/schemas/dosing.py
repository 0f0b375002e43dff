"""The one thing that is typed on the dose page: the target."""

from __future__ import annotations

from marshmallow import Schema

from kernel.refusals import N_
from kernel.web.fields import Number


class DoseSchema(Schema):
    target_nk_per_kg = Number(
        load_default=None,
        metadata={
            "label": N_("Target dose"),
            "unit": N_("NK cells/kg"),
            "help": N_("Of the protocol, such as 1e7. Empty: the upper limit of the specification."),
        },
    )
