"""A value outside its action limit leads whoever sees it to the report of the deviation, until there is one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from manufacturing.queries.steps import batch_steps

SEEN = "nobody has reported a deviation"


@pytest.fixture
def depleted(story):
    """The depletion is signed with too many T cells, by their share and by the computed depletion."""
    batch = story.started()
    story.steps(batch, last=3)
    story.perform(batch, 4, "deplete_cd3", wbc=Decimal(340), cd3_percent=Decimal("0.2"))
    return batch


def report_of(story, batch, position):
    return f"/deviations/new/step/{story.read(batch_steps, batch.id)[position - 1].id}"


@pytest.mark.req("ATMP-IPC")
def test_the_page_of_the_step_and_its_verification_lead_to_the_report_with_step_and_value(story, depleted, browser):
    reporting = report_of(story, depleted, 4)
    for who, path in (("T", "steps/4"), ("QA", "steps/4"), ("QA", "steps/4/verify")):
        page = browser(who).get(f"/batches/{depleted.id}/{path}?lang=en").text
        warning = page[page.index(SEEN) :]
        assert "T cells (CD3+) of viable CD45+: 0.2 %" in warning, path
        assert f'href="{reporting}"' in warning[: warning.index("</section>")], path
    share, depletion = browser("T").form(f"{reporting}?lang=en")["description"].strip().split("\n")
    assert share == "T cells (CD3+) of viable CD45+: 0.2 %, outside the action limit (≤ 0.1 %)."
    assert depletion == "T-cell depletion of the step (log10): 2.353, outside the action limit (≥ 3)."


@pytest.mark.req("ATMP-IPC")
def test_while_the_step_is_done_a_saved_value_leads_there_too(story, browser):
    batch = story.started()
    technician = browser("T")
    technician.submit(f"/batches/{batch.id}/steps/1/save", {"viability": "71"})
    page = technician.get(f"/batches/{batch.id}/steps/1/perform?lang=en").text
    warning = page[page.index(SEEN) :]
    reporting = report_of(story, batch, 1)
    assert f'href="{reporting}"' in warning[: warning.index("</section>")]
    assert "71 %, outside the action limit (≥ " in technician.form(f"{reporting}?lang=en")["description"]


@pytest.mark.req("ATMP-IPC")
def test_work_names_it_for_whoever_may_report_until_somebody_did(story, depleted, browser):
    reporting = report_of(story, depleted, 4)
    line = "is outside an action limit and has no deviation"
    for role, shown in (("T", True), ("QA", True), ("QP", True), ("Sp", False)):
        page = browser(role).get("/?lang=en").text
        assert (line in page, reporting in page) == (shown, shown), role
    story.deviate(depleted, step="4")
    assert line not in browser("QA").get("/?lang=en").text
    assert SEEN not in browser("QA").get(f"/batches/{depleted.id}/steps/4?lang=en").text


def test_a_step_within_its_limits_says_nothing_of_it(story, browser):
    batch = story.started()
    story.steps(batch, last=3)
    story.perform(batch, 4, "deplete_cd3")
    technician = browser("T")
    assert SEEN not in technician.get(f"/batches/{batch.id}/steps/4?lang=en").text
    assert technician.form(report_of(story, batch, 4)).get("description", "") == ""
