//! The short way with instructions on 32 bytes: the four counts of a row are read as one.
//!
//! Rows that it does not take are left to [`quick`](super::quick), which says the same of those it
//! takes.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::Columns;
use crate::money::{Exact, POWERS};
use crate::price::ServiceTier;
use crate::read::ordinary::Unusual;
use crate::read::short::Run;
use crate::record::{Name, Request, Text};

/// Marks that are looked at for a row: those of rows with one field less.
const WINDOW: usize = 33;
/// Where a field lies that is not there: behind enough bytes, and empty.
const NOWHERE: usize = 16;

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

/// A row without quotes, and the marks around its fields.
#[derive(Clone, Copy)]
struct Fields<'r> {
    text: &'r [u8],
    marks: &'r [u32; WINDOW],
}

#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
impl<'r> Fields<'r> {
    #[inline(always)]
    fn place(&self, column: usize) -> (usize, usize) {
        if column < WINDOW - 1 {
            (self.marks[column].wrapping_add(1) as usize, self.marks[column + 1] as usize)
        } else {
            (NOWHERE, NOWHERE)
        }
    }

    /// The eight bytes before `end`.
    #[inline(always)]
    fn eight(&self, end: usize) -> Result<u64, Unusual> {
        let bytes = self.text.get(end.wrapping_sub(8)..end).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u64::from_le_bytes(*bytes)).ok_or(Unusual)
    }

    /// Up to eight bytes as a number, the first in the lowest bits; 0 for none.
    #[inline(always)]
    fn word(&self, column: usize) -> Result<u64, Unusual> {
        let (start, end) = self.place(column);
        let word = self.eight(end)?;
        match end.wrapping_sub(start) {
            0 => Ok(0),
            // With a zero byte at the end it would be the number of a shorter text.
            length @ 1..=8 if word >> 56 != 0 => Ok(word >> (64 - 8 * length)),
            _ => Err(Unusual),
        }
    }

    /// A text with nothing around it that may have a meaning of its own.
    #[inline(always)]
    fn words(&self, column: usize) -> Result<Text<'r>, Unusual> {
        let (start, end) = self.place(column);
        match self.text.get(start..end) {
            Some([..=b' ' | b'-' | b'N' | b'n', ..] | [.., ..=b' ']) | None => Err(Unusual),
            Some(text) => Ok(Text::of_utf8(text)),
        }
    }

    /// A name, with nothing around it either; `usual` where there is none.
    #[inline(always)]
    fn name(&self, column: usize, usual: Name<'r>) -> Result<Name<'r>, Unusual> {
        let (start, end) = self.place(column);
        let text = self.text.get(start..end).ok_or(Unusual)?;
        if text.is_empty() {
            return Ok(usual);
        }
        let beyond = 64 - 8 * text.len().min(8);
        let first = self.eight(start + 8)? & u64::MAX >> beyond;
        let last = self.eight(end)? >> beyond;
        // Of names of at most eight bytes there is none.
        let beyond = 64 - 8 * u32::try_from(text.len().clamp(8, 16) - 8).unwrap_or(0);
        let second = self.eight(start + 16)? & u64::MAX.checked_shr(beyond).unwrap_or(0);
        let [first_byte, last_byte] = [first.to_le_bytes()[0], text[text.len() - 1]];
        if matches!(first_byte, 0..=b' ' | b'-' | b'N' | b'n') || last_byte <= b' ' {
            return Err(Unusual);
        }
        Ok(Name::of_words([first, second, last], Text::of_utf8(text)))
    }

    /// An amount below ten, with a point.
    #[inline(always)]
    fn amount(&self, simd: V3, column: usize) -> Result<Option<Exact>, Unusual> {
        let (start, end) = self.place(column);
        if start == end {
            return Ok(None);
        }
        let places = end.wrapping_sub(start).wrapping_sub(2);
        let [whole, b'.'] = self.text.get(start..).and_then(<[u8]>::first_chunk).ok_or(Unusual)?
        else {
            return Err(Unusual);
        };
        let whole = whole.wrapping_sub(b'0');
        if places.wrapping_sub(1) >= 16 || whole > 9 {
            return Err(Unusual);
        }
        let words = [self.eight(end.wrapping_sub(8))?, self.eight(end)?, 0, 0];
        let (first, last) = (places.saturating_sub(8), places.min(8));
        let shifts = [64 - 8 * first as u64, 64 - 8 * last as u64, 64, 64];
        let [first, last, ..] = numbers(simd, words, shifts)?;
        let fraction = first * 100_000_000 + last;
        // Of at most 17 digits.
        let mantissa = u64::from(whole).wrapping_mul(POWERS[places].unsigned_abs()) + fraction;
        let places = u32::try_from(places).map_err(|_| Unusual)?;
        Ok(Some(Exact::in_lowest_terms(mantissa, places)))
    }
}

/// Four numbers of at most eight digits, the last of which are the highest bytes of a word; the
/// bits before a number are shifted out. One of no digits is 0.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
fn numbers(simd: V3, words: [u64; 4], shifts: [u64; 4]) -> Result<[u64; 4], Unusual> {
    let V3 { avx, avx2, .. } = simd;
    let (words, shifts) = (joined(simd, words), joined(simd, shifts));
    let digits = avx2._mm256_xor_si256(words, avx._mm256_set1_epi8(b'0'.cast_signed()));
    let digits = avx2._mm256_sllv_epi64(avx2._mm256_srlv_epi64(digits, shifts), shifts);
    let above_nine = avx2._mm256_subs_epu8(digits, avx._mm256_set1_epi8(9));
    if avx._mm256_testz_si256(above_nine, above_nine) == 0 {
        return Err(Unusual);
    }
    let pairs = avx2._mm256_maddubs_epi16(digits, avx._mm256_set1_epi16(0x010a));
    let fours = avx2._mm256_madd_epi16(pairs, avx._mm256_set1_epi32(0x0001_0064));
    let first = avx2._mm256_mul_epu32(fours, avx._mm256_set1_epi64x(10_000));
    let last = avx2._mm256_srli_epi64::<32>(fours);
    Ok(pulp::cast(avx2._mm256_add_epi64(first, last)))
}

/// Not by way of memory: what is written in parts is slow to read as a whole.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
fn joined(simd: V3, words: [u64; 4]) -> __m256i {
    let [a, b, c, d] = words;
    simd.avx._mm256_setr_epi64x(a.cast_signed(), b.cast_signed(), c.cast_signed(), d.cast_signed())
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
    /// Reads a row into a request: of the last one nothing is left but what no row has. What is known
    /// is written at once, so that nothing waits in memory to be written again.
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
        let fields = Fields { text: run.text, marks };
        let plan = self.plan;
        let (start, end) = fields.place(plan.time);
        request.at = self.last_date.instant(run.text.get(start..end).ok_or(Unusual)?)?;
        let batch = batch(fields.word(plan.batch)?)?;
        let service_tier = service_tier(fields.word(plan.service_tier)?)?;
        request.service_tier = self.service_tier_of(batch, service_tier);
        let counts = [plan.input, plan.cache_read, plan.output, plan.reasoning];
        let [input, cache_read, output, reasoning] = counts.map(|column| fields.place(column));
        let shift = |(start, end): (usize, usize)| {
            64_usize.wrapping_sub(end.wrapping_sub(start).wrapping_mul(8)) as u64
        };
        let shifts = [shift(input), shift(cache_read), shift(output), shift(reasoning)];
        // Below zero where a number is too long; 64 where there is none.
        if (shifts[0] | shifts[1] | shifts[2] | shifts[3]) >> 63 != 0
            || shifts[0] == 64
            || shifts[2] == 64
        {
            return Err(Unusual);
        }
        let words = [
            fields.eight(input.1)?,
            fields.eight(cache_read.1)?,
            fields.eight(output.1)?,
            fields.eight(reasoning.1)?,
        ];
        let values = numbers(simd, words, shifts)?;
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

    use super::*;
    use crate::read::marks::Marks;
    use crate::read::{Format, Item, Options, Unneeded, read, table};

    const HEADER: &str = "time,id,user,provider,model,service_tier,batch,input_tokens,cached_tokens,output_tokens,reasoning_tokens,cost\n";

    /// The records of the rows up to the first that is no request, the wide way and the quick way.
    fn both_ways(rows: &str, options: &Options<'_>) -> Option<[Vec<String>; 2]> {
        let mut header = table::begin(HEADER.as_bytes(), options).expect("a header").header;
        let mut marks = Marks::default();
        marks.find(rows.as_bytes(), b',', rows.matches('\n').count(), header.columns());
        let run = Run {
            text: rows.as_bytes(),
            marks: &marks,
            first: 0,
            line: 2,
            expected: header.columns(),
        };
        let mut columns = Columns::new(&mut header, options).expect("columns");
        let (mut wide, mut quick) = (Vec::new(), Vec::new());
        let simd = V3::try_new()?;
        let mut take = |request: &Request<'_>| wide.push(format!("{:?}", request.record()));
        simd.vectorize(WideRun { columns: &mut columns, run: &run, take: &mut take, simd });
        let mut take = |request: &Request<'_>| quick.push(format!("{:?}", request.record()));
        for number in 0..marks.len() {
            if columns.quick_row(&run, number, &mut take).is_err() {
                break;
            }
        }
        Some([wide, quick])
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

    #[test]
    fn ordinary_rows_go_the_wide_way() {
        let row = "2026-03-01T00:00:00Z,req_44,user_1,openai,gpt-4o-mini-2024-07-18,default,false,1567,0,3755,,0.02239245\n";
        let rows = row.repeat(3);
        let options = Options::default();
        let mut header = table::begin(HEADER.as_bytes(), &options).expect("a header").header;
        let mut marks = Marks::default();
        marks.find(rows.as_bytes(), b',', 3, header.columns());
        let run = Run { text: rows.as_bytes(), marks: &marks, first: 0, line: 2, expected: 12 };
        let mut columns = Columns::new(&mut header, &options).expect("columns");
        let Some(simd) = V3::try_new() else { return };
        let mut request = Request::EMPTY;
        // Of the last rows the windows reach beyond what is known.
        for number in 0..2 {
            let read = columns.wide(simd, &run, number, Name::NONE, &mut request);
            read.expect("an ordinary row");
            assert_eq!(request.line, 2 + number as u64);
            assert_eq!(request.model.as_str(), "gpt-4o-mini-2024-07-18");
        }
    }
}
