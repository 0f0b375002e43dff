"""Reading a printed label as a scanner does: the PDF rasterised at two printers' resolutions, two decoders each."""

from __future__ import annotations

import cv2
import numpy as np
import pypdfium2
import zxingcpp

RESOLUTIONS = (203, 300)


def rasterised(pdf: bytes, dpi: int, *, last: bool = False) -> np.ndarray:
    """Its first page, or its last."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[len(document) - 1 if last else 0]
        picture = page.render(scale=dpi / 72).to_numpy().copy()
        page.close()
    finally:
        document.close()
    return np.ascontiguousarray(picture[:, :, :3])


def decoded(pdf: bytes) -> str:
    """The one text that both decoders read at both resolutions."""
    found = set()
    for dpi in RESOLUTIONS:
        picture = rasterised(pdf, dpi)
        found |= {one.text for one in zxingcpp.read_barcodes(picture)}
        texts = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)[1]
        assert len(texts) == 1, (dpi, texts)
        found |= set(texts)
    assert len(found) == 1, found
    return found.pop()
