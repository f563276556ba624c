# Read a release of tertial in R: ids of the release, Swedish labels, and no value that is none.
#
#     source("notebooks/tertial.R")
#     release <- open_release("data/demo/data/releases/current")
#     rows <- outcomes(release, release$id$hr__sick_leave_pct, units = "RS")
#     table(rows$kind)            # value, suppressed, missing
#     numbers(rows[rows$kind == "value", ])
#     close_release(release)
#
# Needs R 4.1 or later with the packages DBI and duckdb 1.4 or later: install.packages(c("DBI", "duckdb")).
# It mirrors tertial.py. The repository's tests run that one and not this one.

# Opens a release read only. `folder` is the release's folder; without it the variable TERTIAL_RELEASE
# names it. With `warehouse = TRUE` the restricted database is opened, for those who may read it.
open_release <- function(folder = Sys.getenv("TERTIAL_RELEASE"), warehouse = FALSE) {
  if (!nzchar(folder)) {
    stop("no release is named: give its folder, or set TERTIAL_RELEASE", call. = FALSE)
  }
  name <- if (warehouse) "restricted/warehouse.duckdb" else "tertial.duckdb"
  path <- file.path(folder, name)
  if (!file.exists(path)) {
    stop(path, ": no release lies here, or it is closed to you", call. = FALSE)
  }
  connection <- DBI::dbConnect(duckdb::duckdb(), dbdir = path, read_only = TRUE)
  release <- list(connection = connection, path = path)
  about <- ask(release, "select release_id, region_name, is_synthetic, as_of from meta.release")
  ids <- ask(release, "select indicator_id from meta.indicators order by 1")$indicator_id
  structure(
    c(release, as.list(about), list(id = stats::setNames(as.list(ids), ids))),
    class = "tertial_release"
  )
}

close_release <- function(release) {
  DBI::dbDisconnect(release$connection, shutdown = TRUE)
  invisible(NULL)
}

# A question of your own; values stand in the place of the question marks.
ask <- function(release, question, values = list()) {
  if (length(values) == 0) {
    DBI::dbGetQuery(release$connection, question)
  } else {
    DBI::dbGetQuery(release$connection, question, params = unname(as.list(values)))
  }
}

# A title that says when the data are made up; write it over every table and chart.
marked <- function(release, title) {
  if (isTRUE(release$is_synthetic)) paste0(title, " \u2013 syntetiska data") else title
}

print.tertial_release <- function(x, ...) {
  cat(marked(x, paste0(x$region_name, ", release ", x$release_id)), "\n")
  invisible(x)
}

# The id, or an error with those like it.
indicator_of <- function(release, name) {
  if (!(length(name) == 1 && name %in% names(release$id))) {
    near <- agrep(name[[1]], names(release$id), max.distance = 0.3, value = TRUE)
    hint <- if (length(near)) paste0("; did you mean ", paste(utils::head(near, 3), collapse = ", "), "?") else ""
    stop("no indicator `", name[[1]], "` in ", release$release_id, hint, call. = FALSE)
  }
  name
}

# What an indicator is, in the words of its definition.
describe <- function(release, indicator) {
  as.list(ask(
    release,
    paste(
      "select indicator_id, name, coalesce(unit, '') as unit, decimals, direction, measures, viktigt,",
      "bearbetning, responsible, source, kolada_id from meta.indicators where indicator_id = ?"
    ),
    list(indicator_of(release, indicator))
  ))
}

# The columns of a table such as "indicator.outcomes", with Swedish labels.
columns_of <- function(release, table) {
  found <- ask(
    release,
    paste(
      "select column_name, label, unit, type, description from meta.dictionary",
      "where table_name = ? order by position"
    ),
    list(table)
  )
  if (nrow(found) == 0) stop("`", table, "` is not in meta.dictionary", call. = FALSE)
  found
}

KINDS <- c("value", "suppressed", "missing")
SIGNS <- c(suppressed = "[s]", not_available = "..", cannot_occur = ".", not_yet_published = "[k]")
WORDS <- c(
  suppressed = "dold, f\u00f6r f\u00e5 personer",
  not_available = "uppgift saknas",
  cannot_occur = "m\u00e4ts inte i perioden",
  not_yet_published = "\u00e4nnu inte publicerad"
)
SEXES <- c(K = "Kvinnor", M = "M\u00e4n", T = "Totalt")

# Rows of one indicator: the figure itself for both sexes unless you ask for more; NULL asks for all.
# `kind` tells value, suppressed and missing apart, `reason` why there is none, `printed` is as in the
# report. `number` is NA where there is no value: use `numbers()`, which refuses, and not na.rm = TRUE.
outcomes <- function(release, indicator, units = NULL, periods = NULL, sexes = "T", breakdowns = "") {
  conditions <- "outcomes.indicator_id = ?"
  values <- list(indicator_of(release, indicator))
  wishes <- list(unit_id = units, period = periods, sex = sexes, breakdown = breakdowns)
  for (column in names(wishes)) {
    wanted <- wishes[[column]]
    if (is.null(wanted)) next
    marks <- if (length(wanted)) paste(rep("?", length(wanted)), collapse = ", ") else "null"
    conditions <- c(conditions, paste0("outcomes.", column, " in (", marks, ")"))
    values <- c(values, as.list(wanted))
  }
  rows <- ask(
    release,
    paste(
      "select outcomes.indicator_id, outcomes.name, outcomes.unit_id,",
      "coalesce(units.unit_name, outcomes.unit_id) as unit_name, outcomes.level, outcomes.period,",
      "outcomes.sex, outcomes.breakdown, outcomes.value as number, outcomes.missing,",
      "coalesce(outcomes.unit, '') as unit, outcomes.decimals,",
      "cast(outcomes.numerator as double) as numerator,",
      "cast(outcomes.denominator as double) as denominator, outcomes.is_coarse,",
      "coalesce(outcomes.mark, '') = 'stated' as is_stated, outcomes.completeness,",
      "outcomes.expected, outcomes.reported, outcomes.target_printed, outcomes.status,",
      "outcomes.status_word, outcomes.status_reason, outcomes.method_version",
      "from indicator.outcomes as outcomes",
      "left join mart.dim_unit as units on outcomes.unit_id = units.unit_id",
      "where", paste(conditions, collapse = " and "),
      "order by outcomes.period, units.unit_sort, outcomes.unit_id, outcomes.breakdown, outcomes.sex"
    ),
    values
  )
  missing_kind <- rows$missing
  rows$missing <- NULL
  if (any(is.na(rows$number) != !is.na(missing_kind))) {
    stop("a row has neither a value nor a reason, or both", call. = FALSE)
  }
  unknown <- setdiff(missing_kind[!is.na(missing_kind)], names(SIGNS))
  if (length(unknown)) stop("unknown kind of nothing: ", unknown[[1]], call. = FALSE)
  kind <- ifelse(is.na(missing_kind), "value", ifelse(missing_kind == "suppressed", "suppressed", "missing"))
  rows$kind <- factor(kind, levels = KINDS)
  rows$reason <- unname(WORDS[missing_kind])
  signs <- unname(SIGNS[missing_kind])
  rows$printed <- ifelse(is.na(missing_kind), printed(rows$number, rows$decimals, rows$unit), signs)
  rows$sex_name <- unname(SEXES[rows$sex])
  class(rows) <- c("tertial_outcomes", "data.frame")
  rows
}

# The numbers of rows, or an error when one of them has none.
numbers <- function(rows) {
  none <- which(rows$kind != "value")
  if (length(none)) {
    at <- rows[none[[1]], ]
    stop(
      length(none), " of ", nrow(rows), " rows have no value; the first: ",
      paste(at$indicator_id, at$period, at$unit_id, at$sex_name), ": ", at$reason,
      call. = FALSE
    )
  }
  rows$number
}

# A number as Swedish print has it: decimal comma, thousands apart, a real minus sign.
printed <- function(number, decimals = 0, unit = "") {
  unit <- rep_len(unit, length(number))
  decimals <- rep_len(decimals, length(number))
  one <- function(value, digits, unit) {
    if (is.na(value)) return(NA_character_)
    scaled <- abs(value) * 10^digits
    # Half away from zero on the number as it is written, not on its binary neighbour.
    rounded <- floor(signif(scaled, 15) + 0.5) / 10^digits
    text <- formatC(rounded, format = "f", digits = digits, big.mark = "\u00a0", decimal.mark = ",")
    paste0(if (value < 0 && rounded > 0) "\u2212" else "", text, if (nzchar(unit)) paste0("\u00a0", unit) else "")
  }
  mapply(one, number, as.integer(decimals), unit, USE.NAMES = FALSE)
}

# A share with Wilson's interval: for persons among persons, each counted once. Not for hours or money.
wilson <- function(count, of, level = 0.95) {
  stopifnot(count >= 0, count <= of, of >= 1)
  z <- stats::qnorm(0.5 + level / 2)
  share <- count / of
  middle <- 2 * count + z^2
  width <- 2 * (of + z^2)
  root <- z * sqrt(z^2 + 4 * count * (1 - share))
  data.frame(value = share, low = pmax((middle - root) / width, 0), high = pmin((middle + root) / width, 1))
}

# A count of events: Byar's interval from ten, the exact Poisson interval below.
count_interval <- function(count, level = 0.95) {
  stopifnot(count >= 0)
  z <- stats::qnorm(0.5 + level / 2)
  tail <- (1 - level) / 2
  cube <- function(x, sign) x * (1 - 1 / (9 * x) + sign * z / (3 * sqrt(x)))^3
  exact_low <- ifelse(count > 0, stats::qchisq(tail, 2 * count) / 2, 0)
  exact_high <- stats::qchisq(1 - tail, 2 * count + 2) / 2
  data.frame(
    value = count,
    low = ifelse(count < 10, exact_low, pmax(cube(pmax(count, 1), -1), 0)),
    high = ifelse(count < 10, exact_high, cube(count + 1, 1))
  )
}
