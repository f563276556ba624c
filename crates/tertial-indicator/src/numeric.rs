//! The few special functions the methods need: gamma, beta, normal, chi-square and Student's t.
//!
//! Distribution functions come from the incomplete gamma and beta functions (series where they
//! converge, continued fractions elsewhere); quantiles are found by halving an interval, which is
//! slow, sure and good to the last digits. Accuracy is about 1e-13 for the sizes met here.

/// Steps after which a series or fraction that has not settled is given up; far above what a
/// shape of ten million needs.
const MOST_STEPS: u32 = 200_000;
const SETTLED: f64 = 1e-16;
const TINY: f64 = 1e-300;

/// Natural logarithm of the gamma function for a positive argument (Lanczos, g = 7).
pub fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let sine = (std::f64::consts::PI * x).sin();
        return (std::f64::consts::PI / sine).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let terms = COEFFICIENTS.iter().enumerate();
    let sum = terms.fold(0.999_999_999_999_809_9, |sum, (i, c)| sum + c / (x + i as f64 + 1.0));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Regularised lower incomplete gamma function P(a, x).
pub fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x < a + 1.0 {
        gamma_series(a, x)
    } else {
        1.0 - gamma_fraction(a, x)
    }
}

/// Regularised upper incomplete gamma function Q(a, x), exact in the far tail.
pub fn gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x < a + 1.0 {
        1.0 - gamma_series(a, x)
    } else {
        gamma_fraction(a, x)
    }
}

fn gamma_front(a: f64, x: f64) -> f64 {
    (a * x.ln() - x - ln_gamma(a)).exp()
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut shape) = (1.0 / a, 1.0 / a, a);
    for _ in 0..MOST_STEPS {
        shape += 1.0;
        term *= x / shape;
        sum += term;
        if term < sum * SETTLED {
            break;
        }
    }
    sum * gamma_front(a, x)
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..MOST_STEPS {
        let step = f64::from(step);
        let a_step = -step * (step - a);
        b += 2.0;
        d = 1.0 / away_from_zero(a_step * d + b);
        c = away_from_zero(b + a_step / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < SETTLED * 4.0 {
            break;
        }
    }
    fraction * gamma_front(a, x)
}

/// Regularised incomplete beta function I_x(a, b).
pub fn beta_i(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    if x < (a + 1.0) / (a + b + 2.0) {
        front.exp() * beta_fraction(a, b, x) / a
    } else {
        1.0 - front.exp() * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < SETTLED * 4.0 {
            break;
        }
    }
    fraction
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// Probability that a standard normal variable is at most `x`.
pub fn normal_cdf(x: f64) -> f64 {
    let tail = 0.5 * gamma_q(0.5, x * x / 2.0);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Probability of a standard normal variable as far from zero as `z`, on both sides together.
pub fn normal_two_sided(z: f64) -> f64 {
    gamma_q(0.5, z * z / 2.0)
}

/// The standard normal value below which a share `p` lies, 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    // The lower tail keeps all its digits, the upper one does not.
    halve(-40.0, 0.0, |x| normal_cdf(x) < p)
}

/// The two-sided multiplier of a confidence level: 0.95 gives 1.96.
pub fn normal_multiplier(level: f64) -> f64 {
    -normal_quantile((1.0 - level) / 2.0)
}

/// The gamma value (scale 1) below which a share `p` lies.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let mut high = shape + 10.0;
    while gamma_p(shape, high) < p {
        high *= 2.0;
    }
    if p > 0.5 {
        halve(0.0, high, |x| gamma_q(shape, x) > 1.0 - p)
    } else {
        halve(0.0, high, |x| gamma_p(shape, x) < p)
    }
}

/// The chi-square value below which a share `p` lies.
pub fn chi_square_quantile(degrees: f64, p: f64) -> f64 {
    2.0 * gamma_quantile(degrees / 2.0, p)
}

/// Probability that Student's t with `degrees` of freedom is at most `t`.
pub fn student_cdf(degrees: f64, t: f64) -> f64 {
    let tail = 0.5 * beta_i(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// The t value below which a share `p` lies, 0 < p < 1.
pub fn student_quantile(degrees: f64, p: f64) -> f64 {
    if p > 0.5 {
        return -student_quantile(degrees, 1.0 - p);
    }
    let mut low = -10.0;
    while student_cdf(degrees, low) > p {
        low *= 2.0;
    }
    halve(low, 0.0, |t| student_cdf(degrees, t) < p)
}

/// The place where `is_below` turns from true to false, to the last float.
fn halve(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if is_below(middle) { low = middle } else { high = middle }
    }
}

/// Arithmetic mean; NaN for nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with n − 1; NaN below two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// Middle value; sorts the argument. NaN for nothing.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    quantile_sorted(values, 0.5)
}

/// The quantile of sorted values with linear interpolation between order statistics.
pub fn quantile_sorted(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// Correlation of each value with the next of its stretch: over a hole nothing is next to anything.
/// None when it cannot be worked out.
pub fn lag_one_autocorrelation(stretches: &[&[f64]]) -> Option<f64> {
    let values = stretches.concat();
    let centre = mean(&values);
    let spread: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    let neighbours = stretches.iter().flat_map(|stretch| stretch.windows(2));
    let together: f64 = neighbours.map(|w| (w[0] - centre) * (w[1] - centre)).sum();
    (values.len() > 2 && spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::close;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        close(ln_gamma(5.0), 24.0_f64.ln(), 1e-14);
        close(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-14);
        close(normal_quantile(0.975), 1.959963984540054, 1e-13);
        close(normal_quantile(0.001), -3.090232306167813, 1e-13);
        close(normal_cdf(-6.0), 9.865_876_450_377e-10, 1e-20);
        close(chi_square_quantile(2.0, 0.975), -2.0 * 0.025_f64.ln(), 1e-13);
        close(chi_square_quantile(10.0, 0.95), 18.307038053275146, 1e-12);
        close(student_quantile(1.0, 0.75), 1.0, 1e-12);
        close(student_quantile(2.0, 0.9), 1.885618083164127, 1e-12);
        close(student_quantile(10.0, 0.975), 2.2281388519862744, 1e-12);
        close(gamma_p(1e6, 1e6), 0.500132981, 1e-7);
    }

    #[test]
    fn summaries() {
        close(median(&mut [3.0, 1.0, 2.0, 10.0]), 2.5, 0.0);
        close(quantile_sorted(&[0.0, 10.0], 0.1), 1.0, 1e-15);
        close(standard_deviation(&[2.0, 4.0, 6.0]), 2.0, 1e-15);
        assert!(median(&mut []).is_nan());
        assert_eq!(lag_one_autocorrelation(&[&[1.0, 1.0, 1.0, 1.0]]), None);
    }

    proptest! {
        #[test]
        fn quantiles_are_inverses(p in 0.0005f64..0.9995, shape in 0.5f64..400.0) {
            close(normal_cdf(normal_quantile(p)), p, 1e-12);
            close(gamma_p(shape, gamma_quantile(shape, p)), p, 1e-11);
            close(student_cdf(shape, student_quantile(shape, p)), p, 1e-11);
        }

        #[test]
        fn both_tails_make_one(a in 0.1f64..300.0, x in 0.0f64..600.0) {
            close(gamma_p(a, x) + gamma_q(a, x), 1.0, 1e-13);
        }
    }
}
