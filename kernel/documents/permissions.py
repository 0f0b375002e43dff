"""Who drafts and who approves is a matter of roles here and of persons in the service (S8)."""

from __future__ import annotations

from kernel.accounts.permissions import AD, IN, QA
from kernel.permissions import permission, role
from kernel.refusals import N_

QP = role("QP", N_("qualified person"))
SP = role("Sp", N_("sponsor delegate"))

permission("document:draft", QA, QP, SP)
permission("document:approve", QA, QP, SP)
permission("document:read", AD, IN, QA, QP, SP, "T", "Ph", "Dr", "N")
permission("trail:read", QA, QP, IN)
