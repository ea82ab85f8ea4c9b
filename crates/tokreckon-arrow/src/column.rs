//! One column of an Arrow batch: each cell as what it is, or as the text that CSV would have.

use std::fmt::{Display, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, BinaryArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::{DataType, TimeUnit};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;
use tokreckon::read::ColumnCell;

const DAY_MILLIS: i64 = 86_400_000;

/// One column.
pub(crate) struct Column<'b> {
    /// Which of its cells hold something, where not all do.
    valid: Option<&'b NullBuffer>,
    /// The same of structs that it is a member of.
    around: Vec<&'b NullBuffer>,
    /// One of these says that a cell holds nothing.
    has_nulls: bool,
    kind: Kind<'b>,
}

/// What its cells are.
enum Kind<'b> {
    Nothing,
    /// The same text in all of them.
    Same(&'b str),
    Flag(&'b BooleanArray),
    I8(&'b PrimitiveArray<Int8Type>),
    I16(&'b PrimitiveArray<Int16Type>),
    I32(&'b PrimitiveArray<Int32Type>),
    I64(&'b PrimitiveArray<Int64Type>),
    U8(&'b PrimitiveArray<UInt8Type>),
    U16(&'b PrimitiveArray<UInt16Type>),
    U32(&'b PrimitiveArray<UInt32Type>),
    U64(&'b PrimitiveArray<UInt64Type>),
    Half(&'b PrimitiveArray<Float16Type>),
    Single(&'b PrimitiveArray<Float32Type>),
    Double(&'b PrimitiveArray<Float64Type>),
    /// Whole numbers with a scale.
    Decimal32(&'b PrimitiveArray<Decimal32Type>, i8),
    Decimal64(&'b PrimitiveArray<Decimal64Type>, i8),
    Decimal128(&'b PrimitiveArray<Decimal128Type>, i8),
    Decimal256(&'b PrimitiveArray<Decimal256Type>, i8),
    Text(&'b StringArray),
    LargeText(&'b LargeStringArray),
    TextView(&'b StringViewArray),
    Bytes(&'b BinaryArray),
    LargeBytes(&'b LargeBinaryArray),
    BytesView(&'b BinaryViewArray),
    FixedBytes(&'b FixedSizeBinaryArray),
    Day(&'b PrimitiveArray<Date32Type>),
    DayMillis(&'b PrimitiveArray<Date64Type>),
    /// Units since 1970, of which so many make a second; in UTC or of an unnamed zone.
    Time {
        units: &'b [i64],
        a_second: i64,
        is_utc: bool,
    },
    /// Cells that are those of other columns, by their numbers.
    Dictionary {
        keys: Vec<usize>,
        values: Box<Column<'b>>,
    },
    Struct(Vec<(&'b str, Column<'b>)>),
    /// Ranges of the cells of another column.
    List {
        ranges: Vec<(usize, usize)>,
        values: Box<Column<'b>>,
    },
    Map {
        ranges: Vec<(usize, usize)>,
        keys: Box<Column<'b>>,
        values: Box<Column<'b>>,
    },
}

impl<'b> Column<'b> {
    /// `None` for a type whose cells have no text.
    pub(crate) fn new(array: &'b dyn Array) -> Option<Self> {
        let valid = array.nulls().filter(|valid| valid.null_count() > 0);
        let has_nulls = valid.is_some();
        Some(Self { valid, around: Vec::new(), has_nulls, kind: Kind::of(array)? })
    }

    /// The same text in all cells, or nothing.
    pub(crate) fn of_one(text: Option<&'b str>) -> Self {
        let kind = text.map_or(Kind::Nothing, Kind::Same);
        Self { valid: None, around: Vec::new(), has_nulls: false, kind }
    }

    /// The same, within structs: nothing where one of them is.
    pub(crate) fn within(self, around: Vec<&'b NullBuffer>) -> Self {
        Self { has_nulls: self.has_nulls || !around.is_empty(), around, ..self }
    }

    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.has_nulls
            && (self.valid.is_some_and(|valid| valid.is_null(row))
                || self.around.iter().any(|around| around.is_null(row)))
    }

    /// A cell as it lies there.
    #[inline]
    pub(crate) fn cell(&self, row: usize) -> ColumnCell<'_> {
        // What most files are made of; with all the others it would be a large function, whose call
        // costs more than what it does.
        match &self.kind {
            Kind::TextView(array) if !self.has_nulls => ColumnCell::Text(array.value(row)),
            Kind::Text(array) if !self.has_nulls => ColumnCell::Text(array.value(row)),
            Kind::I64(array) if !self.has_nulls => signed(array.value(row)),
            _ => self.other_cell(row),
        }
    }

    #[inline(never)]
    fn other_cell(&self, row: usize) -> ColumnCell<'_> {
        if self.is_null(row) {
            return ColumnCell::Null;
        }
        match &self.kind {
            Kind::Text(array) => ColumnCell::Text(array.value(row)),
            Kind::LargeText(array) => ColumnCell::Text(array.value(row)),
            Kind::TextView(array) => ColumnCell::Text(array.value(row)),
            Kind::Dictionary { keys, values } => values.cell(keys[row]),
            Kind::I64(array) => signed(array.value(row)),
            Kind::I32(array) => signed(array.value(row).into()),
            Kind::U64(array) => ColumnCell::Whole(array.value(row)),
            Kind::Time { units, a_second, is_utc } => {
                ColumnCell::Second { second: second(units[row], *a_second), is_utc: *is_utc }
            }
            Kind::Nothing => ColumnCell::Null,
            Kind::Same(text) => ColumnCell::Text(text),
            Kind::Flag(array) => ColumnCell::Text(if array.value(row) { "true" } else { "false" }),
            Kind::I8(array) => signed(array.value(row).into()),
            Kind::I16(array) => signed(array.value(row).into()),
            Kind::U8(array) => ColumnCell::Whole(array.value(row).into()),
            Kind::U16(array) => ColumnCell::Whole(array.value(row).into()),
            Kind::U32(array) => ColumnCell::Whole(array.value(row).into()),
            Kind::Decimal128(array, scale) => {
                match (u64::try_from(array.value(row)), u32::try_from(*scale)) {
                    (Ok(whole), Ok(0)) => ColumnCell::Whole(whole),
                    (Ok(digits), Ok(places)) => ColumnCell::Decimal { digits, places },
                    _ => ColumnCell::Other,
                }
            }
            Kind::Bytes(array) => ColumnCell::Bytes(array.value(row)),
            Kind::LargeBytes(array) => ColumnCell::Bytes(array.value(row)),
            Kind::BytesView(array) => ColumnCell::Bytes(array.value(row)),
            _ => ColumnCell::Other,
        }
    }

    /// Writes a cell as text.
    pub(crate) fn write(&self, row: usize, into: &mut String) {
        if !self.is_null(row) {
            self.kind.write(row, into);
        }
    }

    /// Writes a cell as JSON.
    fn write_json(&self, row: usize, into: &mut String) {
        if self.is_null(row) {
            into.push_str("null");
            return;
        }
        let mut written = String::new();
        self.kind.write(row, &mut written);
        match &self.kind {
            Kind::Dictionary { keys, values } => values.write_json(keys[row], into),
            kind if kind.is_json(&written) => into.push_str(&written),
            _ => push(into, Value::from(written)),
        }
    }
}

/// The second that units since 1970 lie in: a division by a number that is known is none.
#[inline]
const fn second(units: i64, a_second: i64) -> i64 {
    match a_second {
        1 => units,
        1_000 => units.div_euclid(1_000),
        1_000_000 => units.div_euclid(1_000_000),
        _ => units.div_euclid(1_000_000_000),
    }
}

#[inline]
fn signed<'c>(number: i64) -> ColumnCell<'c> {
    u64::try_from(number).map_or(ColumnCell::Other, ColumnCell::Whole)
}

fn push(into: &mut String, value: impl Display) {
    // Writing to a text does not fail.
    let _ = write!(into, "{value}");
}

impl<'b> Kind<'b> {
    fn of(array: &'b dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Null => Self::Nothing,
            DataType::Boolean => Self::Flag(array.as_boolean()),
            DataType::Int8 => Self::I8(array.as_primitive()),
            DataType::Int16 => Self::I16(array.as_primitive()),
            DataType::Int32 => Self::I32(array.as_primitive()),
            DataType::Int64 => Self::I64(array.as_primitive()),
            DataType::UInt8 => Self::U8(array.as_primitive()),
            DataType::UInt16 => Self::U16(array.as_primitive()),
            DataType::UInt32 => Self::U32(array.as_primitive()),
            DataType::UInt64 => Self::U64(array.as_primitive()),
            DataType::Float16 => Self::Half(array.as_primitive()),
            DataType::Float32 => Self::Single(array.as_primitive()),
            DataType::Float64 => Self::Double(array.as_primitive()),
            DataType::Decimal32(_, scale) => Self::Decimal32(array.as_primitive(), *scale),
            DataType::Decimal64(_, scale) => Self::Decimal64(array.as_primitive(), *scale),
            DataType::Decimal128(_, scale) => Self::Decimal128(array.as_primitive(), *scale),
            DataType::Decimal256(_, scale) => Self::Decimal256(array.as_primitive(), *scale),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string()),
            DataType::Utf8View => Self::TextView(array.as_string_view()),
            DataType::Binary => Self::Bytes(array.as_binary()),
            DataType::LargeBinary => Self::LargeBytes(array.as_binary()),
            DataType::BinaryView => Self::BytesView(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => Self::FixedBytes(array.as_fixed_size_binary()),
            DataType::Date32 => Self::Day(array.as_primitive()),
            DataType::Date64 => Self::DayMillis(array.as_primitive()),
            DataType::Timestamp(unit, zone) => {
                let (units, a_second): (&[i64], i64) = match unit {
                    TimeUnit::Second => (units::<TimestampSecondType>(array), 1),
                    TimeUnit::Millisecond => (units::<TimestampMillisecondType>(array), 1_000),
                    TimeUnit::Microsecond => (units::<TimestampMicrosecondType>(array), 1_000_000),
                    TimeUnit::Nanosecond => {
                        (units::<TimestampNanosecondType>(array), 1_000_000_000)
                    }
                };
                Self::Time { units, a_second, is_utc: zone.is_some() }
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = dictionary.values().as_ref();
                if values.is_empty() {
                    return Some(Self::Nothing);
                }
                let keys = dictionary.normalized_keys();
                Self::Dictionary { keys, values: Box::new(Column::new(values)?) }
            }
            DataType::Struct(fields) => {
                let members = fields.iter().zip(array.as_struct().columns());
                let members = members
                    .map(|(field, member)| Some((&**field.name(), Column::new(member.as_ref())?)));
                Self::Struct(members.collect::<Option<_>>()?)
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let ranges = ranges(list.offsets());
                Self::List { ranges, values: Box::new(Column::new(list.values().as_ref())?) }
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                let ranges = ranges(list.offsets());
                Self::List { ranges, values: Box::new(Column::new(list.values().as_ref())?) }
            }
            DataType::FixedSizeList(_, length) => {
                let list = array.as_fixed_size_list();
                let length = length.as_usize();
                let ranges = (0..list.len()).map(|row| (row * length, (row + 1) * length));
                let values = Box::new(Column::new(list.values().as_ref())?);
                Self::List { ranges: ranges.collect(), values }
            }
            DataType::Map(..) => {
                let map = array.as_map();
                let ranges = ranges(map.offsets());
                let [keys, values] = [map.keys(), map.values()].map(AsRef::as_ref);
                let (keys, values) = (Column::new(keys)?, Column::new(values)?);
                Self::Map { ranges, keys: Box::new(keys), values: Box::new(values) }
            }
            _ => return None,
        })
    }

    /// True for a cell whose text is JSON as it is.
    fn is_json(&self, written: &str) -> bool {
        match self {
            Self::Half(_) | Self::Single(_) | Self::Double(_) => {
                // A number that is none has letters.
                !written.contains(|c: char| c.is_ascii_alphabetic())
            }
            Self::Same(_)
            | Self::Text(_)
            | Self::LargeText(_)
            | Self::TextView(_)
            | Self::Bytes(_)
            | Self::LargeBytes(_)
            | Self::BytesView(_)
            | Self::FixedBytes(_)
            | Self::Day(_)
            | Self::DayMillis(_)
            | Self::Time { .. } => false,
            _ => true,
        }
    }

    fn write(&self, row: usize, into: &mut String) {
        match self {
            Self::Nothing => {}
            Self::Same(text) => into.push_str(text),
            Self::Flag(array) => push(into, array.value(row)),
            Self::I8(array) => push(into, array.value(row)),
            Self::I16(array) => push(into, array.value(row)),
            Self::I32(array) => push(into, array.value(row)),
            Self::I64(array) => push(into, array.value(row)),
            Self::U8(array) => push(into, array.value(row)),
            Self::U16(array) => push(into, array.value(row)),
            Self::U32(array) => push(into, array.value(row)),
            Self::U64(array) => push(into, array.value(row)),
            // Their shortest text, without an exponent.
            Self::Half(array) => push(into, array.value(row)),
            Self::Single(array) => push(into, array.value(row)),
            Self::Double(array) => push(into, array.value(row)),
            Self::Decimal32(array, scale) => decimal(&array.value(row), *scale, into),
            Self::Decimal64(array, scale) => decimal(&array.value(row), *scale, into),
            Self::Decimal128(array, scale) => decimal(&array.value(row), *scale, into),
            Self::Decimal256(array, scale) => decimal(&array.value(row), *scale, into),
            Self::Text(array) => into.push_str(array.value(row)),
            Self::LargeText(array) => into.push_str(array.value(row)),
            Self::TextView(array) => into.push_str(array.value(row)),
            Self::Bytes(array) => into.push_str(&String::from_utf8_lossy(array.value(row))),
            Self::LargeBytes(array) => into.push_str(&String::from_utf8_lossy(array.value(row))),
            Self::BytesView(array) => into.push_str(&String::from_utf8_lossy(array.value(row))),
            Self::FixedBytes(array) => fixed(array.value(row), into),
            Self::Day(array) => day(array.value(row).into(), into),
            Self::DayMillis(array) => day_millis(array.value(row), into),
            Self::Time { units, a_second, is_utc } => time(units[row], *a_second, *is_utc, into),
            Self::Dictionary { keys, values } => values.write(keys[row], into),
            Self::Struct(members) => {
                into.push('{');
                let start = into.len();
                // A member of nothing is one that other rows have.
                for (name, member) in members.iter().filter(|(_, member)| !member.is_null(row)) {
                    if into.len() > start {
                        into.push(',');
                    }
                    push(into, Value::from(*name));
                    into.push(':');
                    member.write_json(row, into);
                }
                into.push('}');
            }
            Self::List { ranges, values } => {
                let (start, end) = ranges[row];
                into.push('[');
                for at in start..end {
                    if at > start {
                        into.push(',');
                    }
                    values.write_json(at, into);
                }
                into.push(']');
            }
            Self::Map { ranges, keys, values } => {
                let (start, end) = ranges[row];
                into.push('{');
                for at in start..end {
                    if at > start {
                        into.push(',');
                    }
                    let mut key = String::new();
                    keys.write(at, &mut key);
                    push(into, Value::from(key));
                    into.push(':');
                    values.write_json(at, into);
                }
                into.push('}');
            }
        }
    }
}

/// The units of a column of times.
fn units<T: ArrowPrimitiveType<Native = i64>>(array: &dyn Array) -> &[i64] {
    array.as_primitive::<T>().values()
}

/// Where the cells of each list start and end. Offsets are never below zero, whatever their type allows.
fn ranges<O: ArrowNativeType>(offsets: &[O]) -> Vec<(usize, usize)> {
    offsets.windows(2).map(|ends| (ends[0].as_usize(), ends[1].as_usize())).collect()
}

/// A decimal number in lowest terms: a column says its scale for all its cells, no cell does.
fn decimal(whole: &impl ToString, scale: i8, into: &mut String) {
    let digits = whole.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |rest| ("-", rest));
    let places = usize::try_from(scale).unwrap_or_default();
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let fraction = fraction.trim_end_matches('0');
    into.push_str(sign);
    into.push_str(whole);
    if !fraction.is_empty() {
        into.push('.');
        into.push_str(fraction);
    }
    if scale < 0 && whole != "0" {
        into.extend(std::iter::repeat_n('0', usize::from(scale.unsigned_abs())));
    }
}

/// Bytes of a fixed number: 16 are a UUID, others have hexadecimal digits.
fn fixed(bytes: &[u8], into: &mut String) {
    for (at, byte) in bytes.iter().enumerate() {
        if bytes.len() == 16 && [4, 6, 8, 10].contains(&at) {
            into.push('-');
        }
        push(into, format_args!("{byte:02x}"));
    }
}

/// A date; a number that is none stays one, for the reader to refuse.
fn day(days: i64, into: &mut String) {
    let epoch = Date::constant(1970, 1, 1);
    let date = Span::new().try_days(days).and_then(|days| epoch.checked_add(days));
    match date {
        Ok(date) => push(into, date),
        Err(_) => push(into, days),
    }
}

fn day_millis(millis: i64, into: &mut String) {
    if millis % DAY_MILLIS == 0 {
        day(millis / DAY_MILLIS, into);
    } else {
        time(millis, 1_000, false, into);
    }
}

/// A time in RFC 3339, without an offset where nobody says the zone; a number that is none stays one.
fn time(units: i64, a_second: i64, is_utc: bool, into: &mut String) {
    let nanos = i128::from(units) * i128::from(1_000_000_000 / a_second);
    match Timestamp::from_nanosecond(nanos) {
        Ok(at) if is_utc => push(into, at),
        Ok(at) => push(into, at.to_zoned(TimeZone::UTC).datetime()),
        Err(_) => push(into, units),
    }
}
