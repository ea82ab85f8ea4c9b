//! Hours of the day in which a price holds, as other tables write them.

/// Minutes of a day.
const DAY: u16 = 1440;

/// Spans of hours `[start, end)` in minutes, and the days of the week on which they start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hours {
    /// In order; an end below its start wraps midnight.
    pub(super) spans: Vec<(u16, u16)>,
    /// Bit 0 is Monday.
    pub(super) days: u8,
}

impl Hours {
    /// Every day of the week.
    pub(super) const EVERY_DAY: u8 = 0b111_1111;

    /// Hours of every day; `None` when a price file cannot say them.
    pub(super) fn of(mut spans: Vec<(u16, u16)>, days: u8) -> Option<Self> {
        spans.sort_unstable();
        spans.dedup();
        let sound = |&(start, end): &(u16, u16)| start != end && start < DAY && end <= DAY;
        let good = (1..=4).contains(&spans.len()) && spans.iter().all(sound) && days != 0;
        good.then_some(Self { spans, days })
    }

    /// A name for the window in a file.
    pub(super) fn name(&self) -> String {
        let clock = |minutes: u16| format!("{:02}{:02}", minutes / 60, minutes % 60);
        let spans =
            self.spans.iter().map(|(start, end)| format!("{}-{}", clock(*start), clock(*end)));
        let spans = spans.collect::<Vec<_>>().join("-and-");
        if self.days == Self::EVERY_DAY {
            return format!("at-{spans}");
        }
        let days = (0..7).filter(|day| self.days >> day & 1 == 1);
        let days: String = days.map(|day| char::from(b'1' + day)).collect();
        format!("at-{spans}-on-{days}")
    }
}

/// Reads `16:30-00:30`.
pub(super) fn span(text: &str) -> Option<(u16, u16)> {
    let (start, end) = text.split_once('-')?;
    Some((clock(start)?, clock(end)?))
}

/// Minutes of a clock such as `16:30` or `16:30:00Z`.
pub(super) fn clock(text: &str) -> Option<u16> {
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    let mut parts = text.split(':');
    let mut two = |most: u16| -> Option<u16> {
        let part = parts.next()?;
        let good = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|number| good && *number <= most)
    };
    let minutes = two(24)? * 60 + two(59)?;
    let seconds = parts.next();
    let whole = seconds.is_none_or(|seconds| seconds == "00") && parts.next().is_none();
    (whole && minutes <= DAY).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_spans() {
        assert_eq!(span("16:30-00:30"), Some((990, 30)));
        assert_eq!(clock("01:00:00Z"), Some(60));
        for text in ["1:00", "25:00", "01:60", "01:00:01Z", "24:01", "noon", "01:00:00:00"] {
            assert_eq!(clock(text), None, "{text}");
        }
        assert_eq!(Hours::of(vec![(60, 60)], Hours::EVERY_DAY), None);
        let hours = Hours::of(vec![(360, 600), (60, 240)], 0b1_1111).expect("hours");
        assert_eq!(hours.name(), "at-0100-0400-and-0600-1000-on-12345");
    }
}
