# SPDX-License-Identifier: MIT
"""Values of layouts §1.6: amounts, dates, flags, texts, cost types; what cannot be read raises Bad with the finding's code."""
import datetime, re
from decimal import Decimal, getcontext

getcontext().prec = 60

UNREAD = object()  # stands for a value that was given and could not be read: rules that need it are not evaluated


class Bad(Exception):
    """A value that is refused; args[0] is the code."""


#        project side  name, CMiC, Acumatica, MRI
TYPES = {"L": ("Labor", "LAB", "LABOR", "LAB"), "E": ("Equipment", "EQP", "EQUIP", "EQP"), "M": ("Materials", "MAT", "MATERIAL", "MAT"),
         "S": ("Subcontract", "SUB", "SUBCON", "SUB"), "OC": ("Other", "OTC", "OTHER", "OTC"), "SVC": ("Services", "SVC", "SERVICE", "SVC"),
         "O": ("Overhead", "OVH", "OVERHEAD", "OVH")}
ERP_COLUMN = {"cmic": 1, "acumatica": 2, "mri": 3}
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def type_to_erp(erp, t):
    return TYPES[t][ERP_COLUMN[erp]]


def type_from_erp(erp, code):
    return next((t for t, row in TYPES.items() if row[ERP_COLUMN[erp]] == code), None)


def number(text, scale, digits, too_long, money=False):
    """An exact decimal; `money` allows what the project side's CSV writes ($, grouping, no zero before the point)."""
    t = text
    if money:
        t = t[1:] if t.startswith("$") else t
    m = re.fullmatch(r"(-?)([0-9]*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?" if money else r"(-?)([0-9]+)(?:\.([0-9]+))?", t)
    if not m or not (m.group(2) or m.group(3)):
        raise Bad("F-21")
    whole, part = (m.group(2) or "").replace(",", ""), m.group(3) or ""
    if part[scale:].strip("0"):
        raise Bad("F-22")
    if len(whole) > digits:
        raise Bad(too_long)
    v = Decimal((whole or "0") + "." + (part[:scale] or "0"))
    return -v if m.group(1) and v else v


def day(y, m, d):
    try:
        return datetime.date(int(y), int(m), int(d))
    except ValueError:
        raise Bad("F-21")


def date(text, how):
    """how: us (M/D/YYYY), iso, mri (iso, or with T00:00:00), cmic (DD-MON-YYYY), dc (YYYYMMDD), acu (three forms)."""
    forms = {"us": [r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})"], "iso": [r"([0-9]{4})-([0-9]{2})-([0-9]{2})"],
             "mri": [r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T00:00:00)?"], "cmic": [r"([0-9]{2})-([A-Z]{3})-([0-9]{4})"],
             "dc": [r"([0-9]{4})([0-9]{2})([0-9]{2})"],
             "acu": [r"([0-9]{2})\.([0-9]{2})\.([0-9]{4}) [0-9]{2}:[0-9]{2}",
                     r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3})?"]}[how]
    for form in forms:
        m = re.fullmatch(form, text)
        if m:
            a, b, c = m.groups()
            if how == "us":
                return day(c, a, b)
            if how == "cmic":
                if b not in MONTHS:
                    raise Bad("F-21")
                return day(c, MONTHS.index(b) + 1, a)
            return day(c, b, a) if len(a) == 2 else day(a, b, c)
    raise Bad("F-21")


def word(text, table):
    if text not in table:
        raise Bad("F-21")
    return table[text]


FLAGS = {"yes": {"Yes": True, "No": False}, "true": {"true": True, "false": False}, "Y": {"Y": True, "N": False},
         "1": {"1": True, "0": False, "True": True, "False": False}}


def text(t, limit=255):
    if any(ord(c) < 32 and c not in "\t\r\n" for c in t):
        raise Bad("F-26")
    if limit and len(t) > limit:
        raise Bad("F-29")
    return t


# kind -> function(text); the dialect fills in what differs between senders
def reader(kind, dates, flags, money):
    if isinstance(kind, dict):
        return lambda t: word(t, kind)
    return {"text": text, "check": text, "long": lambda t: text(t, None), "code": text,
            "amount": lambda t: number(t, 2, 16, "F-22", money), "qty": lambda t: number(t, 4, 8, "E-39", money),
            "cost": lambda t: number(t, 4, 10, "E-39", money), "pct": lambda t: number(t, 4, 3, "F-22", money),
            "date": lambda t: date(t, dates), "flag": lambda t: word(t, FLAGS[flags]), "int": whole}[kind]


def whole(t):
    if not re.fullmatch(r"-?[0-9]{1,18}", t):
        raise Bad("F-21")
    return int(t)


def half_up(v, places):
    q = Decimal(1).scaleb(-places)
    return v.quantize(q, rounding="ROUND_HALF_UP")


def fixed(v, places):
    """Fixed places, never -0; None stays an empty cell."""
    if v is None:
        return ""
    s = format(v.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP"), "f")
    return s[1:] if s.startswith("-") and not s.strip("-0.") else s


def _ascii_table():
    out = {}
    rows = ("À Á Â Ã Ä Å Ā Ă Ą→A, Æ→AE, Ç Ć Ĉ Ċ Č→C, Ð Ď Đ→D, È É Ê Ë Ē Ĕ Ė Ę Ě→E, Ĝ Ğ Ġ Ģ→G, Ĥ Ħ→H, Ì Í Î Ï Ĩ Ī Ĭ Į İ→I, Ĵ→J, Ķ→K, "
            "Ĺ Ļ Ľ Ŀ Ł→L, Ñ Ń Ņ Ň→N, Ò Ó Ô Õ Ö Ø Ō Ŏ Ő→O, Œ→OE, Ŕ Ŗ Ř→R, Ś Ŝ Ş Š→S, Ţ Ť Ŧ→T, Ù Ú Û Ü Ũ Ū Ŭ Ů Ű Ų→U, Ŵ→W, Ý Ŷ Ÿ→Y, Ź Ż Ž→Z")
    for row in rows.split(", "):
        letters, to = row.split("→")
        for c in letters.split():
            out[c] = to
            if len(c.lower()) == 1:
                out[c.lower()] = to.lower()
    out.update({"ß": "ss", "Þ": "TH", "þ": "th", "ð": "d", "ı": "i", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "€": "EUR",
                "'": "", "’": "", "‘": ""})
    return out


ASCII = _ascii_table()


def to_ascii(t):
    return "".join(ASCII.get(c, c if ord(c) < 128 else "?") for c in t)
