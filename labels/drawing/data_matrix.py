"""The Data Matrix symbol (ECC 200, square) of an ISBT 128 compound message."""

from __future__ import annotations

from typing import Any

import zxingcpp

from labels.drawing.placed import Symbol

QUIET_ZONE = 2
MODULE_DOTS = {"203": 3, "300": 4}


def data_matrix(message: str) -> Symbol:
    """Always square: many scanners refuse the rectangular symbols the encoder would make by itself."""
    made = zxingcpp.create_barcode(message, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    picture: Any = made.to_image(scale=1, add_hrt=False, add_quiet_zones=False)
    shades: Any = memoryview(picture).tolist()
    if any(len(row) != len(shades) for row in shades):
        raise ValueError("a Data Matrix of a label is square")
    return Symbol(tuple(tuple(shade == 0 for shade in row) for row in shades), QUIET_ZONE, MODULE_DOTS)
