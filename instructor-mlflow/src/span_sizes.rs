//! How large the spans of a trace are, which MLflow shows beside it.

use serde_json::json;

/// Encoded sizes of the spans of a trace, in bytes, in ascending order.
#[derive(Debug)]
pub(crate) struct SpanSizes(Vec<usize>);

impl SpanSizes {
    pub(crate) fn of(encoded: &[impl AsRef<[u8]>]) -> SpanSizes {
        let mut sizes: Vec<usize> = encoded.iter().map(|span| span.as_ref().len()).collect();
        sizes.sort_unstable();
        SpanSizes(sizes)
    }

    pub(crate) fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// In the words of MLflow's own client.
    pub(crate) fn to_json(&self) -> String {
        json!({
            "total_size_bytes": self.total(),
            "num_spans": self.0.len(),
            "max": self.0.last(),
            "p25": self.quarter(1),
            "p50": self.quarter(2),
            "p75": self.quarter(3),
        })
        .to_string()
    }

    /// The size below which `quarters` of four spans lie, between two sizes by their distance.
    fn quarter(&self, quarters: usize) -> usize {
        let position = self.0.len().saturating_sub(1) * quarters;
        let size = |index| self.0.get(index).copied().unwrap_or_default();
        let below = size(position / 4);
        let above = size(position.div_ceil(4));
        below + (above - below) * (position % 4) / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_summed_up_as_mlflow_does() {
        let sizes = SpanSizes(vec![100, 200, 300, 1000]);
        let expected = json!({
            "total_size_bytes": 1600, "num_spans": 4, "max": 1000, "p25": 175, "p50": 250, "p75": 475,
        });
        assert_eq!(sizes.to_json(), expected.to_string());
        let one = SpanSizes(vec![7]);
        assert_eq!([one.quarter(1), one.quarter(2), one.quarter(3)], [7, 7, 7]);
    }
}
