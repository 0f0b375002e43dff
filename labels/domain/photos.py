"""Which of the codes in a photo is meant: exactly one product label, or a question to whoever took it (hazard 37)."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.refusals import N_, Refusal, kind
from labels.domain.payload import ScannedLabel, read_scan

LARGEST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000

_AGAIN = N_("Take another photo: the square code sharp, flat and whole, and nothing else in the picture.")
PHOTO_UNREADABLE = kind(
    "PHOTO_UNREADABLE",
    422,
    N_("The file is no whole picture (JPEG, PNG or WebP)."),
    resolver=N_("you"),
    next_step=_AGAIN,
)
PHOTO_TOO_LARGE = kind(
    "PHOTO_TOO_LARGE",
    422,
    N_("The picture is too large: at most 8 MB and 50 million pixels."),
    resolver=N_("you"),
    next_step=N_("Set the camera to a smaller picture, then take another photo."),
)
PHOTO_NO_CODE = kind(
    "PHOTO_NO_CODE",
    422,
    N_("No code could be read in the picture."),
    resolver=N_("you"),
    next_step=_AGAIN,
)
PHOTO_TWO_LABELS = kind(
    "PHOTO_TWO_LABELS",
    422,
    N_("%(count)s product labels are in the picture; which one is meant?"),
    resolver=N_("you"),
    next_step=N_("Lay the others aside and take a photo of the one label."),
)


def label_among(codes: Sequence[str]) -> str | Refusal:
    """``codes``: one text for each symbol in the picture, with its AIM identifier.

    Other codes beside one product label are passed over: a container carries several. Without a product label a single
    code is told for what it is.
    """
    labels = [text for text in codes if isinstance(read_scan(text), ScannedLabel)]
    if len(labels) > 1:
        return PHOTO_TWO_LABELS(count=len(labels))
    if labels:
        return labels[0]
    return codes[0] if len(codes) == 1 else PHOTO_NO_CODE()
