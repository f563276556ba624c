//! The few days a ledger needs: working days of a month. Public holidays are not told apart.

/// `20240831` for year, month and day; a day beyond the month's end means its last day.
pub(super) fn day_number(year: i32, month: u32, day: u32) -> u32 {
    let day = day.min(days_in(year, month));
    year.unsigned_abs() * 10_000 + month * 100 + day
}

/// Monday to Friday of a month, ascending.
pub(super) fn working_days(year: i32, month: u32) -> Vec<u32> {
    (1..=days_in(year, month)).filter(|&day| weekday(year, month, day) < 5).collect()
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 0 = Monday. Days are counted from 1 March of year 0, so that leap days come last.
fn weekday(year: i32, month: u32, day: u32) -> u32 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400;
    let days = days.unsigned_abs() + (153 * month + 2) / 5 + day;
    // 1 March of year 0, the day before day 1, was a Wednesday.
    (days + 1) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_right() {
        assert_eq!(weekday(2024, 1, 1), 0, "a Monday");
        assert_eq!(weekday(2024, 2, 29), 3, "a Thursday");
        assert_eq!(weekday(2023, 12, 31), 6, "a Sunday");
        assert_eq!(working_days(2024, 2).len(), 21);
    }

    #[test]
    fn the_last_day_is_the_months() {
        assert_eq!(day_number(2024, 8, 31), 20_240_831);
        assert_eq!(day_number(2023, 2, 31), 20_230_228);
        assert_eq!(day_number(2024, 2, 31), 20_240_229);
    }
}
