"""What a printer puts on paper, one value for each dot, and two decoders that know nothing of each other."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pypdfium2
import zxingcpp

JOB = re.compile(rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS\^PQ1\^XZ\n", re.ASCII)


def of_pdf(pdf, resolution):
    (page,) = pages_of_pdf(pdf, resolution)
    return page


def pages_of_pdf(pdf, resolution):
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.render(scale=resolution.dpi / 72, grayscale=True).to_pil() for page in document]
    return [np.array(page.convert("L")) for page in pages]


def of_zpl(job):
    """Read as the printer's manual says: bytes, bytes of the field, bytes in a row, and the dots of each row."""
    width, height, total, field, row, dots = JOB.fullmatch(job).groups()
    assert (int(total), int(field)) == (int(row) * int(height), len(dots) // 2)
    rows = np.frombuffer(bytes.fromhex(dots.decode()), np.uint8).reshape(int(height), int(row))
    bits = np.unpackbits(rows, axis=1)
    assert bits[:, int(width) :].sum() == 0
    return np.where(bits[:, : int(width)] == 1, 0, 255).astype(np.uint8)


def read_by_zxing(image):
    return [code.text for code in zxingcpp.read_barcodes(image)]


def read_by_opencv(image):
    """A small picture with two pixels for each dot: a scanner sees more than one."""
    if image.size < 500_000:
        image = np.kron(image, np.ones((2, 2), np.uint8))
    text, _corners, _straight = cv2.QRCodeDetectorAruco().detectAndDecode(image)
    return text
