"""The bench's results as Markdown: medians, and ratios of them. Usage: table.py RESULTS ROWS ROUNDS EXPORTS"""

import os
import platform
import statistics
import sys

PROGRAMS = [
    ("polars", "Polars scan → Parquet", "checks, keys, rejects, partitions, database, indicators"),
    ("receive", "`tertial receive`", "(takes the files in, hashes them)"),
    ("load", "`tertial load`", "(reads, types, checks every cell and key, sets aside, Parquet by month)"),
    ("duckdb", "DuckDB script", "rejects, keys, ranges and allowed values, provenance, audits, publishing"),
    ("run", "`tertial run`", "(the whole night, `receive` and `load` included)"),
    ("dlt", "dlt → DuckDB", "row-level rejects, keys, ranges and allowed values, partitions"),
    ("dbt", "dbt build, after dlt", "row-level rejects; tests only what a tester wrote"),
]
RATIOS = [("load", ["polars"]), ("run", ["duckdb"]), ("run", ["dlt", "dbt"])]


def read(path):
    runs = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, wall, user, system, peak = line.split()
            figures = (float(wall), float(user) + float(system), int(peak) / 1024)
            runs.setdefault(name, []).append(figures)
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in runs.items()}


def number(value, decimals):
    return f"{value:,.{decimals}f}".replace(",", " ")


def main():
    results, rows, rounds, exports = sys.argv[1:5]
    medians = read(results)
    exports = [os.path.join(exports, name) for name in os.listdir(exports)]
    size = sum(os.path.getsize(path) for path in exports) / 1e6
    print(
        f"Three exports of {number(int(rows), 0)}, {number(int(rows) // 2, 0)} and {number(int(rows), 0)} rows,"
        f" {number(size, 0)} MB; {os.cpu_count()} cores, {platform.machine()}; every line a whole process,"
        f" in turn, medians of {rounds} rounds. Seconds wander from machine to machine; the ratios are what counts."
    )
    print("\n| program | wall, s | CPU, s | peak memory, MB | what it does not do |\n|---|--:|--:|--:|---|")
    for name, label, lacks in PROGRAMS:
        if name in medians:
            wall, cpu, peak = medians[name]
            print(f"| {label} | {number(wall, 2)} | {number(cpu, 2)} | {number(peak, 0)} | {lacks} |")
    print("\n| ratio | wall | CPU | peak memory |\n|---|--:|--:|--:|")
    labels = {name: label for name, label, _ in PROGRAMS}
    for ours, others in RATIOS:
        if ours not in medians or any(other not in medians for other in others):
            continue
        theirs = [medians[other] for other in others]
        bases = (sum(t[0] for t in theirs), sum(t[1] for t in theirs), max(t[2] for t in theirs))
        ratios = " | ".join(f"{mine / base:.2f}" for mine, base in zip(medians[ours], bases))
        print(f"| {labels[ours]} ÷ {' + '.join(labels[other] for other in others)} | {ratios} |")


main()
