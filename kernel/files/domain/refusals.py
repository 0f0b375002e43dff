"""What is said when a file is not taken, and what a file is before it is one of the records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from kernel.refusals import N_, kind

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE

FILE_TOO_LARGE = kind(
    "FILE_TOO_LARGE",
    422,
    N_("The file is larger than this installation takes (%(limit)s MB). It was not read."),
    resolver=N_("you; the administrator, if the limit is too low for your instrument"),
    next_step=N_("Export less (a table or report, not the raw events), then choose that file."),
)
FILE_EMPTY = kind(
    "FILE_EMPTY",
    422,
    N_("The file is empty."),
    resolver=N_("you"),
    next_step=N_("Export it again, look at it, then choose it again."),
)
FILE_TYPE_UNKNOWN = kind(
    "FILE_TYPE_UNKNOWN",
    422,
    N_(
        "The content is of no kind that is kept here (PDF, picture, text, CSV, XML, Excel or Word without macros, FCS)."
    ),
    resolver=N_("you"),
    next_step=N_("Save it as PDF or CSV and choose that file."),
)
FILE_DANGEROUS = kind(
    "FILE_DANGEROUS",
    422,
    N_("The file can run something on the computer of whoever opens it (%(what)s). It is not taken."),
    resolver=N_("the administrator"),
    next_step=N_("Do not open it. Tell the administrator where it came from; export a PDF or CSV instead."),
)
FILE_NOT_AS_NAMED = kind(
    "FILE_NOT_AS_NAMED",
    422,
    N_("The name says “%(ending)s”, the content is %(media_type)s."),
    resolver=N_("you"),
    next_step=N_("Export the file again under its right name; do not rename it."),
)
FILE_ALREADY_HERE = kind(
    "FILE_ALREADY_HERE",
    409,
    N_("This very file (SHA-256 %(sha256)s) is already kept with this record, as “%(filename)s”."),
    resolver=N_("nobody: one copy is enough"),
    next_step=N_("Open the one that is there (%(location)s)."),
)
FILE_PURPOSE = kind(
    "FILE_PURPOSE",
    422,
    N_("Say what the file is to this record: one of those listed."),
    resolver=N_("you"),
    next_step=N_("Choose the purpose and send the form again."),
)
FILE_NOT_LOOKED_THROUGH = kind(
    "FILE_NOT_LOOKED_THROUGH",
    422,
    N_("A file that shows a name, birth date or hospital number of anybody treated is not kept here."),
    resolver=N_("you"),
    next_step=N_("Export it with the code only, or black the personal data out, then choose it again."),
)
FILE_WITHDRAWN = kind(
    "FILE_WITHDRAWN",
    409,
    N_("This file was already withdrawn; it stays readable, struck through."),
    resolver=N_("nobody"),
    next_step=N_("Attach the right file, if that has not been done."),
)


@dataclass(frozen=True)
class Upload:
    """A file as it came with a request: its name as given, its bytes, nothing judged yet."""

    filename: str
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body)

    @cached_property
    def sha256(self) -> str:
        """Of the bytes exactly as they came."""
        return hashlib.sha256(self.body).hexdigest()

    def told(self) -> dict[str, str | int]:
        """What stands for the bytes wherever they must not go: trail, request digest, log."""
        return {"filename": self.filename, "size": self.size, "sha256": self.sha256}
