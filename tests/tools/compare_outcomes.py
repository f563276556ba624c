"""Hold the outcomes of two releases against each other, row by row.

    python tests/tools/compare_outcomes.py BEFORE/warehouse.duckdb AFTER/warehouse.duckdb [DIFFERENCES.csv]

A refactoring must change nothing: every row of `indicator.outcomes` (value, numerator, denominator, persons,
hidden, status, completeness and all else) is the same, decimals compared as numbers. What differs on purpose
stands in DIFFERENCES.csv as `id,column,reason`; everything else that differs is listed, and the exit code is 1.
"""

import csv
import sys
from collections import defaultdict

import duckdb

KEY = ("id", "level", "period", "sex", "breakdown")


def outcomes(path):
    """The rows by their key, and the names of the other columns."""
    connection = duckdb.connect(path, read_only=True)
    cursor = connection.execute("select * from indicator.outcomes")
    names = [column[0] for column in cursor.description]
    key = [names.index(name) for name in KEY]
    rest = [at for at in range(len(names)) if at not in key]
    rows = {tuple(row[at] for at in key): [row[at] for at in rest] for row in cursor.fetchall()}
    return rows, [names[at] for at in rest]


def main(before_file, after_file, allowed_file=None):
    allowed = {}
    if allowed_file:
        with open(allowed_file, encoding="utf-8") as lines:
            allowed = {(row["id"], row["column"]): row["reason"] for row in csv.DictReader(lines)}
    (before, columns), (after, others) = outcomes(before_file), outcomes(after_file)
    if columns != others:
        print(f"columns differ: {columns} → {others}")
        return 1
    found = defaultdict(list)
    for key in before.keys() | after.keys():
        if key not in after:
            found[(key[0], "only before")].append((key, before[key], None))
        elif key not in before:
            found[(key[0], "only after")].append((key, None, after[key]))
        else:
            for column, one, other in zip(columns, before[key], after[key]):
                if one != other:
                    found[(key[0], column)].append((key, one, other))
    print(f"rows: {len(before)} before, {len(after)} after")
    unexplained = 0
    for place, cases in sorted(found.items()):
        reason = allowed.get(place)
        key, one, other = min(cases, key=lambda case: str(case[0]))
        print(f"{place[0]}: {place[1]}, {len(cases)} rows, e.g. {'/'.join(map(str, key[1:]))}: {one} → {other}")
        print(f"    on purpose: {reason}" if reason else "    NOT EXPLAINED")
        unexplained += 0 if reason else len(cases)
    print("equal but for what is explained" if found and not unexplained else "equal" if not found else f"{unexplained} differences")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
