"""What a scanner that types as on an American keyboard leaves on a computer with another layout (labels 4.4).

A layout is told key by key, unshifted and shifted, in the order of ``US``. ``NOTHING``: the key types nothing.
A dead key waits for the next one: with a letter it makes an accented one, otherwise both appear.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from kernel.refusals import N_

US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
NOTHING = "\x00"
ACCENTS = {"´": "\u0301", "`": "\u0300", "^": "\u0302", "¨": "\u0308", "~": "\u0303", "'": "\u0301", '"': "\u0308"}
INTERNATIONAL = N_("US-International")
AGREES = N_("the layouts agree")
UNKNOWN = N_("a layout that is not known here")


@dataclass(frozen=True, slots=True)
class Layout:
    """``dead``: the characters whose keys wait for the next one."""

    title: str
    keys: str
    dead: frozenset[str] = frozenset()


LAYOUTS = (
    Layout(
        N_("British"),
        "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./" + '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
    ),
    Layout(
        N_("German"),
        "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-" + "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
        frozenset("^´`"),
    ),
    Layout(
        N_("French"),
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!" + NOTHING + "1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
        frozenset("^¨"),
    ),
    Layout(
        N_("Italian"),
        "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-" + '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_',
    ),
    Layout(
        N_("Spanish"),
        "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-" + 'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_',
        frozenset("`´^¨"),
    ),
    Layout(INTERNATIONAL, US, frozenset("`~'^\"")),
)
# Every printable ASCII character once. No sign that a dead key types stands last, and none of the ends is a space.
SETUP_TEXT = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ [\\]^_`{|}~" + "abcdefghijklmnopqrstuvwxyz"


@cache
def key_map(layout: Layout) -> dict[str, str]:
    """From the character that was meant to the one that appears; a space stays one."""
    return dict(zip(US, layout.keys, strict=True)) | {" ": " "}


def typed(text: str, layout: Layout, *, dead_keys: bool = True) -> str:
    """What appears when the scanner types ``text``. ``dead_keys``: whether they make letters, as people's typing does."""
    shown: list[str] = []
    waiting = ""
    for character in text:
        appears = key_map(layout).get(character, character)
        if appears == NOTHING:
            continue
        if waiting:
            shown.append(accented(waiting, appears))
            waiting = ""
        elif dead_keys and appears in layout.dead:
            waiting = appears
        else:
            shown.append(appears)
    return "".join(shown) + waiting


def accented(dead: str, after: str) -> str:
    """One accented letter where the layouts of Western Europe have it, the sign alone before a space, else both."""
    if after == " ":
        return dead
    made = unicodedata.normalize("NFC", after + ACCENTS[dead])
    return made if len(made) == 1 and ord(made) < 0x100 else dead + after


def meant(text: str, layout: Layout) -> str:
    """What the scanner sent, if this is what appeared: :func:`typed` the other way round."""
    back = {shown: key for key, shown in key_map(layout).items()}
    signs = {mark: sign for sign, mark in ACCENTS.items() if sign in layout.dead}
    parts: list[str] = []
    for character in text:
        apart = unicodedata.normalize("NFD", character)
        base, mark = apart[:1], apart[1:]
        if character not in back and mark in signs:
            parts.append(back.get(signs[mark], "") + back.get(base, base))
        else:
            parts.append(back.get(character, character))
    return "".join(parts)


def other_case(text: str) -> str:
    """What Caps Lock makes of it: letters that have another case, one for one."""
    return "".join(one.swapcase() if one.swapcase().swapcase() == one else one for one in text)


@dataclass(frozen=True, slots=True)
class SetupResult:
    """``layout``: words for a person. ``labels_read``: the letters of a product label arrive. ``all_read``: everything."""

    layout: str
    caps_lock: bool
    enter: bool
    labels_read: bool
    all_read: bool


def judge_setup(text: str, letters: str) -> SetupResult:
    """What arrived of the set-up label. ``letters``: those that a product label consists of.

    Caps Lock turns every letter round, which product labels survive and other codes do not.
    """
    body = text.strip("\r\n\t")
    enter = text.endswith(("\r", "\n"))
    for caps_lock in (False, True):
        upright = other_case(body) if caps_lock else body
        if upright == SETUP_TEXT:
            return SetupResult(AGREES, caps_lock, enter, labels_read=True, all_read=not caps_lock)
        for layout in LAYOUTS:
            if upright in {typed(SETUP_TEXT, layout), typed(SETUP_TEXT, layout, dead_keys=False)}:
                kept = all(key_map(layout)[letter] == letter for letter in letters)
                return SetupResult(layout.title, caps_lock, enter, labels_read=kept, all_read=False)
    return SetupResult(UNKNOWN, caps_lock=False, enter=enter, labels_read=False, all_read=False)
