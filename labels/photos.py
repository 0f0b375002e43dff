"""Reading the codes in a photo. The picture is opened in memory, within limits, and kept nowhere (decision 28)."""

from __future__ import annotations

import io
import warnings

import zxingcpp
from PIL import Image

from kernel.refusals import Refusal
from labels.domain.photos import LARGEST_BYTES, MOST_PIXELS, PHOTO_TOO_LARGE, PHOTO_UNREADABLE, label_among

KINDS = ("JPEG", "PNG", "WEBP")
EDGE = 2600  # pixels: what a code needs on a photo of a whole label, and no more to look through
SYMBOLS = "QRCode,DataMatrix"


def label_in_photo(body: bytes) -> str | Refusal:
    """The text of the one product label in the picture, or what keeps it from being read."""
    if len(body) > LARGEST_BYTES:
        return PHOTO_TOO_LARGE()
    opened = open_photo(body)
    if isinstance(opened, Refusal):
        return opened
    found = zxingcpp.read_barcodes(opened, formats=zxingcpp.barcode_formats_from_str(SYMBOLS))
    return label_among([one.symbology_identifier + one.text for one in found])


def open_photo(body: bytes) -> Image.Image | Refusal:
    """In shades of grey. How many pixels it claims is looked at before one of them is unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=KINDS) as photo:
                if photo.width * photo.height > MOST_PIXELS:
                    return PHOTO_TOO_LARGE()
                photo.draft("L", (EDGE, EDGE))
                grey = photo.convert("L")
    except Image.DecompressionBombError:
        return PHOTO_TOO_LARGE()
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError):
        return PHOTO_UNREADABLE()
    grey.thumbnail((EDGE, EDGE))
    return grey
