"""QA reviews the batch record and its trail, exceptions first, and signs (QA-REVIEW, AT-REVIEW)."""

from __future__ import annotations

from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.batches import BATCH
from release.domain.decisions import DecisionKind
from release.domain.review import difference_is_explained
from release.domain.statements import MEANINGS, STATEMENTS
from release.queries.deciding import reviewing_refusals
from release.queries.records import decisions_of, reviewed_record
from release.queries.review import release_facts, review_content
from release.services.batch_locks import lock_batch
from release.tables.decisions import DecisionRow


def review_batch(work: Work, batch_id: str, *, difference_answer: str | None = None) -> DecisionRow:
    """Sign the review. What it covers is kept as a digest: any later change of the record makes it stale.

    ``difference_answer``: QA's explanation of a difference between formulation and release count (decision 46).
    """
    batch = lock_batch(work, batch_id)
    transition = BATCH.transition("review", batch.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    content = review_content(work.session, batch_id)
    work.confirm(content)
    answer = (difference_answer or "").strip() or None
    refuse_any(refusals_of_review(work, batch_id, answer))
    decision = work.add(
        DecisionRow(
            batch_id=batch_id,
            sequence=len(decisions_of(work.session, batch_id)) + 1,
            kind=DecisionKind.REVIEW,
            decided_by=work.signer().id,
            decided_at=work.at,
            statement=STATEMENTS[DecisionKind.REVIEW],
            reason=answer,
            pending=canonical([]),
            basis=canonical({"exceptions": content["exceptions"], "verdicts": content["verdicts"]}),
            content_sha256=digest(reviewed_record(work.session, batch_id)),
        )
    )
    work.move(batch, BATCH, "review")
    work.sign(decision, MEANINGS[DecisionKind.REVIEW])
    return decision


def refusals_of_review(work: Work, batch_id: str, answer: str | None) -> tuple[Refusal, ...]:
    facts = release_facts(work.session, batch_id, work.at)
    known = reviewing_refusals(work.session, batch_id, work.signer().id, work.at, facts)
    unexplained = () if answer else tuple(difference_is_explained(facts, DecisionKind.REVIEW, work.at))
    return (*known, *(one.kind(**{**dict(one.facts), "field": "difference_answer"}) for one in unexplained))
