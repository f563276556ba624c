//! Colours, and the shapes that say the same without colour.
//!
//! Each status has a word, a shape and a colour; light and dark forms are both text-safe.
//! Charts take at most four colours. The contrasts are computed in the tests.

use tertial_model::Status;

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
}
