//! What tables of others bring into price files.

use crate::import::{Conflict, Imported, LeftOut, Repair};
use crate::refresh::Change;

/// What became of a published table of prices: what `prices import` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ImportDocument {
    /// Shape and its version: [`ImportDocument::SCHEMA`].
    pub schema: String,
    /// Prices in the table.
    pub found: u64,
    /// Of these, prices in the files.
    pub written: u64,
    /// Further prices in the files, taken over into price tiers.
    pub filled: u64,
    /// Prices that the table holds once more, with the same amount.
    pub repeated: u64,
    /// Prices of providers that were not asked for.
    pub not_asked: u64,
    /// How many of each provider came to what.
    pub providers: Vec<ImportedProviderDocument>,
    /// Numbers that were the trace of a calculation with floats.
    pub repairs: Vec<RepairDocument>,
    /// Prices and ids that the files do not hold, and why.
    pub left_out: Vec<LeftOutDocument>,
    /// Prices that contradict another one of the same table.
    pub conflicts: Vec<ContradictionDocument>,
    /// Ids by a pattern, which ours do not match.
    pub patterns: Vec<LeftOutDocument>,
    /// Keys that an object of the table has twice: the last one counts.
    pub repeated_keys: Vec<String>,
}

/// How many prices of a provider came to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ImportedProviderDocument {
    /// Our id of the provider.
    pub provider: String,
    /// Its models.
    pub models: u64,
    /// Their prices in the files.
    pub prices: u64,
    /// Numbers that were repaired.
    pub repaired: u64,
    /// Prices left out.
    pub left_out: u64,
    /// Contradictions.
    pub conflicts: u64,
}

/// A number that was the trace of a calculation with floats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RepairDocument {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where it stands.
    pub field: String,
    /// As written.
    pub from: String,
    /// What was meant, in the same unit.
    pub to: String,
}

/// A price that the files do not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LeftOutDocument {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where it stands.
    pub field: String,
    /// As written, shortened.
    pub value: String,
    /// Why.
    pub why: String,
}

/// A price that contradicts another one of the same table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ContradictionDocument {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where the price stands that is kept: the first.
    pub kept_field: String,
    /// It.
    pub kept: String,
    /// Where the other stands.
    pub field: String,
    /// It.
    pub value: String,
}

/// What a renewal did to price files: what `prices refresh` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RefreshDocument {
    /// Shape and its version: [`RefreshDocument::SCHEMA`].
    pub schema: String,
    /// What happened, sorted.
    pub changes: Vec<PriceChangeDocument>,
    /// Files that differ from those before, by name.
    pub files: Vec<String>,
    /// True when they are written.
    pub is_written: bool,
}

/// What became of a price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PriceChangeDocument {
    /// `added`, `changed`, `filled`, `retired`, `disputed`, `to review` or `not sold`.
    pub fate: String,
    /// Who sells it.
    pub provider: String,
    /// Model id.
    pub model: String,
    /// Meter and conditions.
    pub what: String,
    /// Amounts and reasons.
    pub why: String,
}

impl ImportDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-import/1";
}

impl From<&Imported> for ImportDocument {
    fn from(imported: &Imported) -> Self {
        let left_out = |list: &[LeftOut]| list.iter().map(LeftOutDocument::from).collect();
        Self {
            schema: Self::SCHEMA.to_owned(),
            found: imported.found,
            written: imported.written,
            filled: imported.filled,
            repeated: imported.repeated,
            not_asked: imported.not_asked,
            providers: imported_providers(imported),
            repairs: imported.repairs.iter().map(RepairDocument::from).collect(),
            left_out: left_out(&imported.left_out),
            conflicts: imported.conflicts.iter().map(ContradictionDocument::from).collect(),
            patterns: left_out(&imported.patterns),
            repeated_keys: imported.repeated_keys.clone(),
        }
    }
}

fn imported_providers(imported: &Imported) -> Vec<ImportedProviderDocument> {
    let files = imported.files.iter().map(|file| {
        let provider = file.file.provider.clone();
        let mut models: Vec<&String> = file.file.prices.iter().flat_map(|e| &e.models).collect();
        models.dedup();
        let of = |all: &mut dyn Iterator<Item = &String>| {
            all.filter(|other| **other == provider).count() as u64
        };
        ImportedProviderDocument {
            models: models.len() as u64,
            prices: file.prices(),
            repaired: of(&mut imported.repairs.iter().map(|repair| &repair.provider)),
            left_out: of(&mut imported.left_out.iter().map(|left| &left.provider)),
            conflicts: of(&mut imported.conflicts.iter().map(|conflict| &conflict.provider)),
            provider,
        }
    });
    files.collect()
}

impl From<&Repair> for RepairDocument {
    fn from(repair: &Repair) -> Self {
        Self {
            provider: repair.provider.clone(),
            model: repair.model.clone(),
            field: repair.field.clone(),
            from: repair.from.clone(),
            to: repair.to.clone(),
        }
    }
}

impl From<&LeftOut> for LeftOutDocument {
    fn from(left: &LeftOut) -> Self {
        Self {
            provider: left.provider.clone(),
            model: left.model.clone(),
            field: left.field.clone(),
            value: left.value.clone(),
            why: left.why.as_str().to_owned(),
        }
    }
}

impl From<&Conflict> for ContradictionDocument {
    fn from(conflict: &Conflict) -> Self {
        Self {
            provider: conflict.provider.clone(),
            model: conflict.model.clone(),
            kept_field: conflict.kept_field.clone(),
            kept: conflict.kept.clone(),
            field: conflict.field.clone(),
            value: conflict.value.clone(),
        }
    }
}

impl RefreshDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-refresh/1";

    /// These changes, and the files that they change.
    #[must_use]
    pub fn new(changes: &[Change], files: Vec<String>, is_written: bool) -> Self {
        let changes = changes.iter().map(PriceChangeDocument::from).collect();
        Self { schema: Self::SCHEMA.to_owned(), changes, files, is_written }
    }
}

impl From<&Change> for PriceChangeDocument {
    fn from(change: &Change) -> Self {
        Self {
            fate: change.fate.as_str().to_owned(),
            provider: change.provider.clone(),
            model: change.model.clone(),
            what: change.what.clone(),
            why: change.why.clone(),
        }
    }
}
