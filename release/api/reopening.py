"""QA opens a verified result again for its correction, or cancels a test that nothing depends on."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.api.testing import TESTS, criterion_for, done
from release.queries.reopening import cancelling_refusals, reopening_refusals
from release.queries.testing import content_of_test
from release.schemas.testing import ReopenSchema
from release.services.reopening import cancel_test, reopen_result


def before_reopening(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
    test, _ = criterion_for(session, test_id)
    return {"refusals": reopening_refusals(session, test, viewer.actor.id)}


@act(
    "result.reopen",
    TESTS + "/<test_id>/reopen",
    permission="result:reopen",
    title=N_("Authorise a correction"),
    schema=ReopenSchema,
    content=content_of_test,
    prepare=before_reopening,
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=N_(
        "The verified value was written down wrongly, as the evidence shows; I let it be corrected. It stays readable, and every certification that rests on it no longer stands."
    ),
    template="release/result_act.html",
)
def reopen(work: Work, test_id: str, *, evidence: str) -> Done:
    said = N_("Opened again. A technician corrects it, another person verifies it; nothing counts until then.")
    return done(reopen_result(work, test_id, evidence=evidence), said)


def before_cancelling(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:  # noqa: ARG001
    test, criterion = criterion_for(session, test_id)
    return {"refusals": cancelling_refusals(test, criterion)}


@act(
    "test.cancel",
    TESTS + "/<test_id>/cancel",
    permission="result:reopen",
    title=N_("Cancel this test"),
    content=content_of_test,
    prepare=before_cancelling,
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=N_("This test is not required, has no value and will not be done, for the reason given."),
    template="release/result_act.html",
)
def cancel(work: Work, test_id: str) -> Done:
    return done(cancel_test(work, test_id), N_("Cancelled."))
