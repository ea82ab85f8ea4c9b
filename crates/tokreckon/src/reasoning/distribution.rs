//! Weighted points: every number about tokens is read from one of these.

use super::fixed::Fixed;

/// A distribution of token counts as weighted points, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Distribution {
    points: Vec<Point>,
    weight: u64,
}

/// A count and how much it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) tokens: u64,
    pub(crate) weight: u64,
}

impl Distribution {
    /// `None` without points.
    pub(crate) fn new(mut points: Vec<Point>) -> Option<Self> {
        points.retain(|point| point.weight > 0);
        points.sort_unstable();
        let weight = points.iter().map(|point| point.weight).sum();
        (!points.is_empty()).then_some(Self { points, weight })
    }

    /// The quantile at a level in thousandths, rounded up.
    ///
    /// A point stands for the middle of its weight; between two of them the count rises evenly.
    pub(crate) fn quantile(&self, per_mille: u64) -> u64 {
        let target = u128::from(per_mille) * 2 * u128::from(self.weight);
        let mut before: Option<(u128, u64)> = None;
        let mut cumulative: u128 = 0;
        for point in &self.points {
            let middle = (2 * cumulative + u128::from(point.weight)) * 1000;
            if middle >= target {
                return before.map_or(point.tokens, |(at, tokens)| {
                    let rise = u128::from(point.tokens - tokens) * (target - at);
                    tokens + u64::try_from(rise.div_ceil(middle - at)).unwrap_or(0)
                });
            }
            before = Some((middle, point.tokens));
            cumulative += u128::from(point.weight);
        }
        before.map_or(0, |(_, tokens)| tokens)
    }

    /// One count for certain.
    pub(crate) fn of(tokens: u64) -> Self {
        Self { points: vec![Point { tokens, weight: 1 }], weight: 1 }
    }

    /// A mixture, each part with its share.
    pub(crate) fn mix(parts: &[(&Self, u64)]) -> Option<Self> {
        const WHOLE: u64 = 1 << 32;
        let points = parts.iter().flat_map(|(part, share)| {
            let weigh = |weight: u64| {
                let scaled = u128::from(weight) * u128::from(WHOLE) / u128::from(part.weight);
                share.saturating_mul(u64::try_from(scaled).unwrap_or(WHOLE).max(1))
            };
            part.points.iter().map(move |p| Point { tokens: p.tokens, weight: weigh(p.weight) })
        });
        Self::new(points.collect())
    }

    /// Its points, sorted.
    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// The largest count.
    pub(crate) fn largest(&self) -> u64 {
        self.points.last().map_or(0, |point| point.tokens)
    }

    /// The share of counts that are not below `tokens`, in thousandths, rounded up.
    pub(crate) fn share_from(&self, tokens: u64) -> u16 {
        let first = self.points.partition_point(|point| point.tokens < tokens);
        let above: u64 = self.points.iter().skip(first).map(|point| point.weight).sum();
        u16::try_from((above * 1000).div_ceil(self.weight)).unwrap_or(1000)
    }

    /// The same with every count replaced; the order must not change.
    pub(crate) fn map(mut self, change: impl Fn(u64) -> u64) -> Self {
        for point in &mut self.points {
            point.tokens = change(point.tokens);
        }
        self
    }

    /// The mean.
    pub(crate) fn mean(&self) -> Fixed {
        let sum: i128 =
            self.points.iter().map(|p| i128::from(p.tokens) * i128::from(p.weight)).sum();
        Fixed::ratio(sum, i128::from(self.weight))
    }

    /// The variance divided by the square of the mean; 0 when the mean is.
    pub(crate) fn relative_variance(&self) -> Fixed {
        let mean = self.mean();
        if mean <= Fixed::ZERO {
            return Fixed::ZERO;
        }
        let squares = self.points.iter().map(|point| {
            let distance = Fixed::of(point.tokens).over(mean) - Fixed::ONE;
            let weight = Fixed::ratio(i128::from(point.weight), i128::from(self.weight));
            distance.times(distance).times(weight)
        });
        squares.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tokens: &[u64]) -> Distribution {
        let points = tokens.iter().map(|&tokens| Point { tokens, weight: 1 }).collect();
        Distribution::new(points).expect("points")
    }

    #[test]
    fn quantiles_lie_between_the_points() {
        let even = of(&[10, 20, 30, 40]);
        // The points stand for 12.5 %, 37.5 %, 62.5 % and 87.5 %.
        assert_eq!([125, 250, 375, 500, 990].map(|q| even.quantile(q)), [10, 15, 20, 25, 40]);
        assert_eq!(even.quantile(0), 10);
        assert_eq!((even.share_from(30), even.share_from(41), even.share_from(0)), (500, 0, 1000));
    }

    #[test]
    fn moments() {
        let two = of(&[0, 20]);
        assert_eq!((two.mean(), two.relative_variance()), (Fixed::of(10), Fixed::ONE));
        assert_eq!(of(&[0, 0]).relative_variance(), Fixed::ZERO);
    }
}
