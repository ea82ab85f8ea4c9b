//! The columns of a format, and where they stand in a header.

use super::field::Field;
use super::header::Header;
use super::{Mapping, ReadError, Unneeded, origin};

/// A column: what it holds, and its names in the order of preference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) to: To,
    pub(super) names: &'static [&'static str],
    pub(super) needed: bool,
}

/// Where a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Field(Field),
    /// To the functions of its format, under this number.
    Own(usize),
}

/// Most columns that the functions of one format look at.
pub(super) const MOST_OWN: usize = 10;

/// A column of the record.
pub(super) const fn column(field: Field, names: &'static [&'static str]) -> Column {
    Column { to: To::Field(field), names, needed: false }
}

/// A column of the record that the format cannot do without.
pub(super) const fn needed(field: Field, names: &'static [&'static str]) -> Column {
    Column { to: To::Field(field), names, needed: true }
}

/// A column for the functions of the format.
pub(super) const fn own(number: usize, names: &'static [&'static str]) -> Column {
    Column { to: To::Own(number), names, needed: false }
}

/// A column that the functions of the format cannot do without.
pub(super) const fn needed_own(number: usize, names: &'static [&'static str]) -> Column {
    Column { to: To::Own(number), names, needed: true }
}

/// Where the columns of a schema stand in a header.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What is read of every row, in the order of the schema.
    pub(super) steps: Vec<(usize, Field)>,
    /// Columns of texts that nobody will look at: they are read where they may be wrong.
    pub(super) unneeded: Vec<(usize, Field)>,
    /// Columns that mean what another one does: they must not say something else.
    pub(super) again: Vec<(usize, Field, usize)>,
    fields: Vec<Option<usize>>,
    own: [Option<usize>; MOST_OWN],
}

impl Plan {
    /// With `synonyms`, the names of a count are names of the same thing: none may say otherwise.
    ///
    /// # Errors
    /// When a column that the format needs is not there.
    pub(super) fn new(
        format: &'static str,
        columns: &[Column],
        header: &mut Header,
        mapping: Option<&Mapping>,
        synonyms: bool,
        label: Option<&str>,
    ) -> Result<Self, ReadError> {
        let mut plan = Self {
            steps: Vec::new(),
            unneeded: Vec::new(),
            again: Vec::new(),
            fields: vec![None; Field::all().count()],
            own: [None; MOST_OWN],
        };
        for column in columns {
            match column.to {
                To::Own(number) => plan.own[number] = find(format, header, column)?,
                To::Field(field) => {
                    let mapped = mapping.map_or(&[][..], |mapping| mapping.columns_of(field));
                    let found = match mapped {
                        [] if field == Field::Cost => find_cost(format, header, column)?,
                        [] => find(format, header, column)?,
                        mapped => {
                            let names: Vec<&str> = mapped.iter().map(String::as_str).collect();
                            Some(header.need_any(format, &names)?)
                        }
                    };
                    let Some(at) = found else { continue };
                    plan.fields[field as usize] = Some(at);
                    plan.steps.push((at, field));
                    if synonyms && mapped.is_empty() && field.is_count() {
                        let others = header.others(at, column.names).into_iter();
                        plan.again.extend(others.map(|other| (other, field, at)));
                    }
                }
            }
        }
        if let Some(label) = label
            && plan.field(Field::Label).is_none()
        {
            let own = origin::columns(label);
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            // A column of that name, or one that holds labels as JSON.
            if let Some(at) = header.any(&own).or_else(|| header.any(origin::holders())) {
                plan.fields[Field::Label as usize] = Some(at);
                plan.steps.push((at, Field::Label));
            }
        }
        Ok(plan)
    }

    /// Reads texts that nobody will look at only where they may be wrong.
    pub(super) fn without(&mut self, unneeded: Unneeded, keeps_ids: bool) {
        let is_unneeded = |(_, field): &mut (usize, Field)| match field {
            Field::Id => unneeded.id && !keeps_ids,
            Field::Project => unneeded.project,
            Field::ApiKey => unneeded.api_key,
            Field::User => unneeded.user,
            Field::Session => unneeded.session,
            Field::Agent => unneeded.agent,
            _ => false,
        };
        self.unneeded = self.steps.extract_if(.., is_unneeded).collect();
    }

    /// The column of a field.
    pub(super) fn field(&self, field: Field) -> Option<usize> {
        self.fields[field as usize]
    }

    /// A column for the functions of the format.
    pub(super) const fn own(&self, number: usize) -> Option<usize> {
        self.own[number]
    }

    /// True when the column is read.
    pub(super) fn reads(&self, column: usize) -> bool {
        self.needs(column) || self.unneeded.iter().any(|(at, _)| *at == column)
    }

    /// True when the column is read for more than texts that nobody will look at.
    pub(super) fn needs(&self, column: usize) -> bool {
        self.own.contains(&Some(column))
            || self.steps.iter().any(|(at, _)| *at == column)
            || self.again.iter().any(|(at, ..)| *at == column)
    }
}

/// Where a column of costs stands, which may name their currency.
fn find_cost(
    format: &'static str,
    header: &mut Header,
    column: &Column,
) -> Result<Option<usize>, ReadError> {
    let plain = if header.is_open() { None } else { header.any(column.names) };
    match plain.or_else(|| header.any_in_a_currency(column.names)) {
        Some(at) => Ok(Some(at)),
        None => find(format, header, column),
    }
}

/// Where a column stands.
fn find(
    format: &'static str,
    header: &mut Header,
    column: &Column,
) -> Result<Option<usize>, ReadError> {
    if column.needed {
        return header.need_any(format, column.names).map(Some);
    }
    Ok(if column.names.is_empty() { None } else { header.any(column.names) })
}
