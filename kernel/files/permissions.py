"""Who may handle files at all; each kind of record then asks for its own permission."""

from __future__ import annotations

from kernel.accounts.permissions import IN, QA
from kernel.documents.permissions import QP, SP
from kernel.permissions import permission

permission("file:read", QA, QP, SP, IN, "T", "Ph", "Dr", "N")
permission("file:attach", QA, QP, SP, "T", "Ph", "Dr")
permission("file:withdraw", QA)
