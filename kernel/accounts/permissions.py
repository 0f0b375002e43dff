"""Who may work on accounts. Administrators ask, QA approves; neither can do both alone."""

from __future__ import annotations

from kernel.permissions import permission, role
from kernel.refusals import N_

AD = role("Ad", N_("administrator"), excludes_others=True)
QA = role("QA", N_("quality assurance officer"))
IN = role("In", N_("inspector"), excludes_others=True, reads_only=True)

permission("account:request", AD)
permission("account:approve", QA)
permission("account:read", AD, QA, IN)
permission("account:deactivate", AD, QA)
permission("account:activate")
permission("account:lock")
