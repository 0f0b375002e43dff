"""Who may use which route: read from the table that is reviewed, or made out of the registry to be reviewed.

``python -m tests.web.matrix`` prints the table as the application has it now; ``tests/web/roles.csv`` is what it must be.
"""

from __future__ import annotations

import csv
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from config.app import create_app
from config.keys import write_secret
from config.settings import Settings
from kernel.permissions import PERMISSIONS
from kernel.signatures import make_seal
from kernel.web.gate import POLICY
from kernel.web.registry import PUBLIC, SIGNED_IN
from tests.databases import sqlite_url
from tests.places import sqlite_template

TABLE = Path(__file__).with_name("roles.csv")
HEADER = ("rule", "method", "allowed")
ROLES = ("T", "QA", "QP", "Ph", "Sp", "Dr", "N", "Ad", "In")
METHODS = ("GET", "POST")

Cells = dict[tuple[str, str], str]


def new_app(folder: Path) -> Flask:
    """A fresh test installation on SQLite, as a demo instance would start."""
    make_seal(folder / "seal.pem")
    write_secret(folder / "session.key", secrets.token_hex(32))
    shutil.copyfile(sqlite_template(), folder / sqlite_template().name)
    return create_app(Settings("test", sqlite_url(folder), folder, folder / "head", cheap_passwords=True))


def cells_of(app: Flask) -> Cells:
    """Every rule and method of the application with those whom its policy lets in."""
    return {
        (rule.rule, method): words(POLICY.get(rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in (rule.methods or ())
    }


def words(permission: str | None) -> str:
    if permission in {PUBLIC, SIGNED_IN}:
        return str(permission)
    held = PERMISSIONS.get(permission or "", frozenset())
    return " ".join(role for role in ROLES if role in held) or "nobody"


def read_table(path: Path = TABLE) -> Cells:
    """The reviewed table; a line that stands in it twice is an error."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    cells = {(row["rule"], row["method"]): row["allowed"] for row in rows}
    if len(cells) != len(rows):
        raise ValueError(f"{path.name} has a line twice")
    return cells


def allowed(cell: str) -> Iterator[str]:
    """The roles of a cell; ``anonymous`` among them where anybody may."""
    if cell in {PUBLIC, SIGNED_IN}:
        yield from ROLES
    else:
        yield from (role for role in cell.split() if role != "nobody")
    if cell == PUBLIC:
        yield "anonymous"


def write_table(cells: Cells, out: object) -> None:
    writer = csv.writer(out, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(HEADER)
    writer.writerows((*key, cells[key]) for key in sorted(cells))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write_table(cells_of(new_app(Path(folder))), sys.stdout)
