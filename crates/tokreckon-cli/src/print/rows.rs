//! Rows of cells: held, or made anew each time they are looked at. A report of a million groups has as many
//! rows, and never more than one of them at once.

/// Takes rows, one after the other.
pub(super) type EachRow<'e> = &'e mut dyn FnMut(Vec<String>);

/// Rows of cells.
pub(super) enum Rows<'r> {
    Held(Vec<Vec<String>>),
    Made(Box<dyn Fn(EachRow<'_>) + 'r>),
}

impl<'r> Rows<'r> {
    /// Adds a row to those that are held.
    pub(super) fn push(&mut self, row: Vec<String>) {
        if let Self::Held(rows) = self {
            rows.push(row);
        }
    }

    /// Hands over row after row.
    pub(super) fn each(&self, each: &mut dyn FnMut(&[String])) {
        match self {
            Self::Held(rows) => rows.iter().for_each(|row| each(row)),
            Self::Made(make) => make(&mut |row| each(&row)),
        }
    }

    /// The same with one cell more at the end of each row; missing ones are empty.
    pub(super) fn with_cells(self, cells: Vec<String>) -> Rows<'r> {
        Rows::Made(Box::new(move |each| {
            let mut cells = cells.iter();
            self.each(&mut |row| {
                let more = cells.next().cloned().unwrap_or_default();
                each(row.iter().cloned().chain([more]).collect());
            });
        }))
    }
}
