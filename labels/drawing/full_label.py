"""The labels FULL and OUTER, 100 x 100 mm: whom it is for, what it is, until when, and the code; Dutch first."""

from __future__ import annotations

from kernel.refusals import N_
from labels.domain.content import JOINED, Bilingual, LabelFacts
from labels.domain.slots import SlotName
from labels.domain.statements import Statement, statements
from labels.drawing.fonts import BOLD, CODE
from labels.drawing.sheet import DATA_MATRIX, Rect, Sheet, Style

LEFT, RIGHT = 3.0, 97.0
WIDTH = RIGHT - LEFT
CODE_COLUMN = Rect(69.5, 15.8, 27.5, 18.8)
MATRIX_COLUMN = Rect(55.5, 16.0, 12.0, 12.0)
CAPTION = Style(largest=5.5, smallest=5.25)
CAPTION_HEIGHT = 2.3
SMALL = Style(largest=6.5, smallest=5.25)
DUTCH = Style(font=BOLD, largest=6.0, smallest=5.25)
ENGLISH = Style(largest=6.0, smallest=5.25)
MIDDLE = 52.0
DEMO = "DEMO · NIET GEBRUIKEN · DO NOT USE · DEMO"
TRIAL_ONLY = "UITSLUITEND VOOR KLINISCH ONDERZOEK · FOR CLINICAL TRIAL USE ONLY"
SHORT_DEMO = "DEMO · DO NOT USE"
PACKAGE = "BUITENVERPAKKING · OUTER PACKAGE"
BANNERS = {  # by whether it is of the outer package, and of a demo
    (False, False): TRIAL_ONLY,
    (False, True): DEMO,
    (True, False): PACKAGE,
    (True, True): f"{PACKAGE} · {SHORT_DEMO}",
}


def lay_out(facts: LabelFacts) -> Sheet:
    """Of the container itself, or of the outer package around a small one."""
    sheet = Sheet()
    _banner(sheet, facts)
    _product(sheet, facts)
    _identity(sheet, facts)
    _expiry(sheet, facts)
    _strength(sheet, facts)
    _origin(sheet, facts)
    _handling(sheet, facts)
    _statements(sheet, facts)
    _responsible(sheet, facts)
    return sheet


def _slot(sheet: Sheet, name: str, caption: str, text: str, rect: Rect, style: Style) -> None:
    """A caption and its value under it."""
    sheet.put(name, caption, Rect(rect.x, rect.y, rect.width, CAPTION_HEIGHT), CAPTION)
    room = Rect(rect.x, rect.y + CAPTION_HEIGHT, rect.width, rect.height - CAPTION_HEIGHT)
    sheet.put(name, text, room, style)


def _rule(sheet: Sheet, y: float, *, weight: float = 0.25) -> None:
    sheet.shape(Rect(LEFT, y, WIDTH, weight))


def _both(name: str, text: Bilingual, sheet: Sheet, rect: Rect) -> None:
    """Dutch in the upper, English in the lower half of the room."""
    half = rect.height / 2
    sheet.put(name, text.dutch, Rect(rect.x, rect.y, rect.width, half), DUTCH)
    sheet.put(name, text.english, Rect(rect.x, rect.y + half, rect.width, half), ENGLISH)


def _banner(sheet: Sheet, facts: LabelFacts) -> None:
    outer = facts.slot is SlotName.OUTER
    text = BANNERS[outer, facts.demo]
    sheet.shape(Rect(LEFT, 2.6, WIDTH, 5.0))
    style = Style(font=BOLD, largest=10.0 if facts.demo or outer else 7.0, align="centre", white=True)
    room = Rect(LEFT + 1, 3.45 if facts.demo or outer else 4.0, WIDTH - 2, 3.6)
    sheet.put("banner", text, room, style)


def _product(sheet: Sheet, facts: LabelFacts) -> None:
    sheet.put(N_("Product"), facts.product_name, Rect(LEFT, 8.5, WIDTH, 4.2), Style(font=BOLD, largest=11, smallest=7))
    form, route = facts.form, facts.route
    sheet.put(N_("Form and route"), f"{form.dutch} · {route.dutch}", Rect(LEFT, 12.7, MIDDLE - LEFT - 1, 2.5), SMALL)
    english = Rect(MIDDLE, 12.7, RIGHT - MIDDLE, 2.5)
    sheet.put(N_("Form and route"), f"{form.english} · {route.english}", english, SMALL)
    _rule(sheet, 15.5)


def _identity(sheet: Sheet, facts: LabelFacts) -> None:
    width = (MATRIX_COLUMN.x if facts.isbt_structures else CODE_COLUMN.x) - LEFT - 2
    if facts.isbt_structures:
        sheet.code(MATRIX_COLUMN, name=DATA_MATRIX)
    subject = Rect(LEFT, 16.4, width, 11.5)
    _slot(
        sheet,
        N_("Subject code"),
        "Proefpersoon / Subject",
        facts.subject_code,
        subject,
        Style(font=CODE, largest=27, smallest=11),
    )
    code = Style(font=CODE, largest=13, smallest=7)
    _slot(sheet, N_("Batch"), "Batchnummer / Batch", facts.batch, Rect(LEFT, 28.8, 47.0, 7.6), code)
    of = f"{facts.container}/{facts.containers}" if facts.containers else str(facts.container)
    _slot(
        sheet,
        N_("Container"),
        "Container",
        of,
        Rect(MIDDLE, 28.8, CODE_COLUMN.x - MIDDLE - 1, 7.6),
        Style(font=CODE, largest=13),
    )
    sheet.code(CODE_COLUMN)
    number = Rect(CODE_COLUMN.x, 34.6, CODE_COLUMN.width, 2.6)
    sheet.put(
        N_("Label number"), facts.short_number, number, Style(font=CODE, largest=7, smallest=5.25, align="centre")
    )


def _expiry(sheet: Sheet, facts: LabelFacts) -> None:
    name, top = N_("Expiry"), 37.7
    sheet.shape(Rect(LEFT, top, WIDTH, 9.4), line=0.5)
    caption = Rect(LEFT + 1.5, top + 0.9, 50.0, CAPTION_HEIGHT)
    sheet.put(name, "Niet gebruiken na / Do not use after", caption, CAPTION)
    utc = Style(font=CODE, largest=6.5, smallest=5.25, align="right")
    sheet.put(name, facts.expiry_utc_text, Rect(RIGHT - 36.5, top + 0.9, 35.0, 2.5), utc)
    value = Style(font=CODE, largest=18, smallest=12)
    sheet.put(name, facts.expiry_text, Rect(LEFT + 1.5, top + 3.0, WIDTH - 3, 6.4), value)


def _strength(sheet: Sheet, facts: LabelFacts) -> None:
    value = Style(font=BOLD, largest=12, smallest=8)
    _slot(sheet, N_("Volume"), "Volume", facts.volume_text, Rect(LEFT, 48.0, 22.0, 6.8), value)
    caption = "Vitale NK-cellen / Viable NK cells"
    _slot(sheet, N_("Viable NK cells"), caption, facts.strength_text, Rect(26.0, 48.0, 34.0, 6.8), value)
    name = N_("Additives")
    sheet.put(name, "Bevat / Contains", Rect(62.0, 48.0, 35.0, CAPTION_HEIGHT), CAPTION)
    _both(name, facts.additives, sheet, Rect(62.0, 50.2, 35.0, 4.6))


def _origin(sheet: Sheet, facts: LabelFacts) -> None:
    code = Style(font=CODE, largest=11, smallest=7)
    name, top = N_("Donation number"), 55.5
    registered = bool(facts.isbt_structures)
    caption = "Donatienummer (DIN) / Donation number" if registered else "Donatienummer / Donation number"
    several = Style(font=CODE, largest=11, smallest=6)
    style = several if JOINED in facts.donation_number else code
    _slot(sheet, name, caption, facts.donation_text, Rect(LEFT, top, 42.0, 6.6), style)
    if facts.donation_check:
        # The check character stands in a box of its own: it is typed, but it is not part of the number.
        sheet.shape(Rect(45.6, top + 1.8, 4.6, 4.6), line=0.3)
        box = Style(font=CODE, largest=11, smallest=7, align="centre")
        sheet.put(name, facts.donation_check, Rect(45.6, top + 2.3, 4.6, 4.1), box)
    _slot(sheet, N_("Donor code"), "Donor", facts.donor_code, Rect(MIDDLE, top, 23.0, 6.6), code)
    product = facts.isbt_product or facts.product_code
    _slot(sheet, N_("Product code"), "Product", product, Rect(76.0, top, 21.0, 6.6), code)
    _rule(sheet, 62.5)


def _handling(sheet: Sheet, facts: LabelFacts) -> None:
    top = 62.95
    for name, caption, text, x, width in (
        (N_("Storage"), "Bewaren / Storage", facts.storage, LEFT, MIDDLE - LEFT - 1),
        (N_("Directions for use"), "Gebruik / Directions", facts.directions, MIDDLE, RIGHT - MIDDLE),
    ):
        sheet.put(name, caption, Rect(x, top, width, CAPTION_HEIGHT), CAPTION)
        _both(name, text, sheet, Rect(x, top + 2.1, width, 4.4))


def _statements(sheet: Sheet, facts: LabelFacts) -> None:
    """Alarms as black bars over the whole width; the others in two columns, Dutch bold over English."""
    rows = statements(facts.warnings) if facts.warnings is not None else ()
    top = 70.0
    alarms = [row for row in rows if row.alarm]
    for row in alarms:
        top = _alarm(sheet, row, top) if len(alarms) == 1 else _narrow_alarm(sheet, row, top)
    if not alarms:
        _rule(sheet, 69.7)
        top = 70.5
    calm = [row for row in rows if not row.alarm]
    middle = len(calm) // 2
    pitch = min((87.9 - top) / (len(calm) - middle), 5.0)
    places = [Rect(LEFT, top + pitch * row, 48.0, pitch - 0.1) for row in range(middle)]
    places += [Rect(MIDDLE, top + pitch * row, RIGHT - MIDDLE, pitch - 0.1) for row in range(middle)]
    places += [Rect(LEFT, top + pitch * middle, WIDTH, pitch - 0.1)] * (len(calm) - 2 * middle)
    for row, place in zip(calm, places, strict=True):
        _both(N_("Statement"), Bilingual(row.dutch, row.english), sheet, place)


def _alarm(sheet: Sheet, row: Statement, top: float) -> float:
    """A black bar; returns where the next thing may begin."""
    height = 4.9 if row.detail else 3.2
    sheet.shape(Rect(LEFT, top, WIDTH, height))
    style = Style(font=BOLD, largest=7.0, smallest=5.25, align="centre", white=True)
    sheet.put(N_("Warning"), f"{row.dutch} · {row.english}", Rect(LEFT + 1, top + 0.35, WIDTH - 2, 2.5), style)
    detail = Style(largest=6.0, smallest=5.25, align="centre", white=True)
    sheet.put(N_("Reactive markers"), row.detail, Rect(LEFT + 1, top + 2.65, WIDTH - 2, 2.15), detail)
    return top + height + 0.4


def _narrow_alarm(sheet: Sheet, row: Statement, top: float) -> float:
    """One of several bars: everything in one line."""
    sheet.shape(Rect(LEFT, top, WIDTH, 2.8))
    style = Style(font=BOLD, largest=6.0, smallest=5.0, align="centre", white=True)
    text = f"{row.dutch} · {row.english}{': ' if row.detail else ''}{row.detail}"
    sheet.put(N_("Warning"), text, Rect(LEFT + 1, top + 0.35, WIDTH - 2, 2.3), style)
    return top + 3.1


def _responsible(sheet: Sheet, facts: LabelFacts) -> None:
    _rule(sheet, 88.1)
    top, step = 88.7, 2.19
    investigator = f"Onderzoeker / Investigator: {facts.investigator}"
    origin = f"{facts.template_version} · {facts.instance} · label {facts.issue}"
    for name, text, x, line, lines in (
        (N_("Trial code"), f"Studie / Trial: {facts.trial_code}", LEFT, 0, 1),
        (N_("Sponsor"), f"Sponsor: {facts.sponsor}", LEFT, 1, 1),
        (N_("Investigator"), investigator, LEFT, 2, 2),
        (N_("Contact"), f"Contact: {facts.contact_name}", MIDDLE, 0, 1),
        (N_("Address"), facts.contact_address, MIDDLE, 1, 1),
        (N_("Telephone"), f"Tel. {facts.contact_phone}", MIDDLE, 2, 1),
        (N_("Label template"), origin, MIDDLE, 3, 1),
    ):
        style = Style(largest=5.75, smallest=5.25, lines=lines)
        width = MIDDLE - LEFT - 1 if x == LEFT else RIGHT - MIDDLE
        sheet.put(name, text, Rect(x, top + step * line, width, step * lines), style)
