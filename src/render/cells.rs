/// Side of the square that values are given for, CSS px.
const UNIT_PX: f64 = 16.0;

/// What the values of a kind are given for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// A hundred sessions and a square of 16 x 16 px.
    HundredSessions,
    /// A session, by whole rows.
    Session,
    /// The share of the page views that got at least there, by whole rows.
    Reach,
}

/// Amounts as they were counted, which stand in cells.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Amounts<'a> {
    /// What the values are for.
    pub shown: Shown,
    /// Amounts of this many make one: a second, a click, a page view.
    pub per_unit: f64,
    /// Sessions that it is made of.
    pub sessions: u64,
    /// Page views that it is made of.
    pub views: u64,
    /// Side of a cell, CSS px.
    pub cell_px: u32,
    /// Cells in all.
    pub cells: usize,
    /// Cell, and what is in it. Others hold nothing.
    pub amounts: &'a [(usize, u64)],
}

impl Amounts<'_> {
    /// Values in the unit that is shown, as `grid` of templates/assets/lib/heat.ts has them to the bit.
    pub fn shown(&self) -> Vec<f32> {
        let mut values = vec![0.0_f32; self.cells];
        let sessions = self.sessions.max(1) as f64;
        let share = (f64::from(self.cell_px) / UNIT_PX).powi(2);
        for (cell, amount) in self.amounts {
            let units = *amount as f64 / self.per_unit;
            if let Some(value) = values.get_mut(*cell) {
                *value = match self.shown {
                    Shown::HundredSessions => units * 100.0 / sessions / share,
                    Shown::Session => units / sessions,
                    Shown::Reach => units,
                } as f32;
            }
        }
        if self.shown == Shown::Reach {
            cumulate(&mut values, self.views.max(1) as f64);
        }
        values
    }
}

/// From how many page views ended in a row to the share of those that got at least there.
fn cumulate(values: &mut [f32], views: f64) {
    let mut sum = 0.0;
    for value in values.iter_mut().rev() {
        sum += f64::from(*value);
        *value = (sum / views) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_what_is_shown() {
        let amounts = Amounts {
            shown: Shown::HundredSessions,
            per_unit: 16_000.0,
            sessions: 50,
            views: 80,
            cell_px: 8,
            cells: 3,
            amounts: &[(1, 32_000), (9, 1)],
        };
        // 2 s in 50 sessions in a quarter of the square.
        assert_eq!(amounts.shown(), [0.0, 16.0, 0.0]);
        assert_eq!(Amounts { shown: Shown::Session, ..amounts }.shown(), [0.0, 0.04, 0.0]);
        let reach = Amounts { shown: Shown::Reach, per_unit: 1.0, amounts: &[(0, 20), (2, 60)], ..amounts };
        assert_eq!(reach.shown(), [1.0, 0.75, 0.75]);
    }
}
