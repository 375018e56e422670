use rand::RngExt;
use rand::rngs::StdRng;

use super::chance::{around, pick};

/// Somebody who visits the shop, with the device in front of them.
pub struct Person {
    pub user_agent: &'static str,
    pub language: &'static str,
    /// Origin and path of the page that brought them.
    pub referrer: Option<&'static str>,
    /// CSS px.
    pub screen: (u32, u32),
    /// Inside of the browser window, CSS px. Its width is one for which the shop was measured.
    pub viewport: (f64, f64),
    pub pixel_ratio: f32,
    pub hand: Hand,
    /// Stretches what they do: 1 is middling, 2 is twice as slow.
    pub pace: f64,
    pub tremor_px: f64,
    /// Some move the pointer along the lines that they read.
    pub reads_with_pointer: bool,
}

/// What they move with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Hand {
    /// A mouse with a wheel, or a touchpad that scrolls smoothly; samples a second.
    Mouse { hz: f64, has_wheel: bool },
    /// A finger.
    Touch,
}

impl Hand {
    pub fn is_touch(self) -> bool {
        self == Self::Touch
    }
}

struct Machine {
    /// Visits of a hundred.
    weight: f64,
    user_agent: &'static str,
    screens: &'static [((u32, u32), f32)],
    /// Px of the screen's height that the system and the browser take for themselves.
    chrome_px: f64,
    hand: Hand,
}

const WHEEL: Hand = Hand::Mouse { hz: 125.0, has_wheel: true };
const TOUCHPAD: Hand = Hand::Mouse { hz: 60.0, has_wheel: false };
const PC: &[((u32, u32), f32)] = &[((1920, 1080), 1.0), ((1920, 1080), 1.0), ((1280, 720), 1.5), ((1440, 900), 1.0)];
const MAC: &[((u32, u32), f32)] = &[((1440, 900), 2.0), ((1440, 900), 2.0), ((1920, 1080), 2.0), ((1280, 720), 2.0)];
const PHONE: &[((u32, u32), f32)] = &[((390, 844), 3.0)];
const TABLET: &[((u32, u32), f32)] = &[((820, 1180), 2.0)];

/// Desktops 62, phones 28, tablets 10 of a hundred.
const MACHINES: [Machine; 12] = [
    Machine {
        weight: 26.0,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Safari/537.36",
        screens: PC,
        chrome_px: 139.0,
        hand: WHEEL,
    },
    Machine {
        weight: 8.0,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Safari/537.36 Edg/154.0.0.0",
        screens: PC,
        chrome_px: 131.0,
        hand: WHEEL,
    },
    Machine {
        weight: 5.0,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0",
        screens: PC,
        chrome_px: 133.0,
        hand: WHEEL,
    },
    Machine {
        weight: 9.0,
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Safari/537.36",
        screens: MAC,
        chrome_px: 162.0,
        hand: TOUCHPAD,
    },
    Machine {
        weight: 8.0,
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
        screens: MAC,
        chrome_px: 128.0,
        hand: TOUCHPAD,
    },
    Machine {
        weight: 4.0,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0",
        screens: PC,
        chrome_px: 126.0,
        hand: WHEEL,
    },
    Machine {
        weight: 2.0,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Safari/537.36",
        screens: PC,
        chrome_px: 120.0,
        hand: TOUCHPAD,
    },
    Machine {
        weight: 13.0,
        user_agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Mobile Safari/537.36",
        screens: PHONE,
        chrome_px: 136.0,
        hand: Hand::Touch,
    },
    Machine {
        weight: 13.0,
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
        screens: PHONE,
        chrome_px: 180.0,
        hand: Hand::Touch,
    },
    Machine {
        weight: 2.0,
        user_agent: "Mozilla/5.0 (Android 16; Mobile; rv:152.0) Gecko/152.0 Firefox/152.0",
        screens: PHONE,
        chrome_px: 130.0,
        hand: Hand::Touch,
    },
    Machine {
        weight: 6.0,
        user_agent: "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
        screens: TABLET,
        chrome_px: 74.0,
        hand: Hand::Touch,
    },
    Machine {
        weight: 4.0,
        user_agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/154.0.0.0 Safari/537.36",
        screens: TABLET,
        chrome_px: 112.0,
        hand: Hand::Touch,
    },
];

const LANGUAGES: [(f64, &str); 9] = [
    (30.0, "en-GB"),
    (24.0, "de-DE"),
    (10.0, "en-US"),
    (9.0, "fr-FR"),
    (8.0, "nl-NL"),
    (7.0, "de-AT"),
    (5.0, "da-DK"),
    (4.0, "pl-PL"),
    (3.0, "es-ES"),
];

const REFERRERS: [(f64, Option<&str>); 7] = [
    (42.0, None),
    (26.0, Some("https://www.google.com/")),
    (7.0, Some("https://duckduckgo.com/")),
    (6.0, Some("https://www.bing.com/")),
    (8.0, Some("https://www.instagram.com/")),
    (7.0, Some("https://slow-mornings.example/what-to-drink-in-april")),
    (4.0, Some("https://forum.teapeople.example/t/first-flush")),
];

impl Person {
    /// Somebody new.
    pub fn new(rng: &mut StdRng) -> Self {
        let machine = pick(rng, MACHINES.iter().map(|machine| (machine.weight, machine))).expect("weights are positive");
        let (screen, pixel_ratio) = machine.screens[rng.random_range(0..machine.screens.len())];
        Self {
            user_agent: machine.user_agent,
            language: pick(rng, LANGUAGES).expect("weights are positive"),
            referrer: pick(rng, REFERRERS).expect("weights are positive"),
            screen,
            viewport: (f64::from(screen.0), f64::from(screen.1) - machine.chrome_px),
            pixel_ratio,
            hand: machine.hand,
            pace: around(rng, 1.05, 0.18),
            tremor_px: around(rng, 0.35, 0.4).min(1.2),
            reads_with_pointer: rng.random_bool(0.55),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_device_mix_is_62_desktops_28_phones_and_10_tablets() {
        let of = |screens: &[&[_]]| -> f64 {
            MACHINES.iter().filter(|machine| screens.contains(&machine.screens)).map(|machine| machine.weight).sum()
        };
        assert_eq!((of(&[PC, MAC]), of(&[PHONE]), of(&[TABLET])), (62.0, 28.0, 10.0));
        let mut rng = StdRng::seed_from_u64(1);
        let touches = (0..2_000).filter(|_| Person::new(&mut rng).hand.is_touch()).count();
        assert!((690..830).contains(&touches), "{touches}");
    }
}
