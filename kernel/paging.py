"""Which part of a long list a page shows; a page beyond the end is the last one."""

from __future__ import annotations

from collections.abc import Mapping

PAGE = 25


def page_of(args: Mapping[str, str], total: int, size: int = PAGE) -> dict[str, int]:
    """``number`` from 1, ``pages`` at least 1, ``total`` of all lines."""
    pages = max(1, -(-total // size))
    wanted = args.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    return {"number": min(max(1, number), pages), "pages": pages, "total": total}


def before(page: Mapping[str, int], size: int = PAGE) -> int:
    """How many lines come before this page."""
    return (page["number"] - 1) * size
