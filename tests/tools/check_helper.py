"""Hold notebooks/tertial.py against a release. Usage: TERTIAL_RELEASE=… check_helper.py"""
import itertools
import os
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "notebooks"))
import tertial  # noqa: E402


def raises(kind, call):
    """What a call that must fail says."""
    try:
        call()
    except kind as error:
        return str(error)
    raise AssertionError(f"{kind.__name__} was not raised")


def whole(release):
    """Every row of the release is a value, hidden or missing, and says so by its type."""
    count = "select count(*), count(value), count(*) filter (missing = 'suppressed') "
    wanted = release.connection.execute(count + "from indicator.outcomes").fetchone()
    found, kinds = [0, 0, 0], set()
    for member in release.Indicator:
        rows = release.outcomes(member, sexes=None, breakdowns=None)
        values, hidden, missing = tertial.parted(rows)
        assert len(values) + len(hidden) + len(missing) == len(rows)
        for at, part in enumerate((rows, values, hidden)):
            found[at] += len(part)
        kinds |= {row.result.reason for row in missing}
        for row in itertools.islice(itertools.chain(hidden, missing), 50):
            assert not isinstance(row.result, (int, float))
            raises(TypeError, lambda row=row: float(row.result))
            raises(TypeError, lambda row=row: row.result + 1)
            assert row.unit_id in raises(tertial.NoValue, lambda row=row: row.number)
            assert str(row.result) in {"[s]", "..", ".", "[k]"}
        for row in values[:50]:
            assert row.number == row.result.number
            coarse = row.result.is_coarse
            assert not coarse or row.result.numerator is None is row.result.denominator
    assert tuple(found) == tuple(wanted), (found, wanted)
    assert found[2] > 0 and tertial.Reason.NOT_AVAILABLE in kinds, "the demo has all kinds"
    return found


def words(release):
    """The kinds have the words of the program, and every column its label."""
    said = release.connection.execute(
        "select distinct missing, reason from indicator.unit_figures "
        "where missing is not null and reason <> ''"
    ).fetchall()
    for missing, reason in said:
        kind = tertial.Suppressed() if missing == "suppressed" else tertial.Reason(missing)
        assert kind.word == reason, (missing, reason)
    assert said, "no unit is hidden in the demo's panels"
    sexes = dict(release.connection.execute("select sex, sex_name from mart.dim_sex").fetchall())
    assert {sex.value: sex.label for sex in tertial.Sex} == sexes
    labels = release.labels("indicator.outcomes")
    columns = release.connection.execute("select * from indicator.outcomes limit 0").description
    assert list(labels) == [column[0] for column in columns]
    assert labels["value"] == "Värde" and all(labels.values())
    for description in release.descriptions():
        assert description.name and description.measures, description


def asking(release):
    """What is asked is what is answered; a wrong word is told."""
    ids = [row[0] for row in release.connection.execute("select indicator_id from meta.indicators").fetchall()]
    assert {member.value for member in release.Indicator} == set(ids)
    sick_leave = release.Indicator.hr__sick_leave_pct
    (row,) = release.outcomes(sick_leave, units=["RS"], periods=["2024T2"])
    assert (row.unit_name, row.sex, row.breakdown) == ("Regionstyrelsen", tertial.Sex.TOTAL, "")
    assert str(row.result).endswith("\u00a0%") and "," in str(row.result), row.result
    assert row.target_printed and row.status_word, row
    both = (tertial.Sex.WOMEN, tertial.Sex.MEN)
    rows = release.outcomes("hr__sick_leave_pct", units=["RS", "RJH"], sexes=both)
    assert {row.sex for row in rows} == set(both) and {row.unit_id for row in rows} == {"RS", "RJH"}
    assert release.outcomes(sick_leave, units=[]) == []
    assert "hr__sick_leave_pct" in raises(KeyError, lambda: release.indicator("sick_leave_pct"))
    raises(TypeError, lambda: release.outcomes(sick_leave, periods="2024T2"))
    raises(KeyError, lambda: release.columns("indicator.nothing"))
    raises(duckdb.Error, lambda: release.connection.execute("create table t (a integer)"))
    table = release.table("select 'a < b' as x, null as y", caption="Rubrik")
    drawn = table._repr_html_()
    assert "a &lt; b" in drawn and "<td></td>" in drawn and "syntetiska data" in drawn, drawn
    assert release.is_synthetic and release.note == "Syntetiska data"


def numbers():
    """Print and intervals, against published figures."""
    for number, decimals, text in [
        (5.65, 1, "5,7"),
        (-0.04, 1, "0,0"),
        (-1234567.5, 0, "−1\u00a0234\u00a0568"),
        (1.005, 2, "1,01"),
        (0.1 + 0.2, 1, "0,3"),
    ]:
        assert tertial.printed(number, decimals) == text, (number, tertial.printed(number, decimals))
    # Newcombe, Statistics in Medicine 17 (1998), table I: Wilson's limits without correction.
    for count, of, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        found = tertial.wilson(count, of)
        assert abs(found.low - low) < 5e-5 and abs(found.high - high) < 5e-5, (count, of, found)
    # The exact limits of a Poisson count are in every table: 0, 1, 5 and 9 events.
    for count, low, high in [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (9, 4.115, 17.085)]:
        found = tertial.count_interval(count)
        assert abs(found.low - low) < 5e-4 and abs(found.high - high) < 5e-4, (count, found)
    # From ten it is Byar's; 10: the exact limits are 4,795 and 18,390.
    found = tertial.count_interval(10)
    assert abs(found.low - 4.795) < 0.02 and abs(found.high - 18.390) < 0.02, found
    raises(ValueError, lambda: tertial.wilson(3, 2))
    raises(ValueError, lambda: tertial.count_interval(-1))
    assert tertial.Interval(2, 1, 3).verdict(4) == "lägre än väntat"


with tempfile.TemporaryDirectory() as empty:
    assert empty in raises(FileNotFoundError, lambda: tertial.open_release(empty))
numbers()
with tertial.open_release(os.environ["TERTIAL_RELEASE"]) as opened:
    rows, values, hidden = whole(opened)
    words(opened)
    asking(opened)
with tertial.open_release(warehouse=True) as opened:
    assert opened.path.name == "warehouse.duckdb"
    assert opened.connection.execute("select count(*) from core.worked_time").fetchone()[0] > 0
print(f"{rows} rows are {values} values, {hidden} hidden and {rows - values - hidden} missing: DuckDB {duckdb.__version__}")
