"""What a file is, by its bytes; never by its name, which only has to agree (ASVS 5.2.2)."""

from __future__ import annotations

import io
import re
import zipfile

from kernel.files.domain.filenames import ending
from kernel.files.domain.refusals import FILE_DANGEROUS, FILE_EMPTY, FILE_NOT_AS_NAMED, FILE_TYPE_UNKNOWN, Upload
from kernel.refusals import N_, Refusal

FCS, CSV, TEXT, XML, SVG = "application/vnd.isac.fcs", "text/csv", "text/plain", "application/xml", "image/svg+xml"
PDF, PNG, JPEG, TIFF = "application/pdf", "image/png", "image/jpeg", "image/tiff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"FCS2.0", FCS),
    (b"FCS3.0", FCS),
    (b"FCS3.1", FCS),
)
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",  # a shortcut
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # old Office with its macros, and installers
)
OFFICE = (("xl/workbook.xml", XLSX), ("word/document.xml", DOCX))
ENDINGS = {
    PDF: {"pdf"},
    PNG: {"png"},
    JPEG: {"jpg", "jpeg", "jpe"},
    TIFF: {"tif", "tiff"},
    FCS: {"fcs", "lmd"},
    CSV: {"csv", "txt", "tsv", "tab", "asc", "exp", "dat", "log"},
    TEXT: {"csv", "txt", "tsv", "tab", "asc", "exp", "dat", "log", "md", "json"},
    XML: {"xml", "wsp", "wspt"},
    SVG: {"svg"},
    XLSX: {"xlsx"},
    DOCX: {"docx"},
}
RUNS_BY_NAME = re.compile(
    r"exe|com|bat|cmd|scr|pif|ms[ip]|dll|jar|jse?|vb[se]|ws[fh]|psm?1|hta|x?html?|mht(ml)?|svgz|lnk|url|reg|(ba)?sh|py|rb"
    r"|pl|php|aspx?|jsp|swf|xl[st]m|xlam|do[ct]m|p[op]tm|iso|img|dmg|app|apk|deb|rpm|cpl|inf"
)
ACTIVE = re.compile(
    r"<\s*(?:script|html|!doctype\s+html|iframe|object|embed|applet|foreignobject)\b"
    r"|\bon[a-z]{3,20}\s*=\s*[\"']|javascript\s*:|vbscript\s*:|<!entity|<\?xml-stylesheet|<\?php|data:text/html",
    re.IGNORECASE,
)
PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch)\b")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
DELIMITED = re.compile(r"[^\r\n]*[,;\t][^\r\n]*[\r\n]")


def media_refusals(upload: Upload) -> tuple[Refusal, ...]:
    """Every reason not to keep this file with the records."""
    if not upload.body:
        return (FILE_EMPTY(field="file"),)
    found = []
    suffix = ending(upload.filename)
    if what := danger(upload.body, suffix):
        found.append(FILE_DANGEROUS(field="file", what=what))
    media_type = judged(upload.body)
    if media_type is None:
        if not found:
            found.append(FILE_TYPE_UNKNOWN(field="file"))
    elif suffix and suffix not in ENDINGS[media_type] and not found:
        found.append(FILE_NOT_AS_NAMED(field="file", ending=f".{suffix}", media_type=media_type))
    return tuple(found)


def judged(body: bytes) -> str | None:
    """The media type that the bytes are of, or None where they are of none that is kept."""
    for beginning, media_type in BEGINNINGS:
        if body.startswith(beginning):
            return media_type
    if body.startswith(b"PK\x03\x04"):
        return office(body)[0]
    text = decoded(body)
    if text is None:
        return None
    start = text.lstrip()[:2000]
    if start.startswith("<"):
        return SVG if re.search(r"<svg\b", start, re.IGNORECASE) else XML
    return CSV if DELIMITED.match(text) else TEXT


def danger(body: bytes, suffix: str) -> str | None:
    """What the file could do to whoever opens it, or None."""
    text = decoded(body)
    if text is None and body.startswith(PROGRAMS):
        return N_("a program")
    if RUNS_BY_NAME.fullmatch(suffix):
        return N_("a name that computers run")
    if text is not None and text.lstrip().startswith("#!"):
        return N_("a program")
    if text is not None and ACTIVE.search(text):
        return N_("a web page or script")
    if body.startswith(b"%PDF-") and PDF_ACTIVE.search(body):
        return N_("a PDF that runs something")
    if body.startswith(b"PK\x03\x04") and office(body)[1]:
        return N_("macros")
    return None


def decoded(body: bytes) -> str | None:
    """The bytes as text, or None where they are none: control characters are not text, whatever the encoding."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            text = attempt(body[len(mark) :], encoding)
            break
    else:
        text = attempt(body, "utf-8") or attempt(body, "cp1252")
    return None if text is None or CONTROL.search(text) else text


def attempt(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def office(body: bytes) -> tuple[str | None, bool]:
    """The kind of Office file by the table of its archive, which is not unpacked; and whether it carries macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return None, False
    media_type = next((media_type for part, media_type in OFFICE if part in names), None)
    macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".bin.rels", ".ole")) for name in names)
    return (media_type if "[Content_Types].xml" in names else None), macros
