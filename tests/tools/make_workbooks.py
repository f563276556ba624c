"""Make the small XLS and ODS workbooks of the tests. Needs `xlwt` for the XLS ones; the ODS is written
part by part.

    python3 tests/tools/make_workbooks.py tests/golden/workbooks

Each holds a title, headings on row 3, a date, a code with leading noughts, a text merged over two rows,
a duration beyond a day, a number stored as text, an error, and an empty sheet beside. `andelar.xls`
holds what the formats of cells mean (shares in percent, thousands, currencies, a code with leading
noughts), formulas without a result, and a second sheet that nobody asks for.
"""
import datetime
import sys
import zipfile
from pathlib import Path

import xlwt

folder = Path(sys.argv[1])
HEADINGS = ["Dag", "Enhet", "Kod", "Belopp", "Tid"]


def old(name, date_1904):
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = date_1904
    sheet = book.add_sheet("Resor")
    book.add_sheet("Tomt")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    span = xlwt.easyxf(num_format_str="[h]:mm")
    sheet.write(0, 0, "Resor och utlägg 2024")
    for column, heading in enumerate(HEADINGS):
        sheet.write(2, column, heading)
    sheet.write(3, 0, datetime.date(2024, 8, 1), day)
    sheet.write_merge(3, 4, 1, 1, "Östersund")
    sheet.write(3, 2, "0070")
    sheet.write(3, 3, 1234.5)
    sheet.write(3, 4, 5.392361111111111, span)
    sheet.write(4, 0, datetime.date(2024, 2, 29), day)
    sheet.write(4, 2, "0605")
    sheet.write(4, 3, "−12,50")
    sheet.write(4, 4, 0.5, span)
    sheet.write(5, 0, datetime.date(2024, 1, 1), day)
    sheet.write(5, 1, "Åre")
    sheet.row(5).set_cell_error(3, 0x2A)
    book.save(str(folder / name))


def ods(name):
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{p}="{office}{p}:1.0"' for p in ("office", "table", "text"))

    def text(value, more=""):
        return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'

    def number(value):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    def date(value):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>{value}</text:p></table:table-cell>'

    def time(value):
        return f'<table:table-cell office:value-type="time" office:time-value="{value}"><text:p/></table:table-cell>'

    def row(*cells, more=""):
        return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"

    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = [
        row(text("Resor och utlägg 2024")),
        row(empty),
        row(*[text(heading) for heading in HEADINGS]),
        row(date("2024-08-01"), text("Östersund"), text("0070"), number("1234.5"), time("PT129H25M00S")),
        row(date("2024-02-29"), text("Östersund"), text("0605"), text("−12,50"), time("PT12H00M00S")),
        row(date("2024-01-01"), text("Åre"), '<table:table-cell/>', number("0.30000000000000004")),
        row(empty, more=' table:number-rows-repeated="1048000"'),
    ]
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="Resor">{"".join(rows)}</table:table>'
        f'<table:table table:name="Tomt"/></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{office}manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '</manifest:manifest>'
    )
    moment = (2024, 9, 16, 0, 0, 0)
    with zipfile.ZipFile(folder / name, "w") as archive:
        parts = [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED),
            ("META-INF/manifest.xml", manifest, zipfile.ZIP_DEFLATED),
            ("content.xml", content, zipfile.ZIP_DEFLATED),
        ]
        for part, words, packing in parts:
            archive.writestr(zipfile.ZipInfo(part, moment), words, packing)


def shares(name):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Andelar")
    for column, heading in enumerate(["Enhet", "Andel (%)", "Belopp", "Kod", "Summa"]):
        sheet.write(0, column, heading)
    shown = [
        ("Kök Nord", 35.5, "General", 12500, '#,##0," tkr"', 605),
        ("Kök Syd", 0.42, "0%", 10, '#,##0.00" kr"', 7),
        ("Kök Öst", 0.3075, "0.00%", 10, "#,##0.00\\ [$EUR]", 12345),
    ]
    for row, (unit, share, percent, amount, money, code) in enumerate(shown, 1):
        sheet.write(row, 0, unit)
        sheet.write(row, 1, share, xlwt.easyxf(num_format_str=percent))
        sheet.write(row, 2, amount, xlwt.easyxf(num_format_str=money))
        sheet.write(row, 3, code, xlwt.easyxf(num_format_str="0000"))
        sheet.write(row, 4, xlwt.Formula(f"C{row + 1}*2"))
    sheet.write(4, 0, "Kök Väst")
    sheet.write(4, 1, "28 %")
    sheet.row(4).set_cell_error(2, 0x17)
    other = book.add_sheet("Annat")
    other.write(0, 0, xlwt.Formula('HYPERLINK("x";"y")'))
    book.save(str(folder / name))


shares("andelar.xls")
old("resor.xls", False)
old("resor_1904.xls", True)
ods("resor.ods")
