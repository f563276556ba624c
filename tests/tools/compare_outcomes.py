"""Holds what two releases say of every figure against each other, row by row.

    python compare_outcomes.py BEFORE AFTER

Each is a project folder with a release in force. Compares every table that the program fills with what
became of a figure; prints how many rows each has and how many differ, and ends with 1 when any does.
For a change of the program that is to change no figure.
"""

import sys

import duckdb

TABLES = [
    "outcomes",
    "signals",
    "signal_points",
    "unit_panels",
    "unit_figures",
    "targets",
    "versions",
    "restatements",
    "published_judgements",
    "reporting_units",
]


def main(before: str, after: str) -> int:
    connection = duckdb.connect()
    for name, folder in (("before", before), ("after", after)):
        path = f"{folder}/data/releases/current/restricted/warehouse.duckdb"
        connection.execute(f"attach '{path}' as {name} (read_only)")
    differing = 0
    for table in TABLES:
        columns = connection.execute(
            "select string_agg('\"' || column_name || '\"', ', ' order by column_index) "
            "from duckdb_columns() where database_name = 'before' "
            "and schema_name = 'indicator' and table_name = $1",
            [table],
        ).fetchone()[0]
        rows = connection.execute(f"select count(*) from before.indicator.{table}").fetchone()[0]
        counts = []
        for one, other in (("before", "after"), ("after", "before")):
            query = (
                f"select count(*) from (select {columns} from {one}.indicator.{table} "
                f"except all select {columns} from {other}.indicator.{table})"
            )
            counts.append(connection.execute(query).fetchone()[0])
        differing += sum(counts)
        print(f"{table:<22} {rows:>7} rows, {counts[0]} only before, {counts[1]} only after")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
