use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::PageViewId;

/// Groups and members that a generation holds at most: some MiB.
const MAX_GENERATION: usize = 50_000;

/// Counts page views that have something in common, and says when there are too many of them in a while.
///
/// Memory is bounded: groups that nobody joined for a generation are forgotten, the oldest first.
pub(super) struct Crowd {
    limit: usize,
    window: TimeDelta,
    young: HashMap<u64, Group>,
    old: HashMap<u64, Group>,
    /// Groups and members in `young`.
    size: usize,
}

struct Group {
    began: DateTime<Utc>,
    count: usize,
    /// The members, until there are too many: then they have been handed out.
    ids: Vec<PageViewId>,
    /// Were there too many in the window before? Then there are in this one from its first member on.
    was_over: bool,
}

impl Crowd {
    /// At most `limit` members of a group in each window.
    pub(super) fn new(limit: usize, window: TimeDelta) -> Self {
        Self { limit, window, young: HashMap::new(), old: HashMap::new(), size: 0 }
    }

    /// A page view joins a group. Where that makes it too many, returns the members that joined before and were not handed out yet.
    pub(super) fn join(&mut self, key: u64, id: PageViewId, now: DateTime<Utc>) -> Option<Vec<PageViewId>> {
        if self.size >= MAX_GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        let group = self.young.entry(key).or_insert_with(|| {
            let group = self.old.remove(&key).unwrap_or(Group { began: now, count: 0, ids: Vec::new(), was_over: false });
            self.size += 1 + group.ids.len();
            group
        });
        let age = now - group.began;
        // A clock that was set back begins anew, too.
        if age >= self.window || age < TimeDelta::zero() {
            let was_over = group.count > self.limit && age >= TimeDelta::zero() && age < self.window * 2;
            *group = Group { began: now, count: 0, ids: Vec::new(), was_over };
        }
        // Sent again, because its answer was lost.
        if group.ids.contains(&id) {
            return None;
        }
        group.count += 1;
        if group.was_over || group.count > self.limit {
            return Some(std::mem::take(&mut group.ids));
        }
        group.ids.push(id);
        self.size += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> PageViewId {
        PageViewId::new(DateTime::UNIX_EPOCH + TimeDelta::days(20_000), n)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
    }

    #[test]
    fn who_is_one_too_many_betrays_those_before_and_all_after() {
        let mut crowd = Crowd::new(3, TimeDelta::minutes(1));
        for n in 0..3 {
            assert_eq!(crowd.join(7, id(n), at(0)), None);
            assert_eq!(crowd.join(8, id(100 + n), at(0)), None, "another group");
        }
        assert_eq!(crowd.join(7, id(3), at(1)), Some(vec![id(0), id(1), id(2)]));
        assert_eq!(crowd.join(7, id(4), at(2)), Some(Vec::new()));
    }

    #[test]
    fn a_page_view_counts_once_however_often_it_is_told() {
        let mut crowd = Crowd::new(2, TimeDelta::minutes(1));
        for _ in 0..9 {
            assert_eq!(crowd.join(7, id(1), at(0)), None);
        }
    }

    #[test]
    fn a_minute_over_the_limit_holds_for_the_next_one_and_ends_with_a_quiet_one() {
        let mut crowd = Crowd::new(2, TimeDelta::minutes(1));
        for n in 0..3 {
            crowd.join(7, id(n), at(0));
        }
        assert!(crowd.join(7, id(10), at(61)).is_some(), "the flood goes on");
        assert!(crowd.join(7, id(11), at(122)).is_none(), "there was one page view in the minute before");
        let mut crowd = Crowd::new(2, TimeDelta::minutes(1));
        for n in 0..3 {
            crowd.join(7, id(n), at(0));
        }
        assert!(crowd.join(7, id(10), at(200)).is_none(), "it was over long ago");
        assert!(crowd.join(7, id(11), at(-3_600)).is_none(), "the clock was set back");
    }

    #[test]
    fn memory_is_bounded_and_a_group_that_is_joined_is_remembered() {
        let mut crowd = Crowd::new(1_000_000, TimeDelta::minutes(1));
        for n in 0..1_000_000u64 {
            crowd.join(n, id(n), at(0));
            if n % 1_000 == 0 {
                crowd.join(u64::MAX, id(n), at(0));
            }
            assert!(crowd.young.len() + crowd.old.len() <= 2 * MAX_GENERATION);
        }
        assert_eq!(crowd.young.get(&u64::MAX).or(crowd.old.get(&u64::MAX)).unwrap().count, 1_000);
    }
}
