"""What DuckDB and Sail answer in different ways, and what they agree on where one might doubt it.

`portable.py --differences` runs all of it on both; `portable.py --rule` looks for the patterns.
First stand those where both answer, or where one goes on and the other does not: nobody would notice.
Then those that Sail refuses: a night would.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Construct:
    """Something that must not stand in a portable query."""

    name: str
    query: str
    instead: str
    # How it is seen in a text without comments and without what stands in strings; none where the
    # text does not tell, because the types or the rows decide.
    pattern: str | None = None
    # The pattern is about what stands in strings.
    in_strings: bool = False


# A key of `order by`, with brackets within brackets within brackets.
KEY = r"(?:[^(),]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*?\bnulls\s+(?:first|last)\b"
NULLS_UNPLACED = (
    rf"\border\s+by\b(?!{KEY}(?:\s*,{KEY})*\s*(?:\)|\blimit\b|\brows\b|\brange\b|\Z))"
)

CONSTRUCTS = [
    Construct(
        "a sum of bigint past 2^63",
        "select sum(x) from (select 9223372036854775807 as x union all select 1) as t",
        "a sum of `decimal(38, 0)` where it may come near",
    ),
    Construct(
        "a calculation with bigint past 2^63",
        "select cast(9223372036854775807 as bigint) + 1",
        "`decimal(38, 0)` where it may come near",
    ),
    Construct(
        "a decimal of more than 38 digits",
        "select cast(99999999999999999999999999999999999999 as decimal(38, 0)) + 1",
        "a narrower type",
    ),
    Construct(
        "a decimal cast to an integer",
        "select cast(cast(2.5 as decimal(4, 1)) as bigint)",
        "a cast to `decimal(…, 0)`",
    ),
    Construct(
        "a float cast to an integer",
        "select cast(cast(2.7 as double) as bigint)",
        "no float",
    ),
    Construct(
        "a decimal divided by a decimal",
        "select cast(1.00 as decimal(9, 2)) / cast(3.00 as decimal(9, 2))",
        "numerator and denominator apart; for an order `cast(… as double) / cast(… as double)`",
        # Both sides must be cast, and the one before the sign is what the text shows.
        r"(?<=\S)(?<!as double\))\s*/(?!/)",
    ),
    Construct(
        "a division by nought",
        "select 1 / 0",
        "a condition before the division",
    ),
    Construct(
        "a mean",
        "select avg(cast(x as decimal(9, 2))) from (select 1.00 as x union all select 2.00 "
        "union all select 2.00) as t",
        "sum and count",
        r"\b(?:avg|mean)\s*\(",
    ),
    Construct(
        "`regexp_replace`",
        "select regexp_replace('banan', 'a', 'o')",
        "`replace`, or do it in staging; the word `'g'` is refused",
        r"\bregexp_replace\s*\(",
    ),
    Construct(
        "an order that does not place what is missing",
        "select x from (select null as x union all select 1) as t order by x",
        "`nulls first` or `nulls last` after every key",
        NULLS_UNPLACED,
    ),
    Construct(
        "a name in double quotes",
        'select "a" from (select 1 as a) as t',
        "plain names: Sail reads a text",
        '"',
    ),
    Construct(
        "a quote within a text",
        "select 'it''s'",
        "a seed, or a text without it",
        "''",
        in_strings=True,
    ),
    Construct(
        "a backslash in a text",
        r"select length('a\nb')",
        "a text without it",
        r"\\",
        in_strings=True,
    ),
    Construct(
        "a pattern with a backslash",
        r"select 'a_b' like 'a\_b'",
        "`=`, or another pattern",
        r"\\",
        in_strings=True,
    ),
    Construct("`concat`", "select concat('a', null)", "two upright strokes", r"\bconcat\s*\("),
    Construct(
        "the number of a weekday",
        "select dayofweek(date '2024-02-05'), weekday(date '2024-02-05')",
        "`extract(dow from …)`",
        r"\b(?:dayofweek|weekday)\s*\(",
    ),
    Construct(
        "a part of a text from place 0",
        "select substr('abc', 0, 2)",
        "places from 1",
        r"\bsubstr(?:ing)?\s*\([^()]*,\s*0\s*[,)]",
    ),
    Construct("`upper`", "select upper('straße')", "`lower`", r"\bupper\s*\("),
    Construct("`^`", "select 2 ^ 3", "`power`", r"\^"),
    Construct("`ln` of nought", "select ln(0)", "a condition before it", r"\bln\s*\("),
    Construct("`hash`", "select hash('a')", "`md5`", r"\bhash\s*\("),
    Construct(
        "a list of what is missing",
        "select array_agg(x) from (select cast(null as bigint) as x) as t",
        "no lists",
        r"\b(?:array_agg|list)\s*\(",
    ),
    Construct(
        "a day and an interval, as a column",
        "select date '2024-03-31' + interval 1 month",
        "a cast of the sum to `date`; in a comparison they agree",
    ),
    # What Sail refuses.
    Construct(
        "`unnest`",
        "select unnest([1, 2])",
        "`select 1 union all select 2`, or a seed",
        r"\bunnest\s*\(",
    ),
    Construct("a list or a struct", "select [1, 2]", "rows and columns", r"[\[{]"),
    Construct(
        "`group by all`, `order by all`",
        "select a, sum(b) from (select 1 as a, 2 as b) as t group by all",
        "the columns",
        r"\b(?:group|order)\s+by\s+all\b",
    ),
    Construct(
        "`qualify`",
        "select a from (select 1 as a) as t qualify row_number() over (order by a) = 1",
        "a `where` a step later",
        r"\bqualify\b",
    ),
    Construct(
        "a query that reads itself",
        "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) "
        "select n from r",
        "a table of `core`, such as `core.unit_ancestors`",
        r"\bwith\s+recursive\b",
    ),
    Construct("`//`", "select 7 // 2", "`floor` of a quotient of floats", "//"),
    Construct(
        "`distinct on`",
        "select distinct on (a) a from (select 1 as a) as t",
        "`row_number` and a `where` a step later",
        r"\bdistinct\s+on\b",
    ),
    Construct(
        "`exclude`, `replace` and `rename` of a star",
        "select * exclude (a) from (select 1 as a, 2 as b) as t",
        "the columns",
        r"\*\s*(?:exclude|replace|rename)\b",
    ),
    Construct(
        "`union by name`",
        "select 1 as a union all by name select 2 as a",
        "columns in one order",
        r"\bby\s+name\b",
    ),
    Construct(
        "`varchar` without a length",
        "select cast(1 as varchar)",
        "`string`, which both know",
        r"\bas\s+varchar\b(?!\s*\()|::\s*varchar\b(?!\s*\()",
    ),
    Construct(
        "functions that Sail does not have",
        "select strftime(date '2024-02-03', '%Y')",
        "`extract`, `like`, a window",
        r"\b(?:strftime|strptime|starts_with|regexp_matches|arg_max|arg_min|quantile_cont|format|unicode"
        r"|trunc)\s*\(",
    ),
    Construct(
        "a name given in the same select",
        "select a + 1 as b, b * 2 as c from (select 1 as a) as t",
        "a step later",
    ),
    Construct(
        "`having` over a column whose name an answer's column has",
        "select a, sum(b) as b from (select 1 as a, 2 as b) as t group by a having sum(b) > 1",
        "a `where` a step later",
    ),
    Construct(
        "a side of `full join … using`",
        "select t.a from (select 1 as a) as t full join (select 3 as a) as u using (a)",
        "`on`, and `coalesce` of the two",
        r"\bfull\s+(?:outer\s+)?join\b[^;]*?\busing\s*\(",
    ),
    Construct(
        "a sum of true and false",
        "select sum(x) from (select true as x) as t",
        "`sum(case when x then 1 else 0 end)`",
    ),
]

# What the queries rest on, or what is often said to differ.
AGREED = [
    "select 7 / 2",
    "select -7 % 3",
    "select cast(cast(1.005 as decimal(9, 3)) as decimal(9, 2))",
    "select cast(cast(-1.015 as decimal(9, 3)) as decimal(9, 2))",
    "select cast('12.345' as decimal(9, 2))",
    "select cast(1.50 as decimal(9, 2)) * cast(0.25 as decimal(9, 2)) * 0.01",
    "select round(cast(2.5 as decimal(4, 1)), 0)",
    "select date '2024-03-01' - date '2024-02-01' + 1",
    "select date '2024-03-01' + interval 1 month > date '2024-03-31'",
    "select last_day(date '2024-02-05'), extract(year from date '2024-02-05')",
    "select extract(dow from date '2024-02-05')",
    "select least(1, null), greatest(1, null)",
    "select 1 in (2, null), 1 not in (2, null)",
    "select count(distinct case when x > 1 then x end) from (select 1 as x union all select 2) as t",
    "select 'a' < 'B', 'å' < 'z', 'a ' = 'a', lower('ÅÄÖ')",
    "select coalesce(t.a, u.a) as a from (select 1 as a) as t full join (select 3 as a) as u "
    "on t.a = u.a order by a nulls last",
    "select a from (select 1 as a) as t full join (select 3 as a) as u using (a) order by a nulls last",
]
