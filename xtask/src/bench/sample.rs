//! Numbers of which the middle counts: unlike the mean, it is not moved by a round that was disturbed.

/// Numbers in ascending order.
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// The finite ones of `numbers`.
    pub(crate) fn new(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }

    /// The number in the middle, or the mean of the two there; `None` if there are none.
    pub(crate) fn median(&self) -> Option<f64> {
        let upper = self.0.get(self.0.len() / 2)?;
        let lower = self.0.get((self.0.len() - 1) / 2)?;
        Some(f64::midpoint(*lower, *upper))
    }

    /// The least and the greatest number after a quarter of them is left out at each end; `None` if there are none.
    pub(crate) fn middle_half(&self) -> Option<(f64, f64)> {
        let quarter = self.0.len() / 4;
        let lower = self.0.get(quarter)?;
        let upper = self.0.get(self.0.len() - 1 - quarter)?;
        Some((*lower, *upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(numbers: &[f64]) -> Sample {
        Sample::new(numbers.iter().copied())
    }

    #[test]
    fn the_median_is_the_middle_and_not_the_mean() {
        assert_eq!(sample(&[9.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(sample(&[9.0, 1.0, 2.0, 4.0]).median(), Some(3.0));
    }

    #[test]
    fn the_middle_half_leaves_out_what_was_disturbed() {
        let disturbed = sample(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 70.0, 800.0]);
        assert_eq!(disturbed.middle_half(), Some((3.0, 6.0)));
        assert_eq!(sample(&[7.0]).middle_half(), Some((7.0, 7.0)));
    }

    #[test]
    fn a_quotient_by_zero_is_no_number() {
        assert_eq!(sample(&[f64::NAN, f64::INFINITY]).median(), None);
        assert_eq!(sample(&[]).middle_half(), None);
    }
}
