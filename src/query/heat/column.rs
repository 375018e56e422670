use crate::analysis::heat::HeatKind;

/// What is read of stored heat: one column of `core.heat_view` and `core.heat_day`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeatColumn {
    /// Heat of a kind (`Heat::add` takes it).
    Kind(HeatKind),
    /// Sums by element (`ElementSums::add` takes them).
    Elements,
}

impl HeatColumn {
    /// All of them, in the order of the table's columns.
    pub fn all() -> impl Iterator<Item = Self> {
        HeatKind::all().map(Self::Kind).chain([Self::Elements])
    }

    /// Its place among them, from 0: what the queries choose the column by.
    pub fn code(self) -> i16 {
        match self {
            Self::Kind(kind) => kind as i16,
            Self::Elements => HeatKind::all().count() as i16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_place_among_all_columns() {
        assert!(HeatColumn::all().enumerate().all(|(index, column)| column.code() == index as i16));
    }
}
