"""Whoever asks the services themselves is held to the same rules as on the pages (AC-REVIEW)."""

from __future__ import annotations

import pytest

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.reviewing.domain import Answer
from kernel.reviewing.queries import answering_content, held_now, lines_of, signing_content
from kernel.reviewing.services import answer_lines, begin_review, sign_review
from kernel.work import unit_of_work


def refusals(database, actor, content, service, review_id, *given):
    with database.reading() as session:
        seen = digest(content(session, review_id))
    with (
        pytest.raises(Refused) as refused,
        unit_of_work(database, actor, "access.test", seen=seen, signers=(actor,)) as work,
    ):
        service(work, review_id, *given)
    return [one.code for one in refused.value.refusals]


@pytest.mark.req("AC-REVIEW")
def test_the_own_line_a_signature_of_an_administrator_and_one_over_open_lines_are_refused_by_the_service(
    database, person
):
    quality, admin = person("QA"), person("Ad")
    with unit_of_work(database, quality, "access.begin", seen=digest({})) as work:
        review_id = begin_review(work).id
    with database.reading() as session:
        all_kept = {one.key: Answer.KEEP for one in held_now(session)}
    assert [
        refusals(database, quality, answering_content, answer_lines, review_id, all_kept),
        refusals(database, admin, signing_content, sign_review, review_id),
        refusals(database, quality, signing_content, sign_review, review_id),
    ] == [["SOD_REVIEWED"], ["ROLE_NOT_ALLOWED"], ["REVIEW_LINES_OPEN"]]
    with database.reading() as session:
        assert lines_of(session, review_id) == []
