//! The short way with instructions on 32 bytes: the four counts of a row are read as one.
//!
//! Rows that it does not take are left to [`quick`](super::quick), which says the same of those it
//! takes.

mod fields;

use pulp::x86::V3;

use self::fields::{Fields, WINDOW, joined, numbers};
use super::Columns;
use crate::price::ServiceTier;
use crate::read::ordinary::Unusual;
use crate::read::short::Run;
use crate::record::{Name, Request};

/// Rows of a run, with the instructions to read them.
pub(super) struct WideRun<'r, 't> {
    pub(super) columns: &'r mut Columns,
    pub(super) run: &'r Run<'r>,
    pub(super) take: &'r mut (dyn FnMut(&Request<'_>) + 't),
    pub(super) simd: V3,
}

impl pulp::NullaryFnOnce for WideRun<'_, '_> {
    type Output = usize;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn call(self) -> usize {
        let Self { columns, run, take, simd } = self;
        let provider = columns.provider.clone();
        let provider = Name::from(&*provider);
        let mut request = Request { provider, ..Request::EMPTY };
        for number in run.first..run.marks.len() {
            if columns.wide(simd, run, number, provider, &mut request).is_ok() {
                take(&request);
            } else if columns.quick_row(run, number, take).is_err() {
                return number - run.first;
            }
        }
        run.marks.len() - run.first
    }
}

/// A text of at most eight bytes as [`Fields::word`] reads it.
const fn word_of(text: &str) -> u64 {
    let (bytes, mut word, mut at) = (text.as_bytes(), 0, text.len());
    while at > 0 {
        at -= 1;
        word = word << 8 | bytes[at] as u64;
    }
    word
}

/// As [`Short::batch`](crate::read::short::Short) says it.
#[inline(always)]
const fn batch(cell: u64) -> Result<Option<bool>, Unusual> {
    const NO: [u64; 4] = [word_of("false"), word_of("False"), word_of("FALSE"), word_of("0")];
    const YES: [u64; 4] = [word_of("true"), word_of("True"), word_of("TRUE"), word_of("1")];
    match cell {
        0 => Ok(None),
        _ if cell == NO[0] || cell == NO[1] || cell == NO[2] || cell == NO[3] => Ok(Some(false)),
        _ if cell == YES[0] || cell == YES[1] || cell == YES[2] || cell == YES[3] => Ok(Some(true)),
        _ => Err(Unusual),
    }
}

/// As [`Short::service_tier`](crate::read::short::Short) says it.
#[inline(always)]
const fn service_tier(cell: u64) -> Result<Option<ServiceTier>, Unusual> {
    const DEFAULT: u64 = word_of("default");
    const STANDARD: u64 = word_of("standard");
    const BATCH: u64 = word_of("batch");
    const FLEX: u64 = word_of("flex");
    const PRIORITY: u64 = word_of("priority");
    match cell {
        0 => Ok(None),
        DEFAULT | STANDARD => Ok(Some(ServiceTier::Standard)),
        BATCH => Ok(Some(ServiceTier::Batch)),
        FLEX => Ok(Some(ServiceTier::Flex)),
        PRIORITY => Ok(Some(ServiceTier::Priority)),
        _ => Err(Unusual),
    }
}

impl Columns {
    /// Reads a row over the last one, each field as soon as it is known: nothing is copied. What no
    /// row has stays as it was; after [`Unusual`] the request is half of this row, half of the last.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn wide<'r>(
        &mut self,
        simd: V3,
        run: &Run<'r>,
        number: usize,
        provider: Name<'r>,
        request: &mut Request<'r>,
    ) -> Result<(), Unusual> {
        let marks = run.marks.window(number, run.expected).ok_or(Unusual)?;
        let fields = Fields::new(run.text, marks, run.expected)?;
        let plan = self.plan;
        let (before, end) = fields.around(plan.time);
        request.at = self.last_date.instant(fields.between(before, end)?)?;
        let batch = batch(fields.word(plan.batch)?)?;
        let service_tier = service_tier(fields.word(plan.service_tier)?)?;
        request.service_tier = self.service_tier_of(batch, service_tier);
        let counts = [plan.input, plan.cache_read, plan.output, plan.reasoning];
        let [input, cache_read, output, reasoning] = counts.map(|column| fields.around(column));
        let shift = |(before, end): (u32, u32)| {
            72_u64.wrapping_sub(u64::from(end.wrapping_sub(before)).wrapping_mul(8))
        };
        let shifts = [shift(input), shift(cache_read), shift(output), shift(reasoning)];
        // Below zero where a number is too long; 64 where there is none.
        if (shifts[0] | shifts[1] | shifts[2] | shifts[3]) >> 63 != 0
            || shifts[0] == 64
            || shifts[2] == 64
        {
            return Err(Unusual);
        }
        let words = [input, cache_read, output, reasoning].map(|(_, end)| fields.eight(end));
        let values = numbers(simd, words, joined(simd, shifts))?;
        request.input = values[0];
        request.cache_read = (shifts[1] != 64).then_some(values[1]);
        request.output = values[2];
        request.reasoning = (shifts[3] != 64).then_some(values[3]);
        request.provider = fields.name(plan.provider, provider)?;
        request.model = fields.name(plan.model, Name::NONE)?;
        request.reported_usd = fields.amount(simd, plan.cost)?;
        let texts = [
            (plan.project, &mut request.project),
            (plan.api_key, &mut request.api_key),
            (plan.user, &mut request.user),
            (plan.id, &mut request.id),
        ];
        for (column, text) in texts {
            if column < WINDOW - 1 {
                *text = fields.words(column)?;
            }
        }
        request.line = run.line + number as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fields::{AROUND, ROW_BYTES};
    use super::*;
    use crate::read::marks::Marks;
    use crate::read::{Format, Item, Options, Unneeded, read, table};

    const HEADER: &str = "time,id,user,provider,model,service_tier,batch,input_tokens,cached_tokens,output_tokens,reasoning_tokens,cost\n";

    const ORDINARY: &str = "2026-03-01T00:00:00Z,req_44,user_1,openai,gpt-4o-mini-2024-07-18,default,false,1567,0,3755,,0.02239245\n";

    /// Hands a run over all rows but the first to `with`, with the columns for it: the bytes before
    /// and behind them are there.
    fn with_run<R>(
        rows: &str,
        options: &Options<'_>,
        with: impl FnOnce(&Run<'_>, &mut Columns) -> R,
    ) -> R {
        let mut header = table::begin(HEADER.as_bytes(), options).expect("a header").header;
        let whole = format!("{ORDINARY}{rows}");
        let text = format!("{whole}{}", ORDINARY.repeat(AROUND / ORDINARY.len() + 1));
        let mut marks = Marks::default();
        marks.find(whole.as_bytes(), b',', whole.matches('\n').count(), header.columns());
        let run = Run {
            text: text.as_bytes(),
            marks: &marks,
            first: 1,
            line: 1,
            expected: header.columns(),
        };
        let mut columns = Columns::new(&mut header, options).expect("columns");
        with(&run, &mut columns)
    }

    /// The records of the rows up to the first that is no request, the wide way and the quick way.
    fn both_ways(rows: &str, options: &Options<'_>) -> Option<[Vec<String>; 2]> {
        let simd = V3::try_new()?;
        with_run(rows, options, |run, columns| {
            let (mut wide, mut quick) = (Vec::new(), Vec::new());
            let mut take = |request: &Request<'_>| {
                // What lanes compare is not in the record.
                for name in [&request.provider, &request.model] {
                    assert!(*name == Name::from(name.as_str()));
                }
                wide.push(format!("{:?}", request.record()));
            };
            simd.vectorize(WideRun { columns, run, take: &mut take, simd });
            let mut take = |request: &Request<'_>| quick.push(format!("{:?}", request.record()));
            for number in run.first..run.marks.len() {
                if columns.quick_row(run, number, &mut take).is_err() {
                    break;
                }
            }
            Some([wide, quick])
        })
    }

    /// The records of all rows, the long way.
    fn long_way(rows: &str, options: &Options<'_>) -> Vec<String> {
        let (text, mut records) = (format!("{HEADER}{rows}"), Vec::new());
        let mut each = |item: Item<'_>| {
            if let Item::Record(record) = item {
                records.push(format!("{record:?}"));
            }
        };
        read(text.as_bytes(), options, &mut each).expect("a table");
        records
    }

    /// Mostly ordinary cells, and such as look like them.
    fn mostly(ordinary: &'static str, odd: &'static str) -> impl Strategy<Value = String> {
        prop_oneof![12 => ordinary, 1 => odd]
    }

    fn row() -> impl Strategy<Value = String> {
        let count =
            || mostly("[0-9]{1,8}|0", "[0-9]{0,20}|[0-9]{1,7}[./: x][0-9]{0,2}|12\\.0|null|\u{e9}");
        let name =
            || mostly("[a-z][a-z.-]{0,29}", "[a-z]{0,2}|N/A|-| x|x |\u{e9}[a-z]{0,20}|n[a-z]{0,4}");
        let names = (name(), name(), name(), name());
        let words = (
            mostly(
                "2026-0[1-9]-[0-2][1-8][T ][01][0-9]:[0-5][0-9]:[0-5][0-9]Z",
                "2026-0[1-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-5][0-9](Z|[.][0-9]{0,9}Z?|[+]00:00|[+]01:00|)",
            ),
            mostly("default|standard|batch|flex|priority|", "Default|flex\0|xpriority"),
            mostly("true|false|True|FALSE|0|1|", "yes|true\0"),
            mostly(
                "[0-9]\\.[0-9]{1,16}",
                "0\\.[0-9]{17}|[0-9]{1,3}\\.[0-9]{1,3}|[0-9]{0,4}|\\.5|1e-5|0\\.|-0\\.1|00\\.5|0\\.1x",
            ),
        );
        let end = prop_oneof![12 => Just("\n"), 1 => Just("\r\n")];
        (names, words, (count(), count(), count(), count()), end).prop_map(
            |((id, user, provider, model), (time, tier, batch, cost), (a, b, c, d), end)| {
                format!("{time},{id},{user},{provider},{model},{tier},{batch},{a},{b},{c},{d},{cost}{end}")
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wide_rows_are_quick_rows_and_long_ones(
            rows in prop::collection::vec(row(), 1..4),
            [id, user] in any::<[bool; 2]>(),
        ) {
            let rows = rows.concat();
            let needed = Options { format: Some(Format::Plain), ..Options::default() };
            if let Some([wide, quick]) = both_ways(&rows, &needed) {
                prop_assert_eq!(&wide, &quick);
                // A file that begins with zero bytes is no text.
                if !rows.contains('\0') {
                    let long = long_way(&rows, &needed);
                    prop_assert_eq!(Some(&*wide), long.get(..wide.len()), "{}", rows);
                }
            }
            let unneeded = Unneeded { id, user, ..Unneeded::default() };
            if let Some([wide, quick]) = both_ways(&rows, &Options { unneeded, ..needed }) {
                prop_assert_eq!(&wide, &quick);
                prop_assert!(!id || wide.iter().all(|record| record.contains(" id: \"\"")));
                prop_assert!(!user || wide.iter().all(|record| record.contains(" user: \"\"")));
            }
        }
    }

    /// The requests of all rows, as far as each goes the wide way.
    fn wide_requests(rows: &str) -> Vec<Result<String, ()>> {
        let Some(simd) = V3::try_new() else { return Vec::new() };
        with_run(rows, &Options::default(), |run, columns| {
            let mut request = Request::EMPTY;
            let mut read = |number| {
                let read = columns.wide(simd, run, number, Name::NONE, &mut request);
                read.map(|()| format!("{}: {}", request.line, request.model.as_str())).map_err(drop)
            };
            (run.first..run.marks.len()).map(&mut read).collect()
        })
    }

    #[test]
    fn ordinary_rows_go_the_wide_way() {
        let requests = wide_requests(&ORDINARY.repeat(3));
        for (number, request) in requests.into_iter().enumerate() {
            assert_eq!(request, Ok(format!("{}: gpt-4o-mini-2024-07-18", number + 2)));
        }
    }

    #[test]
    fn rows_that_are_too_long_go_another_way() {
        let (before, behind) = ORDINARY.split_at("2026-03-01T00:00:00Z,".len());
        let row = |more: usize| format!("{before}{}{behind}", "x".repeat(more));
        let most = ROW_BYTES - 1 - ORDINARY.len();
        let rows = format!("{}{}{ORDINARY}", row(most), row(most + 1));
        let read: Vec<bool> = wide_requests(&rows).iter().map(Result::is_ok).collect();
        assert!(read.is_empty() || read == [true, false, true], "{read:?}");
    }
}
