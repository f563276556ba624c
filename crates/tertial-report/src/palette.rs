//! Colours, and the shapes that say the same without colour.
//!
//! Each status has a word, a shape and a colour; light and dark forms are both text-safe.
//! Charts take at most four colours. The contrasts are computed in the tests.

use tertial_model::{Answer, Status};

/// Paper in light mode.
pub const LIGHT_PAPER: &str = "#FFFFFF";
/// Paper in dark mode.
pub const DARK_PAPER: &str = "#14171A";

/// Colours of a chart's series on light paper, in order.
pub const SERIES_LIGHT: [&str; 4] = ["#12436D", "#28A197", "#801650", "#F46A25"];
/// The same on dark paper.
pub const SERIES_DARK: [&str; 4] = ["#7FB8E8", "#4FCFC3", "#F08CC0", "#FFA366"];
/// Earlier series that stand back, on light paper.
pub const BACKGROUND_LIGHT: &str = "#6F6F73";
/// Earlier series that stand back, on dark paper.
pub const BACKGROUND_DARK: &str = "#ABB8B8";

/// A status colour for both papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusColour {
    /// On light paper.
    pub light: &'static str,
    /// On dark paper.
    pub dark: &'static str,
}

/// The colours of a status.
pub fn status_colour(status: Status) -> StatusColour {
    let (light, dark) = match status {
        Status::Met => ("#1D65BF", "#7FC4F5"),
        Status::Partly => ("#9C660A", "#FFC65C"),
        Status::NotMet => ("#7A0A36", "#FF5B83"),
        Status::NoData => ("#6F6F73", "#ABB8B8"),
    };
    StatusColour { light, dark }
}

/// The shape of a status as the inside of an SVG with `viewBox="0 0 16 16"`.
/// `ink` fills the shape, `paper` the mark cut out of it.
pub fn status_shape(status: Status, ink: &str, paper: &str) -> String {
    let stroke = |width: &str| {
        format!(r#"fill="none" stroke="{paper}" stroke-width="{width}" stroke-linecap="round""#)
    };
    match status {
        Status::Met => format!(
            r#"<circle cx="8" cy="8" r="7" fill="{ink}"/><path d="M4.6 8.3l2.3 2.4 4.5-5" {}/>"#,
            stroke("1.8")
        ),
        Status::Partly => format!(
            r#"<circle cx="8" cy="8" r="6.2" fill="none" stroke="{ink}" stroke-width="1.6"/><path d="M8 1.8a6.2 6.2 0 0 0 0 12.4z" fill="{ink}"/>"#
        ),
        Status::NotMet => format!(
            r#"<rect x="1.5" y="1.5" width="13" height="13" fill="{ink}"/><path d="M5 5l6 6M11 5l-6 6" {}/>"#,
            stroke("1.8")
        ),
        Status::NoData => format!(
            r#"<circle cx="8" cy="8" r="6.2" fill="none" stroke="{ink}" stroke-width="1.6" stroke-dasharray="2.4 1.9"/>"#
        ),
    }
}

/// The shape of an answer, drawn like [`status_shape`] and unlike any status: diamonds and triangles
/// for variation, flags for assurance, arrows for trend, a curve into the future for a forecast,
/// dots for silence.
pub fn answer_shape(answer: Answer, ink: &str, paper: &str) -> String {
    let drawn = |path: &str| {
        format!(
            r#"<path d="{path}" fill="none" stroke="{ink}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>"#
        )
    };
    let cut = |path: &str| {
        format!(
            r#"<path d="{path}" fill="none" stroke="{paper}" stroke-width="1.8" stroke-linecap="round"/>"#
        )
    };
    let filled = |path: &str| format!(r#"<path d="{path}" fill="{ink}"/>"#);
    match answer {
        Answer::Silent => [3, 8, 13]
            .map(|x| format!(r#"<circle cx="{x}" cy="8" r="1.3" fill="{ink}"/>"#))
            .concat(),
        Answer::Common => drawn("M1 8.5l2.8-3 2.8 5 2.8-5 2.8 5 2.8-3"),
        Answer::Improvement => filled("M8 .5l7.5 7.5-7.5 7.5-7.5-7.5z") + &cut("M8 5v6M5 8h6"),
        Answer::Concern => filled("M8 .5l7.5 7.5-7.5 7.5-7.5-7.5z") + &cut("M5 8h6"),
        Answer::High => drawn("M8 2.5l6 11h-12z"),
        Answer::Low => drawn("M8 13.5l6-11h-12z"),
        Answer::Passes => drawn("M3 15v-14") + &filled("M3 1.2l11 4-11 4z"),
        Answer::HitOrMiss => drawn("M3 15v-14M3 1.8l10 3.5-10 3.5"),
        Answer::Fails => drawn("M3 15v-14M7 3l6 6M13 3l-6 6"),
        Answer::Increasing => drawn("M2 13l11-10M7.5 2.8h5.7v5.6"),
        Answer::Decreasing => drawn("M2 3l11 10M7.5 13.2h5.7v-5.6"),
        Answer::NoCertainTrend => drawn("M1.5 6h13M1.5 10h13"),
        Answer::Forecast => drawn("M1 13h5c3 0 3-9 7-9M10.5 1.5l3 2.5-3 2.5"),
        Answer::WeakForecast => drawn("M1 13h4M7.5 11.5l1-1.8M9.8 7l1-1.7M12.8 3.6l1.2-.3"),
    }
}

/// The shape of an answer as a whole SVG for print.
pub fn answer_svg(answer: Answer) -> String {
    let shape = answer_shape(answer, PRINT_INK, LIGHT_PAPER);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">{shape}</svg>"#
    )
}

/// Ink of what has no colour of its own, in print.
const PRINT_INK: &str = "#1B1B1B";

/// The shape as a whole SVG for print.
pub fn status_svg(status: Status) -> String {
    let shape = status_shape(status, status_colour(status).light, LIGHT_PAPER);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">{shape}</svg>"#
    )
}

/// WCAG contrast of two `#RRGGBB` colours, 1–21; `None` when a colour cannot be read.
pub fn contrast(first: &str, second: &str) -> Option<f64> {
    let (a, b) = (luminance(first)?, luminance(second)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

fn luminance(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let channel = |at: usize| {
        let value = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
        let share = f64::from(value) / 255.0;
        Some(if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Status; 4] = [Status::Met, Status::Partly, Status::NotMet, Status::NoData];

    #[test]
    fn contrast_is_the_one_of_the_guidelines() {
        assert!((contrast("#000000", "#FFFFFF").unwrap() - 21.0).abs() < 1e-9);
        assert!((contrast("#1D65BF", "#FFFFFF").unwrap() - 5.73).abs() < 0.005);
        assert_eq!(contrast("blå", "#FFFFFF"), None);
    }

    #[test]
    fn every_status_colour_is_text_safe_on_both_papers() {
        for status in ALL {
            let colour = status_colour(status);
            assert!(contrast(colour.light, LIGHT_PAPER).unwrap() >= 4.5, "{status:?} light");
            assert!(contrast(colour.dark, DARK_PAPER).unwrap() >= 4.5, "{status:?} dark");
        }
    }

    #[test]
    fn every_series_colour_stands_out_from_its_paper() {
        for (light, dark) in SERIES_LIGHT.iter().zip(SERIES_DARK) {
            assert!(contrast(light, LIGHT_PAPER).unwrap() >= 3.0, "{light}");
            assert!(contrast(dark, DARK_PAPER).unwrap() >= 3.0, "{dark}");
        }
        assert!(contrast(BACKGROUND_LIGHT, LIGHT_PAPER).unwrap() >= 3.0);
        assert!(contrast(BACKGROUND_DARK, DARK_PAPER).unwrap() >= 3.0);
    }

    #[test]
    fn no_two_statuses_share_a_shape() {
        for (index, first) in ALL.iter().enumerate() {
            for second in &ALL[index + 1..] {
                assert_ne!(status_shape(*first, "a", "b"), status_shape(*second, "a", "b"));
            }
        }
    }

    #[test]
    fn no_answer_shares_a_shape_with_another_or_with_a_status() {
        for (index, first) in Answer::ALL.iter().enumerate() {
            let shape = answer_shape(*first, "a", "b");
            for second in &Answer::ALL[index + 1..] {
                assert_ne!(shape, answer_shape(*second, "a", "b"), "{first:?} {second:?}");
            }
            assert!(ALL.iter().all(|status| status_shape(*status, "a", "b") != shape));
        }
    }
}
