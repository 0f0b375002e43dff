"""The accountability log tells of each container who did what when, and balances for batch, subject and trial (DSP-ACC)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import NotFound
from kernel.web.i18n import Speech
from release.domain.accountability import Stage
from release.queries.accountability import account_documents, accountability
from release.queries.accountability_paper import accountability_paper
from release.queries.reconciling import destroying_content
from release.services.reconciling import destroy_container
from tests.integration.release.giving_factory import (
    dispensed,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    take_back,
)

D = Decimal


def log_of(giving, scope, record_id):
    with giving.database.reading() as session:
        log = accountability(session, scope, record_id, giving.now)
        return log, account_documents(session, log)


@pytest.fixture
def spread(giving):
    """One infused in part, one taken back to the shelf, both of one subject; one more of another."""
    patient = new_patient(giving)
    half, kept = new_product(giving, patient), new_product(giving, patient)
    infused(giving, half, outcome="partial", volume="60", reason="reaction: stopped after 60 mL")
    take_back(giving, dispensed(giving, kept))
    other = new_product(giving, new_patient(giving, "NK-04"))
    return patient, half, kept, other


@pytest.mark.req("DSP-ACC")
def test_every_container_is_told_line_by_line_and_the_log_says_what_is_open(giving, spread):
    patient, half, kept, other = spread
    log, accounts = log_of(giving, "subject", patient.id)
    one, two = accounts
    assert [line["what"] for line in one["lines"] if line["what"] != "filled"] == [
        "dispensed",
        "handed over",
        "given",
        "came back",
    ]
    given = next(line for line in one["lines"] if line["what"] == "given")
    assert (given["volume_ml"], given["by"]) == (D(60), [giving.nurse.name])
    assert [each["meaning"] for each in given["signatures"]] == ["administered"]
    assert [line["what"] for line in two["lines"]] == ["filled", "dispensed", "dispensing cancelled"]
    undone = two["lines"][-1]
    assert {each["meaning"] for each in undone["signatures"]} == {
        "dispensing cancelled",
        "container seen in the pharmacy",
    }
    assert [bool(each["open"]) for each in accounts] == [True, False]
    assert [(each.code, left) for each, _, left in log.waiting] == [(f"{half.number}-01", "40")]
    assert dict(log.balance.stages) == {
        stage: {Stage.TO_DESTROY: 1, Stage.IN_STOCK: 1}.get(stage, 0) for stage in Stage
    }
    content = lambda s: destroying_content(s, half.container_id)  # noqa: E731
    with giving.act(
        "container.destroy", giving.pharmacist, giving.pharmacist2, content=content, reason="rest of the infusion"
    ) as work:
        destroy_container(work, half.container_id, volume_ml=D(39), method="autoclaved", explanation="1 mL in the line")
    whole, accounts = log_of(giving, "trial", giving.trial_id)
    assert [each["container"] for each in accounts] == [f"{p.number}-01" for p in (half, kept, other)]
    assert [each["open"] for each in accounts] == [None, None, None]
    assert (whole.balance.filled, whole.balance.given, whole.balance.destroyed, whole.balance.lost) == (
        D(300),
        D(60),
        D(39),
        D(1),
    )
    assert whole.balance.left == D(200)
    assert [each["container"] for each in log_of(giving, "batch", kept.batch_id)[1]] == [f"{kept.number}-01"]


@pytest.mark.req("DSP-ACC")
def test_on_paper_the_log_carries_its_balance_what_is_open_and_every_signature(giving, spread):
    patient, *_ = spread
    printed = accountability_paper(*log_of(giving, "subject", patient.id), Speech("en"), by="Person", at=giving.now)
    facts = dict(printed.head[0].pairs)
    assert (facts["Containers received"], facts["Given (mL)"]) == ("2", "60")
    opened = printed.sections[0].blocks[0]
    assert "40 mL were not given" in opened.texts[0]
    notes = [note for one in printed.sections[3].blocks[0].rows for note in one.notes]
    assert any("handed over" in note for note in notes)


def test_a_log_is_of_a_trial_a_subject_or_a_batch_and_of_nothing_else(giving):
    with pytest.raises(NotFound):
        log_of(giving, "donor", "x")
