"""The labels BAG, 70 x 50 mm, and SYRINGE, 60 x 20 mm: what a small container must say (CTR Annex VI A.2.2).

All other items stand on the full label of the outer package. The flag of a syringe keeps its code flat at one end.
"""

from __future__ import annotations

from kernel.refusals import N_
from labels.domain.content import LabelFacts
from labels.domain.statements import CLINICAL_TRIAL_ONLY, statements
from labels.drawing.fonts import BOLD, CODE, REGULAR, text_width
from labels.drawing.sheet import POINTS_PER_MM, Rect, Sheet, Style

CAPTION = Style(largest=5.25, smallest=5.0)
CAPTION_HEIGHT = 2.0
SMALL = Style(largest=5.25, smallest=4.5)
RIGHT = Style(largest=5.25, smallest=4.5, align="right")
DEMO = "DEMO · NIET GEBRUIKEN · DO NOT USE"
SMALLEST_ALARM = 4.5
FLAG_TOP, FLAG_BOTTOM, FLAG_LEFT, FLAG_RIGHT = 1.0, 19.5, 0.8, 59.2
BESIDE_CODE, UNDER_CODE = 11.6, 10.7
LINE_OF_POINT = 0.355
WIDE = (2.3, 3.9, 3.6, 2.1, 2.0, 2.0)
CLOSE = (2.0, 3.0, 3.0, 1.85, 1.8, 1.8)


def lay_out_bag(facts: LabelFacts) -> Sheet:
    sheet, left, width = Sheet(), 2.0, 66.0
    sheet.shape(Rect(left, 1.5, width, 3.4))
    banner = Style(font=BOLD if facts.demo else REGULAR, largest=7.0, smallest=4.5, align="centre", white=True)
    only = f"{CLINICAL_TRIAL_ONLY.dutch} · {CLINICAL_TRIAL_ONLY.english}"
    sheet.put("banner", DEMO if facts.demo else only, Rect(left + 0.5, 2.0, width - 1, 2.7), banner)
    sheet.put(N_("Product"), facts.product_name, Rect(left, 5.5, width, 3.4), Style(font=BOLD, largest=9, smallest=6))
    _bag_identity(sheet, facts, left)
    _bag_expiry(sheet, facts, Rect(left, 27.0, width, 7.6))
    _bag_content(sheet, facts, left)
    _alarm_bar(sheet, alarm_lines(facts, width - 1), Rect(left, 39.6, width, 6.2))
    origin = f"{facts.template_version} · {facts.instance} · label {facts.issue}"
    sheet.put(N_("Contact"), f"Contact: {facts.contact_name}", Rect(left, 46.2, 34.8, 2.3), SMALL)
    sheet.put(N_("Label template"), origin, Rect(37.0, 46.2, 31.0, 2.3), RIGHT)
    return sheet


def _bag_identity(sheet: Sheet, facts: LabelFacts, left: float) -> None:
    """The code to the right; beside it whom it is for, then batch and container."""
    column = Rect(46.0, 9.3, 22.0, 14.0)
    sheet.code(column)
    number = Style(font=CODE, largest=7, smallest=5.25, align="centre")
    sheet.put(N_("Label number"), facts.short_number, Rect(column.x, 23.6, column.width, 2.6), number)
    code = Style(font=CODE, largest=20, smallest=9)
    _captioned(sheet, N_("Subject code"), "Proefpersoon / Subject", facts.subject_code, Rect(left, 9.3, 43, 9.4), code)
    code = Style(font=CODE, largest=11, smallest=6)
    _captioned(sheet, N_("Batch"), "Batchnummer / Batch", facts.batch, Rect(left, 19.2, 32, 6.4), code)
    of = f"{facts.container}/{facts.containers}" if facts.containers else str(facts.container)
    _captioned(sheet, N_("Container"), "Container", of, Rect(35, 19.2, 10, 6.4), code)


def _bag_expiry(sheet: Sheet, facts: LabelFacts, room: Rect) -> None:
    name = N_("Expiry")
    sheet.shape(room, line=0.4)
    sheet.put(name, "Niet gebruiken na / Do not use after", Rect(room.x + 1, room.y + 0.7, 36, CAPTION_HEIGHT), CAPTION)
    utc = Style(font=CODE, largest=6.0, smallest=5.25, align="right")
    sheet.put(name, facts.expiry_utc_text, Rect(room.x + 37, room.y + 0.7, room.width - 38, 2.3), utc)
    value = Style(font=CODE, largest=14, smallest=10)
    sheet.put(name, facts.expiry_text, Rect(room.x + 1, room.y + 2.6, room.width - 2, 5.0), value)


def _bag_content(sheet: Sheet, facts: LabelFacts, left: float) -> None:
    bold = Style(font=BOLD, largest=7.5, smallest=6)
    small = Style(largest=6.0, smallest=5.0)
    caption = "Vitale NK-cellen / Viable NK cells"
    _captioned(sheet, N_("Viable NK cells"), caption, facts.strength_text, Rect(left, 34.8, 31, 4.5), bold)
    route = f"{facts.route.dutch} / {facts.route.english}"
    strength = f"{facts.volume_text} · {route}" if facts.volume_text else route
    sheet.put(N_("Form and route"), strength, Rect(34.0, 34.9, 34.0, 2.4), small)
    sheet.put(N_("Trial code"), f"Studie / Trial: {facts.trial_code}", Rect(34.0, 37.0, 34.0, 2.3), small)


def lay_out_syringe(facts: LabelFacts) -> Sheet:
    """Beside the code first, then under it; with an alarm the lines are closer together."""
    sheet, width = Sheet(), 58.4
    sheet.code(Rect(0.6, FLAG_TOP, 10.4, 9.6))
    alarms = alarm_lines(facts, width - 1)
    batch = f"{facts.batch}-{facts.container:02}"
    rows = (
        (N_("Product"), f"{'DEMO · ' if facts.demo else ''}{facts.product_name}", "", "", BOLD),
        (N_("Subject code"), facts.subject_code, N_("Batch"), batch, CODE),
        (N_("Expiry"), f"EXP {facts.expiry_text}", "", "", CODE),
        (N_("Label number"), facts.short_number, N_("Viable NK cells"), f"{facts.strength_text} vitale/viable NK", ""),
        (N_("Route"), f"{facts.route.dutch} / {facts.route.english}", N_("Trial code"), facts.trial_code, ""),
        (N_("Contact"), facts.contact_name, N_("Label template"), f"{facts.template_version} · {facts.instance}", ""),
    )
    y = FLAG_TOP - 0.4
    for (name, text, other, beside, face), height in zip(rows, CLOSE if alarms else WIDE, strict=True):
        if not face and y < UNDER_CODE <= y + 0.5:
            y = UNDER_CODE
        x = FLAG_LEFT if y >= UNDER_CODE else BESIDE_CODE
        middle = x + (FLAG_RIGHT - x) * (0.48 if beside else 1.0)
        style = Style(font=face or REGULAR, largest=height / LINE_OF_POINT, smallest=4.5)
        sheet.put(name, text, Rect(x, y, middle - x - 0.4, height), style)
        sheet.put(other, beside, Rect(middle, y, FLAG_RIGHT - middle, height), style)
        y += height
    lines = alarms or ([DEMO] if facts.demo else [])
    _alarm_bar(sheet, lines, Rect(FLAG_LEFT, y + 0.1, width, FLAG_BOTTOM - y - 0.1))
    return sheet


def alarm_lines(facts: LabelFacts, width: float) -> list[str]:
    """Each alarm in one line where it fits, else in two: Dutch over English, or the words over the markers."""
    found = []
    for row in statements(facts.warnings) if facts.warnings is not None else ():
        if not row.alarm:
            continue
        words = f"{row.dutch} · {row.english}"
        whole = f"{words}: {row.detail}" if row.detail else words
        if text_width(whole, BOLD, SMALLEST_ALARM) <= width * POINTS_PER_MM:
            found.append(whole)
        else:
            found.extend((words, row.detail) if row.detail else (row.dutch, row.english))
    return found


def _alarm_bar(sheet: Sheet, lines: list[str], room: Rect) -> None:
    """White on black; lines that have no room are refused by name."""
    if not lines:
        return
    pitch = min(room.height / len(lines), 2.6)
    sheet.shape(Rect(room.x, room.y, room.width, pitch * len(lines)))
    style = Style(font=BOLD, largest=6.5, smallest=SMALLEST_ALARM, align="centre", white=True)
    for number, line in enumerate(lines):
        place = Rect(room.x + 0.5, room.y + pitch * number + 0.1, room.width - 1, pitch - 0.1)
        sheet.put(N_("Warning"), line, place, style)


def _captioned(sheet: Sheet, name: str, caption: str, text: str, room: Rect, style: Style) -> None:
    sheet.put(name, caption, Rect(room.x, room.y, room.width, CAPTION_HEIGHT), CAPTION)
    sheet.put(name, text, Rect(room.x, room.y + CAPTION_HEIGHT, room.width, room.height - CAPTION_HEIGHT), style)
