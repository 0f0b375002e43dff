"""Later tests of a donor, on the page of the leukapheresis and in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import CalendarDay
from kernel.web.registry import Done, act, panel
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.later_tests import LaterTest
from manufacturing.queries.later_tests import later_content, later_tests_view
from manufacturing.schemas.collections import RESULTS, words
from manufacturing.services.later_tests import enter_later_test

TESTS = [(one.value, one.value) for one in LaterTest]


def result(label: str) -> fields.String:
    about = {"label": label, "widget": "choice", "choices": RESULTS}
    return fields.String(required=True, validate=validate.OneOf([value for value, _ in RESULTS]), metadata=about)


class LaterTestSchema(Schema):
    test = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in TESTS]),
        metadata={"label": N_("Test"), "widget": "choice", "choices": TESTS},
    )
    sampled_on = CalendarDay(required=True, metadata={"label": N_("Day of the sample")})
    hiv = result("HIV")
    hbv = result("HBV")
    hcv = result("HCV")
    laboratory = words(N_("Laboratory"))
    kit = words(N_("Kit (CE/IVD)"))
    report_reference = words(N_("Number of the report"))


@act(
    "donor.later_test",
    "/collections/<collection_id>/later-tests/new",
    permission="donor:record",
    title=N_("Enter NAT or a repeat test"),
    schema=LaterTestSchema,
    content=later_content,
    signs=1,
    meaning=N_("I entered these results from the laboratory's report."),
)
def later_test(work: Work, collection_id: str, **fields: Any) -> Done:
    row = enter_later_test(work, collection_id, **fields)
    return Done(f"/collections/{collection_id}", N_("Entered; a reactive result holds what was made."), {"id": row.id})


def later_panel(session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("donor:read"):
        return None
    tests = later_tests_view(session, collection_id)
    return {"template": "manufacturing/later_tests_panel.html", "tests": tests, "collection_id": collection_id}


panel("collection", later_panel)
