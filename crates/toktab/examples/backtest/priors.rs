//! Writes the shipped tables.

use std::collections::BTreeMap;

use crate::facts::Tasks;

pub(crate) fn write(_models: &BTreeMap<String, Tasks>, _folder: &str) -> Result<(), String> {
    Err("not yet".to_owned())
}
