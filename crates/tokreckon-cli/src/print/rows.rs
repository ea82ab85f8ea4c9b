//! Rows of cells in one text: a report of a million groups has as many rows. With a string for each cell
//! a report of 300,000 groups as CSV took 629 MB at its peak, so it takes 557.

/// Rows of equally many cells.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Cells of a row.
    columns: usize,
    /// All cells, one after the other.
    text: String,
    /// Where each cell ends in it.
    ends: Vec<usize>,
}

impl Rows {
    /// No rows of so many cells.
    pub(super) const fn of(columns: usize) -> Self {
        Self { columns, text: String::new(), ends: Vec::new() }
    }

    /// Adds a row; cells that are missing are empty.
    pub(super) fn push<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let end = self.ends.len() + self.columns;
        for cell in cells.into_iter().take(self.columns) {
            self.text.push_str(cell.as_ref());
            self.ends.push(self.text.len());
        }
        self.ends.resize(end, self.text.len());
    }

    /// How many rows there are.
    pub(super) const fn len(&self) -> usize {
        match self.ends.len().checked_div(self.columns) {
            Some(rows) => rows,
            None => 0,
        }
    }

    /// The cells of a row.
    pub(super) fn row(&self, at: usize) -> impl Iterator<Item = &str> {
        (0..self.columns).map(move |column| self.cell(at, column))
    }

    /// A cell.
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        let at = row * self.columns + column;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    /// The cells of a column.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.len()).map(move |row| self.cell(row, column))
    }

    /// The same rows, each changed to so many cells.
    pub(super) fn changed(
        &self,
        columns: usize,
        mut change: impl FnMut(Vec<String>) -> Vec<String>,
    ) -> Self {
        let mut rows = Self::of(columns);
        for at in 0..self.len() {
            rows.push(change(self.row(at).map(str::to_owned).collect()));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_what_was_put_in() {
        let mut rows = Rows::of(3);
        rows.push(["a", "", "çé"]);
        rows.push(["b"]);
        rows.push(["1", "2", "3", "4"]);
        let all: Vec<Vec<&str>> = (0..rows.len()).map(|at| rows.row(at).collect()).collect();
        assert_eq!(all, [["a", "", "çé"], ["b", "", ""], ["1", "2", "3"]]);
        assert_eq!(rows.column(0).collect::<String>(), "ab1");
        let fewer = rows.changed(1, |cells| cells[2..].to_vec());
        assert_eq!(fewer.column(0).collect::<Vec<_>>(), ["çé", "", "3"]);
        assert_eq!(Rows::of(0).len(), 0);
    }
}
