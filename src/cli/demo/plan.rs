use super::chance::pick;
use super::geometry::Description;
use super::window::Window;

/// What somebody may turn to next.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Interest {
    Read,
    Look,
    Add,
    GoOn,
    GoBack,
    Jump,
    Ask,
    Fill,
    Step,
    Wander,
    Search,
    Away,
    Rage,
    Enlarge,
    Rummage,
    Resize,
}

/// How often each, of what is possible at the moment.
const INTERESTS: [(f64, Interest); 16] = [
    (26.0, Interest::Read),
    (22.0, Interest::Look),
    (4.0, Interest::Add),
    (24.0, Interest::GoOn),
    (4.0, Interest::GoBack),
    (1.5, Interest::Jump),
    (1.5, Interest::Ask),
    (2.0, Interest::Fill),
    (1.5, Interest::Step),
    (5.0, Interest::Wander),
    (1.0, Interest::Search),
    (0.8, Interest::Away),
    (1.0, Interest::Rage),
    (0.9, Interest::Enlarge),
    (2.0, Interest::Rummage),
    (0.3, Interest::Resize),
];

impl Window<'_> {
    /// Spends about `budget_ms` on the page as interest goes.
    pub fn browse(&mut self, budget_ms: f64) {
        while self.now_ms < budget_ms {
            let interest = pick(self.rng, INTERESTS).expect("weights are positive");
            let before_ms = self.now_ms;
            match interest {
                Interest::Read => self.read(),
                Interest::Look => self.look(),
                Interest::Add => self.press_one(|element| element.id.starts_with("add-")),
                Interest::GoOn => self.go_on(1.0),
                Interest::GoBack => self.go_on(-1.0),
                Interest::Jump => self.jump(),
                Interest::Ask => self.ask(),
                Interest::Fill => self.fill(),
                Interest::Step => self.press_one(|element| element.text <= 1 && element.tag == "button"),
                Interest::Wander => self.wander(),
                Interest::Search => self.search(),
                Interest::Away => self.go_away(),
                Interest::Rage => self.lose_patience(),
                // It looks as if it could be enlarged, and can't.
                Interest::Enlarge => self.press_one(|element| element.id == "gallery-main"),
                Interest::Rummage => self.rummage(),
                Interest::Resize => self.resize(),
            }
            // An interest that found nothing here costs a glance.
            self.pause(if self.now_ms > before_ms { 380.0 } else { 120.0 });
        }
    }

    /// Follows a link to the page at `path`. False where none can be reached.
    pub fn follow_link(&mut self, path: &str) -> bool {
        let links = self.layout.find(|element| element.href.split('#').next() == Some(path));
        // What is in view wins, but nobody forgets a "Check out" further down.
        let weighted: Vec<_> = links.into_iter().map(|index| (if self.is_in_view(index) { 6.0 } else { 1.0 }, index)).collect();
        (0..4).any(|_| pick(self.rng, weighted.iter().copied()).is_some_and(|index| self.press(index)))
    }

    /// Closes the tab.
    pub fn quit(&mut self) {
        if !self.person.hand.is_touch() {
            self.leave();
        }
        self.pause(600.0);
    }

    /// One of the elements in view that are wanted.
    pub fn one_in_view(&mut self, wanted: impl Fn(&Description) -> bool) -> Option<usize> {
        let found: Vec<_> = self.layout.find(wanted).into_iter().filter(|index| self.is_in_view(*index)).collect();
        pick(self.rng, found.into_iter().map(|index| (1.0, index)))
    }
}
