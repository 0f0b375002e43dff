"""How the server works through requests (docs/decisions/0046-a-line-that-says-nothing.md)."""

from __future__ import annotations

THREADS = 16
WORKERS = ("--worker-class", "gthread", "--threads", str(THREADS), "--no-control-socket", "--log-level", "warning")
