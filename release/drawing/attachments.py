"""Files inside a PDF (ISO 32000-1, 7.11.4 and 7.7.4): each a stream with its size and MD5, named in the catalogue."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF16_BE
from collections.abc import Sequence

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFName,
    PDFObject,
    PDFStream,
    PDFString,
)

from release.domain.paper import Attached


def attach(document: PDFDocument, files: Sequence[Attached]) -> None:
    """The names of a name tree stand in order, which readers rely on."""
    if not files:
        return
    pairs: list[PDFObject] = []
    for one in sorted(files, key=lambda file: file.name.encode("utf-16-be")):
        pairs += [words(one.name), document.Reference(specification(document, one))]
    tree = PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": PDFArray(pairs)})})
    document.Catalog.Names = tree


def words(text: str) -> PDFString:
    """A text string of any characters: UTF-16 with its mark (7.9.2.2)."""
    return PDFString(BOM_UTF16_BE + text.encode("utf-16-be"), enc="raw")


def specification(document: PDFDocument, one: Attached) -> PDFDictionary:
    stream = document.Reference(embedded(one))
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": words(one.name),
            "UF": words(one.name),
            "Desc": words(one.description),
            "EF": PDFDictionary({"F": stream, "UF": stream}),
        }
    )


def embedded(one: Attached) -> PDFStream:
    """Compressed in the file; the size and checksum are those of the bytes as they came."""
    checksum = hashlib.md5(one.body, usedforsecurity=False).hexdigest()
    told = PDFDictionary({"Size": len(one.body), "CheckSum": PDFString(bytes.fromhex(checksum), enc="raw")})
    given = PDFDictionary({"Type": PDFName("EmbeddedFile"), "Subtype": PDFName(one.media_type), "Params": told})
    return PDFStream(given, one.body)
