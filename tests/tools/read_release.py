"""Open a release read-only and read every table and view. Usage: TERTIAL_RELEASE=… read_release.py"""
import os

import duckdb

release = os.environ["TERTIAL_RELEASE"]
count = 0
for name in ("tertial.duckdb", "warehouse.duckdb"):
    with duckdb.connect(os.path.join(release, name), read_only=True) as connection:
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables order by 1, 2"
        ).fetchall()
        assert relations, f"{name} is empty"
        for schema, table in relations:
            connection.execute(f'select * from "{schema}"."{table}"').fetchmany(100_000)
            count += 1
        commented = connection.execute(
            "select count(*) from duckdb_columns() where comment is not null"
        ).fetchone()[0]
        assert commented > 50, f"{name} has comments on {commented} columns only"
print(f"{count} tables and views read by DuckDB {duckdb.__version__}")
