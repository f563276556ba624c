"""Runs the portable set of a project on two engines, and holds the answers against each other.

    python portable.py PROJECT [--program TERTIAL]   every measure and every indicator's query
    python portable.py --differences [--write]       what the engines answer in different ways
    python portable.py --rule [PROJECT]              which queries use what they must not

The portable set is `sql/measure/*.sql` and the queries of the indicators, as `tertial explain ID --sql`
prints them. The other engine is Sail in cluster mode: a driver and three workers, each with a server of
its own, that exchange rows over the network (here the loopback).

PROJECT is a project folder with a release in force. The tables of `core` and `seed` are written as Parquet,
which is all that Sail is given. It runs the measures and writes their rows as Parquet; on these it runs the
indicators and writes theirs. DuckDB lays what Sail has written beside the tables of the warehouse and counts
the rows that only one of them has, with `except all`: a row that is there twice counts twice, and nothing
is equal to nothing. Decimals are compared as decimals, in a type wide enough for both. No number is turned
into a float, and a column that is a decimal here and a float there is a difference, whatever it holds.

`constructs.py` lists what the engines answer in different ways; `docs/concepts/scale.md` shows the answers.
The rule forbids what the text shows of it, also in queries that follow from a definition.

Ends with 1 when a query differs that is not in `EXCEPTIONS`, and when one in `EXCEPTIONS` does not.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs import AGREED, CONSTRUCTS, Construct

WORKERS = 3
PAGE = Path(__file__).resolve().parents[2] / "docs/concepts/scale.md"

# Queries that Sail cannot run or answers otherwise, and why they stay as they are.
EXCEPTIONS: dict[str, str] = {}

INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
FLOATS = {"FLOAT", "DOUBLE"}


@dataclass(frozen=True)
class Query:
    """A query of the portable set, by the name of its table in the warehouse."""

    name: str
    text: str


def main() -> int:
    asked = arguments()
    if asked.rule:
        return rule(asked.project or Path("."))
    try:
        import duckdb  # noqa: F401
        import pysail  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError as missing:
        return refused(f"{missing}: this needs the packages that .ci/run names for `venv sail`")
    if asked.differences:
        return differences(asked.write)
    return compare(asked.project, shlex.split(asked.program))


def refused(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", nargs="?", type=Path, help="project folder")
    parser.add_argument("--program", default="tertial", help="how the program is called")
    parser.add_argument("--differences", action="store_true", help="hold the page against both engines")
    parser.add_argument("--write", action="store_true", help="with --differences: write the page anew")
    parser.add_argument("--rule", action="store_true", help="scan the queries, run nothing")
    asked = parser.parse_args()
    if not (asked.project or asked.differences or asked.rule):
        parser.error("which project?")
    return asked


# --- every query, on both engines


def compare(project: Path, program: list[str]) -> int:
    import duckdb

    begin = time.monotonic()
    warehouse = project / "data/releases/current/restricted/warehouse.duckdb"
    if not warehouse.exists():
        return refused(f"{warehouse}: no release is in force there; run the night first")
    if shutil.which(program[0]) is None:
        return refused(f"{program[0]}: no such program; name it with `--program`")
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as duck, cluster() as spark:
        duck.execute(f"attach '{warehouse}' as release (read_only)")
        queries = measures(project) + indicators(project, duck, program)
        lake = Path(scratch)
        for schema in ("core", "seed", "measure"):
            spark.sql(f"create database {schema}")
        for table in tables(duck, "core") + tables(duck, "seed"):
            folder = lake / table
            # Small files, so that there is something to share between the workers.
            duck.execute(
                f"copy release.{table} to '{folder}' "
                "(format parquet, row_group_size 10240, file_size_bytes '200KB')"
            )
            register(spark, table, folder)
        exported = time.monotonic()
        print(f"queries resolved, core and seed exported, {exported - begin:.1f} s")
        rows = 0
        told: dict[str, str] = {}
        for query in queries:
            folder = lake / query.name
            try:
                spark.sql(query.text).write.parquet(str(folder))
                if query.name.startswith("measure."):
                    register(spark, query.name, folder)
                difference = differing(duck, query.name, folder)
            except Exception as error:  # whatever the engine says is what we tell
                difference = str(error).splitlines()[0]
            if difference:
                told[query.name] = difference
            rows += duck.execute(f"select count(*) from release.{query.name}").fetchone()[0]
        print(f"{shares(spark)}, {time.monotonic() - exported:.1f} s")
    return verdict(queries, rows, told)


def measures(project: Path) -> list[Query]:
    files = sorted((project / "sql/measure").glob("*.sql"))
    return [Query(f"measure.{file.stem}", file.read_text()) for file in files]


def indicators(project: Path, duck: Any, program: list[str]) -> list[Query]:
    """The queries of the indicators, whether they are files or follow from the definition."""
    found = duck.execute(
        "select indicator_id from release.meta.indicators "
        "where indicator_id in (select table_name from duckdb_tables() "
        "where database_name = 'release' and schema_name = 'indicator') order by 1"
    ).fetchall()

    def resolved(name: str) -> Query:
        file = project / f"sql/indicator/{name}.sql"
        if file.exists():
            return Query(f"indicator.{name}", file.read_text())
        command = [*program, "--project", str(project), "explain", name, "--sql"]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return Query(f"indicator.{name}", answer.stdout)

    return [resolved(name) for (name,) in found]


def tables(duck: Any, schema: str) -> list[str]:
    found = duck.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = 'release' and schema_name = $1 order by 1",
        [schema],
    ).fetchall()
    return [name for (name,) in found]


def register(spark: Any, table: str, folder: Path) -> None:
    spark.sql(f"create table {table} using parquet location '{folder}'")


def differing(duck: Any, table: str, folder: Path) -> str | None:
    """How the rows that Sail has written differ from the table of the warehouse, if they do."""
    ours, theirs = f"release.{table}", f"read_parquet('{folder}/*.parquet')"
    types = column_types(duck, ours)
    other_types = column_types(duck, theirs)
    if set(types) != set(other_types):
        return f"other columns: {', '.join(sorted(set(types) ^ set(other_types)))}"
    for column, kind in types.items():
        if family(kind) != family(other_types[column]):
            return f"`{column}` is {kind} here and {other_types[column]} there"
    columns = ", ".join(types)
    only = [
        duck.execute(
            f"select count(*) from (select {columns} from {one} except all select {columns} from {other})"
        ).fetchone()[0]
        for one, other in ((ours, theirs), (theirs, ours))
    ]
    return f"{only[0]} rows only here, {only[1]} only there" if any(only) else None


def column_types(duck: Any, relation: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in duck.execute(f"describe select * from {relation}").fetchall()}


def family(kind: str) -> str:
    """Types of one family hold the same values; how wide they are is each engine's own."""
    if kind in INTEGERS:
        return "integer"
    if kind in FLOATS:
        return "float"
    return "decimal" if kind.startswith("DECIMAL") else kind


def shares(spark: Any) -> str:
    """What Sail itself says of who did the work."""
    workers = spark.sql("select count(*) from system.cluster.workers where status = 'RUNNING'").collect()
    tasks = spark.sql("select count(*), count(distinct job_id) from system.execution.tasks").collect()
    return f"{workers[0][0]} workers, {tasks[0][0]} tasks in {tasks[0][1]} jobs"


def verdict(queries: list[Query], rows: int, told: dict[str, str]) -> int:
    """What was found, and whether it is what was expected. Data may hide a difference; the text does not."""
    for layer in ("measure", "indicator"):
        names = [query.name for query in queries if query.name.startswith(f"{layer}.")]
        print(f"{layer:<10} {len(names):>4} queries, {sum(name not in told for name in names):>4} equal")
    print(f"{rows} rows compared")
    wrong = 0
    for query in queries:
        for line, construct in offences(query.text):
            wrong += 1
            print(f"{query.name}:{line}: {construct.name}; write {construct.instead}")
    for name, difference in told.items():
        known = EXCEPTIONS.get(name)
        wrong += known is None
        print(f"{name}: {difference}" + (f" (known: {known})" if known else ""))
    for name in EXCEPTIONS.keys() - told.keys():
        wrong += 1
        print(f"{name}: is equal, or is no longer there; take it off the list of exceptions")
    return int(wrong > 0)


# --- what the engines answer in different ways


def differences(write: bool) -> int:
    """Runs every construct on both engines; the page must say what they answered."""
    import duckdb

    wrong = 0
    with duckdb.connect() as duck, cluster() as spark:
        different = [(one, *answers(duck, spark, one.query)) for one in CONSTRUCTS]
        agreed = [(query, *answers(duck, spark, query)) for query in AGREED]
    for construct, here, there in different:
        if here == there:
            wrong += 1
            print(f"{construct.name}: both answer {here}; it is no difference any longer")
    for query, here, there in agreed:
        if here != there:
            wrong += 1
            print(f"{query}: {here} in DuckDB, {there} on Sail; it is to be told with the differences")
    blocks = {
        "differences": table(
            ("what", "example", "DuckDB", "Sail", "instead", "seen in the text"),
            [
                (one.name, code(one.query), here, there, one.instead, "yes" if one.pattern else "no")
                for one, here, there in different
            ],
        ),
        "agreed": table(("example", "both"), [(code(query), here) for query, here, _ in agreed]),
    }
    page = PAGE.read_text()
    wanted = page
    for name, block in blocks.items():
        wanted = re.sub(
            rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- {name}: end -->)",
            lambda found, block=block: f"{found[1]}\n{block}\n{found[2]}",
            wanted,
            flags=re.DOTALL,
        )
    if write:
        PAGE.write_text(wanted)
    elif wanted != page:
        wrong += 1
        print(f"{PAGE.name} says something else; run with `--write` and read the difference")
    print(f"{len(different)} constructs differ, {len(agreed)} agree")
    return int(wrong > 0)


def answers(duck: Any, spark: Any, query: str) -> tuple[str, str]:
    return (
        shown(lambda: duck.execute(query).fetchall()),
        shown(lambda: [tuple(row) for row in spark.sql(query).collect()]),
    )


def shown(ask: Any) -> str:
    """An answer for a cell of the page: rows between semicolons. How a refusal is worded is not told."""
    try:
        rows = ask()
    except Exception:  # each engine has errors of its own
        return "refused"
    return "; ".join(", ".join(cell(value) for value in row) for row in rows)


def cell(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return code(repr(value)) if isinstance(value, str) else str(value)


def code(text: str) -> str:
    return f"`{text}`"


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


# --- what may not stand in the text


def rule(project: Path) -> int:
    """Every place in the queries of measures and indicators where the engines would part."""
    files = [
        *sorted((project / "sql/measure").glob("*.sql")),
        *sorted((project / "sql/indicator").glob("*.sql")),
    ]
    found = 0
    for file in files:
        for line, construct in offences(file.read_text()):
            found += 1
            print(f"{file}:{line}: {construct.name}; write {construct.instead}")
    print(f"{len(files)} queries, {found} offences")
    return int(found > 0)


def offences(text: str) -> Iterator[tuple[int, Construct]]:
    bare, strings = stripped(text)
    for construct in CONSTRUCTS:
        if construct.pattern is None:
            continue
        where = strings if construct.in_strings else bare
        for found in re.finditer(construct.pattern, where, re.IGNORECASE):
            yield where.count("\n", 0, found.start()) + 1, construct


def stripped(text: str) -> tuple[str, str]:
    """The text without comments and what stands in strings, and the strings alone; line for line."""
    token = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)

    def blank(part: str) -> str:
        return re.sub(r"[^\n]", " ", part)

    def without(found: re.Match[str]) -> str:
        return f"'{blank(found[0][1:-1])}'" if found[0].startswith("'") else blank(found[0])

    bare = token.sub(without, text)
    strings, end = "", 0
    for found in token.finditer(text):
        is_string = found[0].startswith("'")
        inside = f" {found[0][1:-1]} " if is_string else blank(found[0])
        strings += blank(text[end : found.start()]) + inside
        end = found.end()
    return bare, strings


# --- the cluster


@contextmanager
def cluster() -> Iterator[Any]:
    """Sail with a driver and several workers, as long as it is needed."""
    os.environ.update(
        SAIL_MODE="local-cluster",
        SAIL_CLUSTER__WORKER_INITIAL_COUNT=str(WORKERS),
        SAIL_CLUSTER__WORKER_MAX_COUNT=str(WORKERS),
        SAIL_CLUSTER__WORKER_TASK_SLOTS="16",
        SAIL_EXECUTION__DEFAULT_PARALLELISM=str(WORKERS),
        RUST_LOG="off",
    )
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    try:
        yield spark
    finally:
        # The client first: it would wait for a server that is gone.
        spark.stop()
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
