"""Questions labels ask of the installation; config/wiring.py plugs the answers in."""

from __future__ import annotations

from kernel.wiring import Port

label_keys = Port("label_keys")
