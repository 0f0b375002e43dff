"""What a release says when the clock of a container changes."""

from __future__ import annotations

from kernel.errors import Refused
from kernel.work import Work
from manufacturing.domain.expiry import local_text
from manufacturing.events import ContainerClockChanged
from manufacturing.queries.batches import get_container
from release.domain.dispensing_refusals import ALREADY_DISPENSED
from release.queries.exposure import find_dispensing


def it_was_not_dispensed(work: Work, happened: ContainerClockChanged) -> None:
    """A dispensed container is no longer the laboratory's to freeze or thaw (ATMP-16-RECON)."""
    dispensing = find_dispensing(work.session, happened.container_id)
    if dispensing is not None:
        code = get_container(work.session, happened.container_id).code
        raise Refused(ALREADY_DISPENSED(container=code, at=local_text(dispensing.dispensed_at)))
