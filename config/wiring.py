"""Who answers which port, who reacts to which event, what fills which slot: the only place that knows everybody."""

from __future__ import annotations

import config.tables  # noqa: F401
import kernel.accounts.permissions
import kernel.documents.permissions
import labels.permissions
import manufacturing.permissions
import release.permissions  # noqa: F401
