"""Refusals that concern a printed label: reading it, its state, its content, drawing it.

Cheap mistakes (a misread, a torn scan) ask for another scan; a label whose check letter fits and whose tag does not
is a security event. No refusal repeats the scanned text: it may be a wristband.
"""

from __future__ import annotations

from kernel.refusals import N_, kind

_YOU = N_("you")
_QA = N_("QA")
_SCAN_AGAIN = N_("Scan the label again.")
_REPORT = N_("Do not use the product. Keep it where it is and call QA.")

LABEL_MISREAD = kind(
    "LABEL_MISREAD",
    422,
    N_("The scan was misread: its check letter does not fit."),
    resolver=_YOU,
    next_step=_SCAN_AGAIN,
)
LABEL_TRUNCATED = kind(
    "LABEL_TRUNCATED",
    422,
    N_("Only part of the label was read."),
    resolver=_YOU,
    next_step=N_("Hold the trigger until the scanner beeps, then scan the label again."),
)
LABEL_DOUBLED = kind(
    "LABEL_DOUBLED",
    422,
    N_("More than one label was read into one field."),
    resolver=_YOU,
    next_step=N_("Empty the field and scan one label once."),
)
LABEL_FORGED = kind(
    "LABEL_FORGED",
    409,
    N_("This label was not made by this system: its authenticity tag is wrong."),
    resolver=N_("QA; this is a security event"),
    next_step=_REPORT,
)
LABEL_KEY_UNKNOWN = kind(
    "LABEL_KEY_UNKNOWN",
    409,
    N_("This label is signed with key %(key)s, which this system does not accept (any longer)."),
    resolver=_QA,
    next_step=_REPORT,
)
LABEL_KEY_REVOKED = kind(
    "LABEL_KEY_REVOKED",
    409,
    N_("The key of this label (%(key)s) was revoked: nobody can say any more that the label is genuine."),
    resolver=N_("production and QA"),
    next_step=N_("Keep the product where it is and have its label reprinted; then scan the new label."),
)
LABEL_RECORD_DRIFT = kind(
    "LABEL_RECORD_DRIFT",
    409,
    N_("The record was changed after this label was printed (%(changed)s): the label does not match the record."),
    resolver=N_("production and QA"),
    next_step=N_("Do not use the product before it is relabelled."),
)
LAYOUT_MISMATCH = kind(
    "LAYOUT_MISMATCH",
    422,
    N_("The scanner and this computer use different keyboard layouts (likely %(layout)s)."),
    resolver=N_("you, with the scanner's set-up label"),
    next_step=N_("Scan the set-up label, then scan again."),
)
NOT_A_LABEL = kind(
    "NOT_A_LABEL",
    422,
    N_("This is not a dose label; it looks like %(looks_like)s."),
    resolver=_YOU,
    next_step=N_("Scan the square code on the product label."),
)
WRONG_INSTANCE = kind(
    "WRONG_INSTANCE",
    409,
    N_("This label was printed by another installation (%(instance)s)."),
    resolver=_QA,
    next_step=_REPORT,
)
LABEL_UNKNOWN = kind(
    "LABEL_UNKNOWN",
    409,
    N_("No such label is on record."),
    resolver=_QA,
    next_step=_REPORT,
)
LABEL_VOID = kind(
    "LABEL_VOID",
    409,
    N_("Label %(number)s is void (%(state)s). The current label of the container: %(replaced_by)s."),
    resolver=N_("production"),
    next_step=N_("Do not use the product under this label; look for its current one."),
)
LABEL_SUPERSEDED = kind(
    "LABEL_SUPERSEDED",
    409,
    N_("Label %(number)s was superseded by %(replaced_by)s."),
    resolver=N_("production"),
    next_step=N_("Scan the new label; the old one must not be on the container."),
)
LABEL_UNVERIFIED = kind(
    "LABEL_UNVERIFIED",
    409,
    N_("Label %(number)s is %(state)s: it was never verified and applied to its container."),
    resolver=N_("production"),
    next_step=N_("Have the label verified and applied by two people first."),
)
SOD_LABEL = kind(
    "SOD_LABEL",
    403,
    N_("Whoever printed the label may not verify it."),
    resolver=N_("another person"),
    next_step=N_("Ask a colleague to scan the printed label."),
)
LABEL_UNREAD = kind(
    "LABEL_UNREAD",
    409,
    N_("The printed label was not scanned, or the scan is not this label."),
    resolver=_YOU,
    next_step=N_("Scan the code on the label that came out of the printer."),
)
LABEL_CONTAINER = kind(
    "LABEL_CONTAINER",
    409,
    N_("The container in hand was not identified, or it is not the one on the label."),
    resolver=_YOU,
    next_step=N_("Scan or type the number on the container."),
)
LABEL_IN_PROGRESS = kind(
    "LABEL_IN_PROGRESS",
    409,
    N_("Another container is being labelled at this place (%(other)s)."),
    resolver=_YOU,
    next_step=N_("Finish or void that label first."),
)
LABEL_REPLACEMENT = kind(
    "LABEL_REPLACEMENT",
    409,
    N_("There is no verified new label for this container."),
    resolver=_YOU,
    next_step=N_("Print the new label and have it verified before the old one is superseded."),
)
LABEL_COUNT = kind(
    "LABEL_COUNT",
    409,
    N_("%(printed)s labels were printed, but %(accounted)s are accounted for. Missing: %(missing)s."),
    resolver=N_("production"),
    next_step=N_("Find each of these labels; two people destroy it, or it is put on its container."),
)
MISSING_ITEM = kind(
    "MISSING_ITEM",
    422,
    N_("Item (%(letter)s) of the label is missing: %(name)s."),
    resolver=N_("production; QA for items of the label template"),
    next_step=N_("Complete the record the item comes from; nothing is typed on a label."),
)
LABEL_DONOR_STATUS = kind(
    "LABEL_DONOR_STATUS",
    409,
    N_("The donor's infection status is not settled (%(reason)s); no label can be made."),
    resolver=_QA,
    next_step=N_("Complete the donor's markers; supply without evaluation is a status of its own, not a blank."),
)
LABEL_GLYPH = kind(
    "LABEL_GLYPH",
    422,
    N_("%(name)s holds a character the label cannot show (%(character)s)."),
    resolver=_YOU,
    next_step=N_("Correct the record; the label never shows a box in place of a character."),
)
LABEL_TEXT_TOO_LONG = kind(
    "LABEL_TEXT_TOO_LONG",
    422,
    N_("%(name)s does not fit on the label."),
    resolver=N_("production; QA for texts of the label template"),
    next_step=N_("Shorten the text; nothing is cut off or printed smaller than people can read."),
)
SHORT_NUMBER = kind(
    "SHORT_NUMBER",
    422,
    N_("This is not a label number: batch, container, issue and check character, such as %(example)s."),
    resolver=_YOU,
    next_step=N_("Type the number under the code again; 0 and O, 1 and I are different characters."),
)
LABEL_RESOLUTION = kind(
    "LABEL_RESOLUTION",
    409,
    N_("A printer of %(dpi)s dpi is too coarse for the label %(slot)s; it needs %(finer)s dpi."),
    resolver=_YOU,
    next_step=N_("Print it on a printer of that resolution."),
)
LABEL_OUTER = kind(
    "LABEL_OUTER",
    409,
    N_("Label %(number)s is that of the outer package; it does not identify the container inside."),
    resolver=_YOU,
    next_step=N_("Open the package and scan the label on the container itself."),
)
LABEL_PACKAGE = kind(
    "LABEL_PACKAGE",
    409,
    N_("Container %(container)s is too small for a full label, and no full label stands on its outer package."),
    resolver=N_("production"),
    next_step=N_("Print the label of the outer package, have it verified and applied, then scan again."),
)
ISBT_FORM = kind(
    "ISBT_FORM",
    422,
    N_("The ISBT 128 code was not read whole or is not one we accept (%(part)s)."),
    resolver=_YOU,
    next_step=N_("Scan the Data Matrix code on the label again; nothing of it is guessed."),
)
ISBT_COUNT = kind(
    "ISBT_COUNT",
    422,
    N_("The ISBT 128 code announces %(announced)s parts and holds %(found)s."),
    resolver=_YOU,
    next_step=N_("Scan the Data Matrix code on the label again; nothing of it is guessed."),
)
ISBT_DATE = kind(
    "ISBT_DATE",
    422,
    N_("The ISBT 128 code holds a day or time that does not exist (%(part)s)."),
    resolver=_QA,
    next_step=_REPORT,
)
ISBT_MISMATCH = kind(
    "ISBT_MISMATCH",
    409,
    N_("The ISBT 128 code on the label does not say what the label says (%(part)s)."),
    resolver=_QA,
    next_step=_REPORT,
)
DIVISION_MISSING = kind(
    "DIVISION_MISSING",
    422,
    N_("The product code says that its division is in another code, and that code was not read."),
    resolver=_YOU,
    next_step=N_("Scan both codes."),
)
PRODUCT_NOT_ALLOWED = kind(
    "PRODUCT_NOT_ALLOWED",
    422,
    N_("%(code)s is a code of a mobilised leukapheresis or of marrow; this product is made from neither."),
    resolver=N_("the author"),
    next_step=N_("Take the code of this product from the facility's registration with ICCBBA."),
)
