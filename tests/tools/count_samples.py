"""Count what the sample files hold, by other means than the program: only Python's own modules.

    python3 tests/tools/count_samples.py SAMPLES > tests/golden/sample_counts.csv

Which format a file has, how it is written and why it must be refused was decided by eye and stands
in the tables below; the counts come from the files. A line of the result is a part of a file that
is read, or a file that is refused:

    file        below the folder of samples
    format      the reader that a pipeline would name; `none` for a note that is no delivery
    header_row  agreed row of the headings, empty = found by the reader
    code        diagnostic of a refusal, empty = the file is read
    reason      words that the refusal must hold
    part        name of the part, empty = the file's only one
    columns, rows
    filled      cells that hold anything
    letters     characters of all cells together, empty = not counted
    sum_of, sum a column and the exact sum of the numbers in it
"""
import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal, InvalidOperation
from pathlib import Path

CATALOGUE = "an entry of Kolada's catalogue"
WITH_HEADERS = "an HTTP answer with its headers"
REFUSED = {
    "sie/HAS1_1412.se": ("sie", "T0102", "an HTML page"),
    "sie/SampleEntry.sie": ("sie", "T0112", "SIE 5 (XML)"),
    "scb/tab4242_metadata_v2.json": ("json_stat", "T0102", "description without values"),
    "scb/tables_v2.json": ("json_stat", "T0102", "`tables`"),
    "scb/config_v2.json": ("json_stat", "T0102", "`maxDataCells`"),
    "scb/agg_alder10arj_codelist.json": ("json_stat", "T0102", "`id`, `label`"),
    "scb/befolkningny_metadata_v1.json": ("json_stat", "T0102", "`title`, `variables`"),
    "scb/json_query_example.json": ("json_stat", "T0102", "`query`, `response`"),
    "scb/json_query_agg_example.json": ("json_stat", "T0102", "`query`, `response`"),
    "fohm/mobbning_metadata_v1.json": ("json_stat", "T0102", "`title`, `variables`"),
    "kolada/kpi_region_subset.json": ("kolada", "T0102", CATALOGUE),
    "kolada/municipality_type_L.json": ("kolada", "T0102", CATALOGUE),
    "smhi/metobs_data.txt": ("smhi", "T0102", WITH_HEADERS),
    "smhi/metobs_parameters.txt": ("smhi", "T0102", WITH_HEADERS),
    "smhi/metobs_periods.txt": ("smhi", "T0102", WITH_HEADERS),
    "smhi/metobs_stations.txt": ("smhi", "T0102", WITH_HEADERS),
}
# Delimiter and column of numbers of the delimited files; a comma where nothing is said.
SEMICOLONS = {
    "fohm/population_2000_2025.csv",
    "fohm/population_by_region_age_2025.csv",
    "golden/kolada_n00404_riket.csv",
    "golden/lakemedelskostnad_per_invanare_2017.csv",
    "golden/normalgraddagar_norrtalje.csv",
    "golden/resultatrakning_hallsberg_2019.csv",
    "golden/rjh_nyckeltalskort.csv",
    "golden/sie_counts.csv",
    "misc/scb_nettokostnad_regioner_2018_2022.csv",
    "socialstyrelsen/adhd_lakemedel_long.csv",
    "vgr_ledger/vgr_sample.csv",
}
SUMMED = {
    "golden/normalgraddagar_norrtalje.csv": "normalgraddagar",
    "golden/kolada_n00404_riket.csv": "varde",
    "golden/kolada_n70001_regioner_2024.csv": "kr_per_inhabitant_2024",
    "misc/Bolagsverket_2024_02_12.csv": "Aktiebolag",
    "misc/Bolagsverket_2024_12_11.csv": "Aktiebolag",
    "socialstyrelsen/adhd_lakemedel_long.csv": "Patienter/1000 invånare",
    "spc/airpassengers.csv": "passengers_thousand",
    "spc/mk_series.csv": "value",
    "vgr_ledger/vgr_sample.csv": "nettobelopp",
}
# Sheet, row of the headings that a person sees, whether it must be agreed, column of numbers.
WORKBOOKS = {
    "misc/KPI.xlsx": [("KPI", 1, False, None)],
    "misc/arbetsloshet_kommun.xlsx": [("Arbetsloshet kommun", 1, False, None)],
    "misc/Tillvaxtananalys_2024_08_21.xlsx": [("BE0101G9", 3, True, "antal nystartade företag")],
    "socialstyrelsen/ekonomiskt_bistand_2024-05-08.xlsx": [("Tabell", 2, False, "Antal hushåll")],
    "socialstyrelsen/ekonomiskt_bistand_2024-12-03.xlsx": [("Tabell", 2, False, "Antal hushåll")],
    "socialstyrelsen/ekonomiskt_bistand_2025-01-31.xlsx": [("Tabell", 2, False, "Antal hushåll")],
}
SIE_PARTS = {
    "accounts": ["KONTO"],
    "dimensions": ["DIM", "UNDERDIM"],
    "objects": ["OBJEKT"],
    "balances": ["IB", "UB", "RES", "OIB", "OUB"],
    "period_balances": ["PSALDO", "PBUDGET"],
    "vouchers": ["VER"],
    "transactions": ["TRANS"],
}
PAXML_PARTS = {
    "time": ("tidtransaktioner", "tidtrans", "hours", "timmar"),
    "schedule": ("schematransaktioner", "dag", "hours", "timmar"),
    "salary": ("lonetransaktioner", "lonetrans", "amount", "belopp"),
    "travel": ("resetransaktioner", "resetrans", None, None),
    "persons": ("personal", "person", None, None),
    "dimensions": ("dimensioner", "dimension", None, None),
    "units": ("resultatenheter", "resultatenhet", None, None),
}


def number(text):
    try:
        return Decimal((text or "").strip())
    except InvalidOperation:
        return None


def total(texts):
    return sum((found for found in map(number, texts) if found is not None), Decimal(0))


def table(headings, rows, summed=None):
    """Columns, rows, filled cells, letters and a sum; cells are texts or None."""
    cells = [cell for row in rows for cell in row if cell is not None]
    found = {
        "columns": len(headings),
        "rows": len(rows),
        "filled": sum(1 for cell in cells if cell != ""),
        "letters": sum(len(cell) for cell in cells),
    }
    if summed:
        at = headings.index(summed)
        found.update(sum_of=summed, sum=total(row[at] for row in rows))
    return found


def delimited(name, data):
    text = data.decode("utf-8-sig")
    delimiter = ";" if name in SEMICOLONS else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    assert all(len(row) == len(rows[0]) for row in rows), name
    return [("csv", "", table(rows[0], rows[1:], SUMMED.get(name)))]


def cube(headings, keys, values, statuses):
    rows = [[*key, value, status] for key, value, status in zip(keys, values, statuses)]
    return table(headings + ["value", "status"], rows, "value")


def product(lists):
    keys = [[]]
    for codes in lists:
        keys = [key + [code] for key in keys for code in codes]
    return keys


def json_stat(data):
    root = json.loads(data.decode("utf-8-sig"), parse_int=str, parse_float=str)
    if "columns" in root:
        headings = [column["code"] for column in root["columns"]]
        rows = [row["key"] + row["values"] for row in root["data"]]
        return [("json_stat", "", table(headings, rows, headings[-1]))]
    lists = []
    for name in root["id"]:
        index = root["dimension"][name]["category"].get("index")
        if index is None:
            index = list(root["dimension"][name]["category"]["label"])
        if isinstance(index, dict):
            index = sorted(index, key=lambda code: int(index[code]))
        lists.append(index)
    keys = product(lists)
    values = root["value"]
    if isinstance(values, dict):
        values = [values.get(str(at)) for at in range(len(keys))]
    status = root.get("status") or {}
    if isinstance(status, list):
        status = {str(at): text for at, text in enumerate(status)}
    statuses = [status.get(str(at)) for at in range(len(keys))]
    assert len(values) == len(keys)
    return [("json_stat", "", cube(root["id"], keys, values, statuses))]


def px(data):
    page = re.search(rb'CODEPAGE="([^"]+)"', data)
    text = data.decode(page.group(1).decode() if page else "cp1252")
    head, cells = re.split(r"^DATA=", text, maxsplit=1, flags=re.M)

    def values(keyword, variable=None):
        key = f'("{re.escape(variable)}")' if variable else ""
        key = re.escape(keyword) + (rf'\("{re.escape(variable)}"\)' if variable else "")
        found = re.search(rf"^{key}=((?:\"[^\"]*\"|[^;\"])*);", head, flags=re.M)
        if not found:
            return None
        joined = re.sub(r'"\s*\n\s*"', "", found.group(1))
        return re.findall(r'"([^"]*)"', joined)

    variables = (values("STUB") or []) + (values("HEADING") or [])
    codes = [values("CODES", name) or values("VALUES", name) for name in variables]
    names = [(values("VARIABLECODE", name) or [name])[0] for name in variables]
    tokens = re.findall(r'"[^"]*"|[^\s;,"]+', cells.split(";")[0])
    keys = product(codes)
    assert len(tokens) == len(keys)
    symbols = [token.strip('"') if token.startswith('"') else None for token in tokens]
    numbers = [None if token.startswith('"') else token for token in tokens]
    return [("px", "", cube(names, keys, numbers, symbols))]


def kolada(data):
    root = json.loads(data, parse_int=str, parse_float=str)
    pages = root if isinstance(root, list) else [root]
    headings = "kpi municipality period gender value status count isdeleted".split()

    def text(value):
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value

    rows = []
    for entry in (entry for page in pages for entry in page["values"]):
        outer = [entry["kpi"], entry.get("municipality", entry.get("ou")), entry["period"]]
        for value in entry["values"]:
            inner = [value.get(name) for name in headings[3:]]
            rows.append([text(cell) for cell in outer + inner])
    return [("kolada", "", table(headings, rows, "value"))]


def socialstyrelsen(data):
    root = json.loads(data, parse_int=str, parse_float=str)
    pages = root if isinstance(root, list) else [root]
    rows = [row for page in pages for row in page["data"]]
    headings = list(rows[0])
    cells = [[row.get(name) for name in headings] for row in rows]
    return [("socialstyrelsen", "", table(headings, cells, "varde"))]


def smhi(data):
    lines = data.decode("utf-8-sig").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(("Datum;", "Från Datum")))
    rows = []
    for line in lines[start + 1 :]:
        cells = line.split(";")
        if len(cells) > 3:
            moment = f"{cells[0]} {cells[1]}"
            rows.append([moment, moment, cells[0], cells[2], cells[3]])
    return [("smhi", "", table(["from", "to", "ref_date", "value", "quality"], rows, "value"))]


def paxml(data):
    root = ElementTree.fromstring(data)
    parts = []
    for part, (section, row, column, element) in PAXML_PARTS.items():
        rows = root.findall(f".//{section}//{row}")
        if not rows:
            continue
        found = {"rows": len(rows)}
        if column:
            texts = [one.get(element) or one.findtext(element) for one in rows]
            found.update(sum_of=column, sum=total(texts))
        parts.append(("paxml", part, found))
    return parts


def sie_fields(line):
    """The fields of a record; an object list is a list."""
    fields, at = [], 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        elif line[at] == '"':
            end, text = at + 1, ""
            while end < len(line) and line[end] != '"':
                end += line[end] == "\\" and end + 1 < len(line)
                text += line[end]
                end += 1
            fields.append(text)
            at = end + 1
        elif line[at] == "{":
            end = line.index("}", at)
            fields.append(sie_fields(line[at + 1 : end]))
            at = end + 1
        else:
            end = at
            while end < len(line) and line[end] not in ' \t{"':
                end += 1
            end = max(end, at + 1)
            fields.append(line[at:end])
            at = end
    return fields


def sie(data):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp437")
    records = {}
    for line in re.split(r"[\r\n]+", text):
        label = re.match(r"\s*#([A-Z]+)", line)
        if label:
            records.setdefault(label.group(1), []).append(line[label.end() :])
    parts = []
    for part, labels in SIE_PARTS.items():
        rows = [row for label in labels for row in records.get(label, [])]
        if not rows:
            continue
        found = {"rows": len(rows)}
        if part == "transactions":
            fields = [[one for one in sie_fields(row) if not isinstance(one, list)] for row in rows]
            found.update(sum_of="amount", sum=total(one[1] for one in fields if len(one) > 1))
        parts.append(("sie", part, found))
    return parts


def shown(text):
    """A stored number as a sheet shows it."""
    plain = repr(float(text))
    return plain[:-2] if plain.endswith(".0") else plain


def workbook(name, data):
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    archive = zipfile.ZipFile(io.BytesIO(data))
    texts = []
    if "xl/sharedStrings.xml" in archive.namelist():
        for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")):
            runs = [item] + item.findall(f"{space}r")
            texts.append("".join(run.findtext(f"{space}t") or "" for run in runs))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target") for link in links}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    paths = {sheet.get("name"): targets[sheet.get(relation)] for sheet in book.iter(f"{space}sheet")}
    parts = []
    for sheet, header_row, agreed, summed in WORKBOOKS[name]:
        rows = {}
        path = paths[sheet].lstrip("/")
        path = path if path.startswith("xl/") else f"xl/{path}"
        for cell in ElementTree.fromstring(archive.read(path)).iter(f"{space}c"):
            letters, row = re.fullmatch(r"([A-Z]+)([0-9]+)", cell.get("r")).groups()
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            value = cell.findtext(f"{space}v")
            if cell.get("t") == "inlineStr":
                value = "".join(one.text or "" for one in cell.iter(f"{space}t"))
            elif value is not None and cell.get("t") == "s":
                value = texts[int(value)]
            elif value is not None and cell.get("t") in (None, "n"):
                value = shown(value)
            if value:
                rows.setdefault(int(row), {})[column] = value
        last = max(column for column, text in rows[header_row].items() if text.strip())
        below = [cells for row, cells in rows.items() if row >= header_row]
        first = min(column for cells in below for column, text in cells.items() if text.strip())
        columns = range(first, last + 1)
        headings = [rows[header_row].get(column, "") for column in columns]
        body = [rows[row] for row in sorted(rows) if row > header_row]
        cells = [[one.get(column) for column in columns] for one in body]
        cells = [row for row in cells if any(cell and cell.strip() for cell in row)]
        parts.append((("xlsx", header_row if agreed else ""), sheet, table(headings, cells, summed)))
    return parts


def parts(name, data):
    folder, ending = name.split("/")[0], name.rsplit(".", 1)[-1].lower()
    if folder == "sie":
        return sie(data)
    if folder == "paxml":
        return paxml(data)
    if folder == "kolada":
        return kolada(data)
    if folder == "smhi":
        return smhi(data)
    if ending == "px":
        return px(data)
    if ending == "xlsx":
        return workbook(name, data)
    if ending == "json":
        return socialstyrelsen(data) if folder == "socialstyrelsen" else json_stat(data)
    return delimited(name, data)


def main():
    samples = Path(sys.argv[1])
    columns = "file format header_row code reason part columns rows filled letters sum_of sum".split()
    writer = csv.DictWriter(sys.stdout, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for path in sorted(path for path in samples.rglob("*") if path.is_file()):
        name = path.relative_to(samples).as_posix()
        if path.suffix == ".md":
            writer.writerow({"file": name, "format": "none"})
            continue
        if name in REFUSED:
            kind, code, reason = REFUSED[name]
            writer.writerow({"file": name, "format": kind, "code": code, "reason": reason})
            continue
        for kind, part, found in parts(name, path.read_bytes()):
            kind, header_row = kind if isinstance(kind, tuple) else (kind, "")
            if header_row != "":
                refusal = {"code": "T0102", "reason": "looks like headings"}
                writer.writerow({"file": name, "format": kind, **refusal})
            row = {"file": name, "format": kind, "header_row": header_row, "part": part, **found}
            writer.writerow(row)


main()
