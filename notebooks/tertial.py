"""Read a release of tertial: typed ids, Swedish labels, and no value that is none.

    import tertial

    with tertial.open_release() as release:
        ids = release.Indicator
        for row in release.outcomes(ids.hr__sick_leave_pct, units=["RS"], periods=["2024T2"]):
            match row.result:
                case tertial.Value(number=number):
                    print(row.unit_name, number)
                case tertial.Suppressed():
                    print(row.unit_name, "is hidden: not zero, and not to be worked out")
                case tertial.Missing(reason=reason):
                    print(row.unit_name, reason.word)

Needs Python 3.10 or later and `duckdb` 1.4 or later, nothing more; copy the file where you need it.
"""

from __future__ import annotations

import difflib
import html
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from pathlib import Path
from statistics import NormalDist
from types import TracebackType
from typing import Any, Union

import duckdb

__all__ = [
    "Column",
    "Description",
    "Interval",
    "Missing",
    "NoValue",
    "Outcome",
    "Reason",
    "Release",
    "Result",
    "Sex",
    "Suppressed",
    "Table",
    "Value",
    "count_interval",
    "open_release",
    "parted",
    "printed",
    "wilson",
    "z_of",
]

HARD_SPACE = "\u00a0"


class NoValue(LookupError):
    """A number was asked of a row that has none."""


class Reason(Enum):
    """Why a value is missing. A hidden value is not missing: it is `Suppressed`."""

    NOT_AVAILABLE = "not_available"
    CANNOT_OCCUR = "cannot_occur"
    NOT_YET_PUBLISHED = "not_yet_published"

    @property
    def word(self) -> str:
        """As the report prints it."""
        return {
            "not_available": "uppgift saknas",
            "cannot_occur": "mäts inte i perioden",
            "not_yet_published": "ännu inte publicerad",
        }[self.value]

    @property
    def sign(self) -> str:
        """The sign in the report's tables."""
        return {"not_available": "..", "cannot_occur": ".", "not_yet_published": "[k]"}[self.value]


@dataclass(frozen=True)
class Value:
    """A number that may be used."""

    number: float
    unit: str
    decimals: int
    #: Both are None for a ratio about persons, which leaves the warehouse as it is printed.
    numerator: Decimal | None
    denominator: Decimal | None
    #: Whether the number has no more digits than are printed.
    is_coarse: bool
    #: Whether a responsible role stated it, where there are no rows to work it out from.
    is_stated: bool

    def __str__(self) -> str:
        return printed(self.number, self.decimals, self.unit)


@dataclass(frozen=True)
class Suppressed:
    """Hidden: few persons, or it would give such a group away. Neither zero nor missing."""

    @property
    def word(self) -> str:
        """As the report prints it."""
        return "dold, för få personer"

    def __str__(self) -> str:
        return "[s]"


@dataclass(frozen=True)
class Missing:
    """There is no value, and a reason."""

    reason: Reason

    def __str__(self) -> str:
        return self.reason.sign


Result = Union[Value, Suppressed, Missing]


class Sex(Enum):
    """Sex, with the letters of the data."""

    WOMEN = "K"
    MEN = "M"
    TOTAL = "T"

    @property
    def label(self) -> str:
        """As the report prints it."""
        return {"K": "Kvinnor", "M": "Män", "T": "Totalt"}[self.value]


@dataclass(frozen=True)
class Outcome:
    """One row of `indicator.outcomes`."""

    indicator: Enum
    name: str
    unit_id: str
    unit_name: str
    #: `region`, `board`, `area`, `department`; empty where units have no levels.
    level: str
    period: str
    sex: Sex
    #: Empty for the figure itself.
    breakdown: str
    result: Result
    #: In words, `8 av 8 månader`.
    completeness: str
    #: How many parts were expected, and how many have come.
    expected: int | None
    reported: int | None
    target_printed: str | None
    status: int | None
    status_word: str | None
    status_reason: str | None
    method_version: int

    @property
    def is_complete(self) -> bool:
        """Whether all that was expected has come."""
        return (self.reported or 0) >= (self.expected or 0)

    @property
    def number(self) -> float:
        """The number, or an error that says why there is none."""
        if isinstance(self.result, Value):
            return self.result.number
        why = self.result.word if isinstance(self.result, Suppressed) else self.result.reason.word
        group = f" {self.breakdown}" if self.breakdown else ""
        place = f"{self.indicator.value} {self.period} {self.unit_id} {self.sex.label}{group}"
        raise NoValue(f"{place}: {why}")


@dataclass(frozen=True)
class Description:
    """What an indicator is, in the words of its definition."""

    indicator: Enum
    name: str
    unit: str
    decimals: int
    #: `higher`, `lower` or `none`.
    direction: str
    measures: str
    worth_knowing: str
    calculation: str
    responsible: str
    source: str
    kolada_id: str | None


@dataclass(frozen=True)
class Column:
    """What a column is, from `meta.dictionary`."""

    name: str
    label: str
    unit: str | None
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """An answer: headings and rows. A notebook draws it as a table."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __str__(self) -> str:
        lines = [self.headings, *(tuple("" if c is None else str(c) for c in r) for r in self.rows)]
        text = "\n".join(" | ".join(line) for line in lines)
        return f"{self.caption}\n{text}" if self.caption else text

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in self.headings)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{'' if cell is None else html.escape(str(cell))}</td>" for cell in row)
            + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _ids(names: Sequence[str]) -> Any:
    """An Enum of ids; which ones is known when the release is open, not before."""
    make: Any = Enum
    return make("Indicator", {name: name for name in names})


class Release:
    """An open release. `connection` is there for questions of your own."""

    def __init__(self, folder: Path, *, warehouse: bool = False) -> None:
        name = "restricted/warehouse.duckdb" if warehouse else "tertial.duckdb"
        self.folder = folder
        self.path = folder / name
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path}: no release lies here, or it is closed to you")
        self.connection = duckdb.connect(str(self.path), read_only=True)
        self.release_id: str
        self.region_name: str
        self.is_synthetic: bool
        self.as_of: str
        self.release_id, self.region_name, self.is_synthetic, self.as_of = self._ask(
            "select release_id, region_name, is_synthetic, as_of from meta.release"
        )[0]
        ids = [row[0] for row in self._ask("select indicator_id from meta.indicators order by 1")]
        #: The ids of this release: `release.Indicator.hr__sick_leave_pct`.
        self.Indicator: Any = _ids(ids)

    def __enter__(self) -> Release:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; a new night's release is seen by opening anew."""
        self.connection.close()

    def _ask(self, question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(question, list(values)).fetchall()

    @property
    def note(self) -> str:
        """What a heading must say: `Syntetiska data`, or nothing."""
        return "Syntetiska data" if self.is_synthetic else ""

    def marked(self, title: str) -> str:
        """A title that says when the data are made up; write it over every table and chart."""
        return f"{title} – syntetiska data" if self.is_synthetic else title

    def table(self, question: str, values: Sequence[Any] = (), caption: str = "") -> Table:
        """A question of your own, as a table; made-up data are marked in its caption."""
        answer = self.connection.execute(question, list(values))
        headings = tuple(column[0] for column in answer.description or ())
        rows = tuple(tuple(row) for row in answer.fetchall())
        return Table(headings, rows, self.marked(caption) if caption else self.note)

    def indicator(self, name: str | Enum) -> Enum:
        """The id as a member of `Indicator`; a name that is none is told with those like it."""
        text = name.value if isinstance(name, Enum) else name
        try:
            found: Enum = self.Indicator(text)
        except ValueError:
            known = [member.value for member in self.Indicator]
            near = difflib.get_close_matches(str(text), known, n=3, cutoff=0.4)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise KeyError(f"no indicator {text!r} in {self.release_id}{hint}") from None
        return found

    def describe(self, name: str | Enum) -> Description:
        """What an indicator is, in the words of its definition."""
        member = self.indicator(name)
        row = self._ask(
            "select name, coalesce(unit, ''), decimals, direction, measures, viktigt, bearbetning, "
            "responsible, source, nullif(kolada_id, '') from meta.indicators "
            "where indicator_id = ?",
            [member.value],
        )[0]
        name_, unit, decimals, direction, measures, worth, calculation, role, source, kolada = row
        return Description(
            member, name_, unit, decimals, direction, measures, worth, calculation, role, source,
            kolada,
        )  # fmt: skip

    def descriptions(self) -> list[Description]:
        """Every indicator of the release, in the order of its id."""
        return [self.describe(member) for member in self.Indicator]

    def columns(self, table: str) -> list[Column]:
        """The columns of a table such as `indicator.outcomes`, with Swedish labels."""
        rows = self._ask(
            "select column_name, label, unit, type, description from meta.dictionary "
            "where table_name = ? order by position",
            [table],
        )
        if not rows:
            raise KeyError(f"{table!r} is not in meta.dictionary of {self.release_id}")
        return [Column(*row) for row in rows]

    def labels(self, table: str) -> dict[str, str]:
        """Swedish label per column."""
        return {column.name: column.label for column in self.columns(table)}

    def outcomes(
        self,
        indicator: str | Enum,
        *,
        units: Iterable[str] | None = None,
        periods: Iterable[str] | None = None,
        sexes: Iterable[Sex] | None = (Sex.TOTAL,),
        breakdowns: Iterable[str] | None = ("",),
    ) -> list[Outcome]:
        """Rows of one indicator: the figure itself for both sexes unless you ask for more.

        `None` asks for all of them. A unit that has no row is not in the answer; a row without a
        value is, as `Suppressed` or `Missing`.
        """
        member = self.indicator(indicator)
        conditions, values = ["outcomes.indicator_id = ?"], [member.value]
        letters = None if sexes is None else [sex.value for sex in sexes]
        for column, wanted in (
            ("unit_id", units),
            ("period", periods),
            ("sex", letters),
            ("breakdown", breakdowns),
        ):
            if wanted is None:
                continue
            if isinstance(wanted, str):
                raise TypeError(f"{column}: a list of texts, not one text ({wanted!r})")
            some = list(wanted)
            marks = ", ".join("?" for _ in some) or "null"
            conditions.append(f"outcomes.{column} in ({marks})")
            values.extend(some)
        rows = self._ask(
            "select outcomes.name, outcomes.unit_id, coalesce(units.unit_name, outcomes.unit_id), "
            "outcomes.level, outcomes.period, outcomes.sex, outcomes.breakdown, outcomes.value, "
            "outcomes.missing, outcomes.unit, outcomes.decimals, outcomes.numerator, "
            "outcomes.denominator, outcomes.is_coarse, outcomes.mark, outcomes.completeness, "
            "outcomes.expected, outcomes.reported, outcomes.target_printed, outcomes.status, "
            "outcomes.status_word, outcomes.status_reason, outcomes.method_version "
            "from indicator.outcomes as outcomes "
            "left join mart.dim_unit as units on outcomes.unit_id = units.unit_id "
            f"where {' and '.join(conditions)} "
            "order by outcomes.period, units.unit_sort, outcomes.unit_id, outcomes.breakdown, "
            "outcomes.sex",
            values,
        )
        return [_outcome(member, row) for row in rows]


def _outcome(member: Enum, row: tuple[Any, ...]) -> Outcome:
    name, unit_id, unit_name, level, period, sex, breakdown = row[:7]
    number, missing, unit, decimals, numerator, denominator, is_coarse, mark = row[7:15]
    result: Result
    if missing == "suppressed":
        result = Suppressed()
    elif missing is not None:
        result = Missing(Reason(missing))
    elif number is None:
        raise ValueError(f"{member.value} {period} {unit_id}: neither a value nor a reason")
    else:
        coarse, stated = bool(is_coarse), mark == "stated"
        result = Value(number, unit or "", decimals, numerator, denominator, coarse, stated)
    if number is not None and not isinstance(result, Value):
        raise ValueError(f"{member.value} {period} {unit_id}: both a value and a reason")
    return Outcome(
        member, name, unit_id, unit_name, level or "", period, Sex(sex), breakdown or "", result,
        row[15] or "", *row[16:23],
    )  # fmt: skip


def open_release(
    folder: str | os.PathLike[str] | None = None, *, warehouse: bool = False
) -> Release:
    """Opens a release read only.

    `folder` is the release's folder, such as `data/releases/current`; without it the variable
    `TERTIAL_RELEASE` names it, and without that the demo beside this file is taken. With
    `warehouse=True` the restricted database is opened, for those who may read it.
    """
    demo = Path(__file__).resolve().parent.parent / "data/demo/data/releases/current"
    return Release(Path(folder or os.environ.get("TERTIAL_RELEASE") or demo), warehouse=warehouse)


def parted(rows: Iterable[Outcome]) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
    """Rows with a value, rows that are hidden, rows where it is missing."""
    values: list[Outcome] = []
    hidden: list[Outcome] = []
    missing: list[Outcome] = []
    for row in rows:
        kind = type(row.result)
        (values if kind is Value else hidden if kind is Suppressed else missing).append(row)
    return values, hidden, missing


def printed(number: float, decimals: int, unit: str = "") -> str:
    """A number as Swedish print has it: decimal comma, thousands apart, a real minus sign."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(number))).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}".replace(",", HARD_SPACE).replace(".", ",")
    return ("−" if rounded < 0 else "") + text + (f"{HARD_SPACE}{unit}" if unit else "")


@dataclass(frozen=True)
class Interval:
    """A figure with its limits."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """All three times a factor, 100 for per cent."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    def verdict(self, reference: float) -> str:
        """Against a reference, in the release's words for an interval."""
        if self.low > reference:
            return "högre än väntat"
        return "lägre än väntat" if self.high < reference else "som väntat"


def z_of(level: float) -> float:
    """How many standard deviations to each side hold that share of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(count: float, of: float, level: float = 0.95) -> Interval:
    """A share with Wilson's interval: for persons among persons, each counted once.

    Not for hours or money: they are no independent yes or no, and the interval is far too narrow.
    """
    if not 0 <= count <= of or of < 1:
        raise ValueError("a share is 0 to all of at least one")
    z = z_of(level)
    share = count / of
    middle, width = 2 * count + z * z, 2 * (of + z * z)
    root = z * math.sqrt(z * z + 4 * count * (1 - share))
    return Interval(share, max((middle - root) / width, 0.0), min((middle + root) / width, 1.0))


def count_interval(count: float, level: float = 0.95) -> Interval:
    """A count of events: Byar's interval from ten, the exact Poisson interval below."""
    if count < 0:
        raise ValueError("a count is not below zero")
    if count >= 10:
        z = z_of(level)

        def cube(x: float, sign: int) -> float:
            return float(x * (1 - 1 / (9 * x) + sign * z / (3 * math.sqrt(x))) ** 3)

        return Interval(count, max(cube(count, -1), 0.0), cube(count + 1, 1))
    tail, whole = (1 - level) / 2, int(count)
    if whole != count:
        raise ValueError("below ten the count is a whole number")

    def below(mean: float, most: int) -> float:
        return sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(most + 1))

    def solved(most: int, probability: float) -> float:
        low, high = 0.0, 100.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, most) > probability else (low, middle)
        return low

    low = solved(whole - 1, 1 - tail) if whole else 0.0
    return Interval(count, low, solved(whole, tail))
