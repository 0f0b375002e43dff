"""What a scan would say of a container that is to be fetched, before anybody holds it."""

from __future__ import annotations

from release.domain.dispensing import GUARDS
from release.domain.downtime import LATER, without

GUARDS_TO_FETCH = without(
    GUARDS, *LATER, "container", "subject", "eligibility"
)  # the check of the day stands beside it
