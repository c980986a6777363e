# SPDX-License-Identifier: MIT
"""Words, names and awkward values for generated worlds; all invented."""

TITLES = ["Earthwork & paving", "Roofing \"cold\" deck", "O'Neil façade package", "Mechanical – phase 2", "Structural steel, erection", "Łódź ½ ton crane",
          "Glazing — “north”", "5th floor; fit-out", "Site\twork", "Two\nline title", "Straße & Söhne", "Ærø þak ðe", "漢字 sign", "x" * 60, "y" * 61,
          "’quoted’", "=SUM(A1)", "  ", "é" * 60, "ß" * 31, "a" * 200, "b" * 201, "c" * 255, "No-break\u00a0blank", "…and so on", "€ 5", "a,b;c|d", "\"",
          "<NEW>", "A & B <C>", "Crane 1\r\nCrane 2"]
PLAIN = ["Footings, grid 7", "Decking level 4", "Panel \"5\" supply", "Façade bay 4", "Mobilization", "Slab on grade 9", "Embeds & anchors for the north stair",
         "Rough-in area 8", "", "z" * 30, "z" * 31, "Allowance's rest", "tab\there", "line\nbreak", "w" * 255, "v" * 256, "u" * 60 + "’", "Owner’s"]
COMPANIES = ["O'Hara Électrique, Inc.", "Cedar Masonry LLC", "Müller & Søn A/S", "Northway Plumbing Ltd", "Núñez \"Tile\" Works", "Keystone Steel, LLC",
             "Łódź Stalmont Sp. z o.o.", "Juniper Masonry Co.", "Dvořák Stavby", "Quarry; Mechanical", "Anchor\tBolts", "n" * 60, "Örebro — Bygg",
             "Ünal İnşaat", "“Best” Paint", "Fjord & Fell", "Ŵelsh Ŷard", "Cœur Béton"]
PLACES = [("Fargo", "ND", "58102", "US"), ("Boston", "MA", "02110", "US"), ("Québec", "QC", "G1R 1A1", "CA"), ("Duluth", "MN", "55802", ""),
          ("Superior, East", "WI", "54880-1234", "US"), ("", "", "", "")]
STREETS = ["77 Quai d'Orsay", "905 Mill Street", "5th Avenue, Suite 4", "Käthe-Weg 3", "1 " + "Long " * 9 + "Road", ""]
CODES = [("01-1000", "General Conditions"), ("01-3120", "Project Manager"), ("01-5000", "Temporary Facilities"), ("02-4100", "Demolition"),
         ("03-1100", "Formwork, Beams"), ("03-3000", "Cast-in-Place Concrete"), ("04-2000", "Unit Masonry"), ("05-1200", "Structural \"Steel\""),
         ("05-5000", "Métal Fabrications"), ("06-1000", "Rough Carpentry"), ("07-5000", "Membrane Roofing"), ("08-4400", "Curtain Wall"),
         ("09-2900", "Gypsum; Board"), ("10-01318", "Signage")]
NAMES = ["Delta Clinic", "Cobalt Terminal", "Keystone School", "Anchor Clinic", "Harbor Façade", "Falcon \"Two\"", "p" * 30, "Quarry’s Edge"]
UOMS = ["EA", "sf", "TN", "HR", "LS", "cy"]
AMOUNT_FAULTS = ["1.005", "12345678901234567", "abc", "1e5", "", "(5.00)", "+5.00", "1,23.00", "5.", "12.34 USD", "0x10", "--5", "1 000.00", "-"]
AMOUNT_ODDITIES = ["$3,500.00", "$-731.29", "$.00", ".5", "$-.05", "1234567890123456.78", "-0.00", "0", "7.1000", "1,234,567.8", "-1234.5"]
DATE_FAULTS = ["2/30/2026", "13/01/2026", "2026-01-31", "01-02-2026", "1/1/26", "today", "00/10/2026", "02/29/2025"]
