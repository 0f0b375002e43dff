"""The QR symbol of a label payload: always version 3-Q in alphanumeric mode, so every print has the same geometry."""

from __future__ import annotations

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, QRData

VERSION = 3
MODULES = 29
QUIET_ZONE = 4


def qr_matrix(payload: str) -> tuple[tuple[bool, ...], ...]:
    """29 rows of 29 modules without quiet zone, True is dark; a payload that needs another version is an error."""
    code = QRCode(version=VERSION, error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(QRData(payload, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    matrix = tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
    if len(matrix) != MODULES:
        raise ValueError("a label code is a version 3 symbol")
    return matrix
