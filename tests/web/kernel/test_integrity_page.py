"""What is wrong with the records or their backups stands above the work of QA and administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.integrity import check_all
from tests.integration.kernel.test_verify import tamper  # noqa: F401  (raw SQL by somebody with all rights)

FAULTY = "The last check of the records found faults."
MISSED = "The check of the records did not run when it was due."
PAGE = "/administration/integrity"


@pytest.mark.req("A11-7.1", "BK-RPO")
def test_a_tampered_row_and_a_check_that_did_not_run_are_a_task_and_a_banner(
    browser,
    api,
    people,
    database,
    tamper,  # noqa: F811
):
    assert "Integrity of the records" not in browser("QA").get("/?lang=en").text
    tamper("UPDATE person SET full_name = 'Somebody else' WHERE id = :id", id=people["T"].id)
    check_all(database, "server")
    for role in ("QA", "Ad"):
        page = browser(role).get("/?lang=en").text
        assert page.count(FAULTY) == 2, "the banner and the task"
    assert FAULTY in browser("In").get("/?lang=en").text
    assert FAULTY not in browser("T").get("/?lang=en").text
    shown = api("In").get(PAGE).json
    assert (shown["worries"], shown["backup_at"], shown["rules"]["rpo_hours"]) == (["check_faulty"], None, 24)
    page = browser("QA").get(f"{PAGE}?lang=en").text
    assert f"person {people['T'].id}" in page
    assert page.count(FAULTY) == 1
    database.clock.advance(timedelta(hours=37))
    assert browser("QA").get("/?lang=en").text.count(MISSED) == 2
