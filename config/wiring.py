"""Who answers which port, who reacts to which event, what fills which slot: the only place that knows everybody."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import config.tables  # noqa: F401  (every table is registered before anything else is loaded)

if TYPE_CHECKING:
    from config.settings import Settings
    from kernel.web.site import Site

MODULES = (
    "kernel.accounts.permissions",
    "kernel.documents.permissions",
    "manufacturing.permissions",
    "labels.permissions",
    "release.permissions",
    "kernel.accounts.api",
    "kernel.documents.api",
    "kernel.trail.pages",
)
for module in MODULES:
    import_module(module)


def connect(site: Site, settings: Settings) -> None:
    """What depends on the installation: keys, demo people, ports that need the site."""
    site.extras["settings"] = settings
