//! The same movement gives the same map, whatever the rate of the device. A map of how many points there are doesn't.

use mousetrail::analysis::heat::{
    Background, Description, Drawing, ElementKey, HeatEvent, HeatKind, PointerClass, Shown, ViewFacts, ViewHeat,
};
use mousetrail::analysis::thin::Thinner;
use mousetrail::event::{ElementBox, Kind, PointerEvent};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const SIZE: (i32, i32) = (1_440, 2_400);
const RATES_HZ: [u32; 4] = [20, 60, 250, 1_000];
/// Movement of each visit, ms.
const LENGTH_MS: f64 = 60_000.0;
const VISITS: u64 = 60;
const CELL_PX: usize = 8;
const COLUMNS: usize = SIZE.0 as usize / CELL_PX;
const ROWS: usize = SIZE.1 as usize / CELL_PX;

/// A stroke or a rest of the hand.
struct Part {
    from_ms: f64,
    to_ms: f64,
    from: (f64, f64),
    to: (f64, f64),
    bulge: f64,
}

/// Strokes of minimum jerk (Flash and Hogan 1985) on bent ways, with rests between them.
fn movement(random: &mut StdRng) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut ms, mut at) = (0.0, (700.0, 400.0));
    while ms < LENGTH_MS {
        let to = (random.random_range(20.0..1_420.0), random.random_range(20.0..2_380.0));
        let way = f64::hypot(to.0 - at.0, to.1 - at.1);
        let end = ms + 150.0 + 180.0 * (way / 30.0 + 1.0).log2();
        parts.push(Part { from_ms: ms, to_ms: end, from: at, to, bulge: way * random.random_range(-0.12..0.12) });
        let rest = end + random.random_range(0.0..1_800.0);
        parts.push(Part { from_ms: end, to_ms: rest, from: to, to, bulge: 0.0 });
        (ms, at) = (rest, to);
    }
    parts
}

fn place(parts: &[Part], ms: f64) -> (f64, f64) {
    let Some(part) = parts.iter().find(|part| ms < part.to_ms).or(parts.last()) else { return (0.0, 0.0) };
    let t = ((ms - part.from_ms) / (part.to_ms - part.from_ms).max(1e-9)).clamp(0.0, 1.0);
    let done = t * t * t * (10.0 + t * (6.0 * t - 15.0));
    let (dx, dy) = (part.to.0 - part.from.0, part.to.1 - part.from.1);
    let way = dx.hypot(dy).max(1e-9);
    let aside = part.bulge * (std::f64::consts::PI * done).sin();
    (part.from.0 + dx * done - dy / way * aside, part.from.1 + dy * done + dx / way * aside)
}

/// What a device of this rate says: a sample only when the pointer has moved.
fn samples(parts: &[Part], rate_hz: u32, phase: f64) -> Vec<(u32, f64, f64)> {
    let step = 1_000.0 / f64::from(rate_hz);
    let mut out: Vec<(u32, f64, f64)> = Vec::new();
    let mut ms = phase * step;
    while ms < LENGTH_MS {
        let (x, y) = place(parts, ms);
        let (x, y) = (x.round(), y.round());
        if out.last().is_none_or(|last| (last.1, last.2) != (x, y)) {
            out.push((ms.round() as u32, x, y));
        }
        ms += step;
    }
    out
}

fn elements() -> Vec<Description> {
    let rect = |index: i32| ElementBox { x: index % 4 * 350 + 20, y: index / 4 * 290 + 10, w: 330, h: 270 };
    (0..32)
        .map(|index| Description {
            number: index as u16 + 1,
            parent: 0,
            key: ElementKey(i64::from(index) + 1),
            flags: 0,
            is_overlay: false,
            is_field: false,
            rect: rect(index),
            seq: 0,
            outline_ms: Some(0),
        })
        .collect()
}

/// The map that mousetrail makes: thinned as the snippet does, time along the path, by element. Asserts that no time is lost.
fn by_time(background: &Background, elements: &[Description], visits: &[Vec<(u32, f64, f64)>]) -> Vec<f64> {
    let mut drawing = Drawing::new(background, HeatKind::Movement, PointerClass::Mouse);
    let mut total_ms = 0;
    for samples in visits {
        let (mut thinner, mut kept) = (Thinner::new(2.0), Vec::new());
        for (at_ms, x, y) in samples {
            thinner.sample(*at_ms, *x, *y, (), &mut kept);
        }
        thinner.flush(&mut kept);
        total_ms += kept.windows(2).map(|pair| u64::from((pair[1].at_ms - pair[0].at_ms).min(5_000))).sum::<u64>();
        let events: Vec<HeatEvent> = kept
            .iter()
            .map(|vertex| {
                let holds = |rect: ElementBox| {
                    vertex.x >= rect.x && vertex.x < rect.x + rect.w as i32 && vertex.y >= rect.y && vertex.y < rect.y + rect.h as i32
                };
                let element = elements.iter().find(|element| holds(element.rect)).map_or(0, |element| element.number);
                let event = PointerEvent { element, ..PointerEvent::new(0, Kind::Move, vertex.x, vertex.y) };
                HeatEvent { seq: 1, at_ms: vertex.at_ms, event }
            })
            .collect();
        let facts = ViewFacts { viewport: (1_440, 900), document: SIZE, scroll: (0, 0) };
        let heat = ViewHeat::of(facts, elements, &events);
        drawing.add(&heat.kinds[&HeatKind::Movement].encode(), true).unwrap();
    }
    let drawn = drawing.finish();
    assert_eq!((drawn.columns, drawn.rows, drawn.cell_px), (COLUMNS, ROWS, CELL_PX as u32));
    assert_eq!(drawn.values.iter().sum::<u64>(), total_ms * 16, "the map holds all time, to the sixteenth of a millisecond");
    drawn.values.iter().map(|value| *value as f64).collect()
}

fn by_count(visits: &[Vec<(u32, f64, f64)>]) -> Vec<f64> {
    let mut cells = vec![0.0; COLUMNS * ROWS];
    for (_, x, y) in visits.iter().flatten() {
        cells[(*y as usize / CELL_PX).min(ROWS - 1) * COLUMNS + (*x as usize / CELL_PX).min(COLUMNS - 1)] += 1.0;
    }
    cells
}

/// As it is shown: under a Gaussian of 16 px; its sum is 1.
fn shown(cells: &[f64]) -> Vec<f64> {
    let kernel: Vec<f64> = (-6..=6).map(|i| (-0.5 * (f64::from(i) * CELL_PX as f64 / 16.0).powi(2)).exp()).collect();
    let mut out = cells.to_vec();
    for (count, lines, stride, across) in [(COLUMNS, ROWS, 1, COLUMNS), (ROWS, COLUMNS, COLUMNS, 1)] {
        let from = std::mem::replace(&mut out, vec![0.0; cells.len()]);
        for line in 0..lines {
            for i in 0..count {
                for (k, weight) in kernel.iter().enumerate() {
                    if let Some(to) = (i + k).checked_sub(6).filter(|to| *to < count) {
                        out[line * across + to * stride] += from[line * across + i * stride] * weight;
                    }
                }
            }
        }
    }
    let sum: f64 = out.iter().sum();
    out.iter().map(|value| value / sum).collect()
}

/// Half of the sum of all differences: 0 for equal maps, 1 for maps without a common place.
fn total_variation(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
}

#[test]
fn heat_of_the_same_movement_is_the_same_at_every_rate_within_two_percent_and_a_count_of_points_is_not() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    println!("seed {seed}");
    let elements = elements();
    let mut background = Background { viewport_w: 1_440, document: SIZE, ..Background::default() };
    background.boxes = elements.iter().map(|element| (element.key, Shown { rect: element.rect, clip: element.rect })).collect();
    let maps = RATES_HZ.map(|rate| {
        let visits: Vec<_> = (0..VISITS)
            .map(|visit| {
                let mut random = StdRng::seed_from_u64(seed + visit);
                let parts = movement(&mut random);
                samples(&parts, rate, random.random_range(0.0..1.0))
            })
            .collect();
        (shown(&by_time(&background, &elements, &visits)), shown(&by_count(&visits)))
    });
    let (mut worst, mut worst_count) = (0.0f64, 0.0f64);
    for i in 0..RATES_HZ.len() {
        for j in i + 1..RATES_HZ.len() {
            let (time, count) = (total_variation(&maps[i].0, &maps[j].0), total_variation(&maps[i].1, &maps[j].1));
            let wrong = total_variation(&maps[j].0, &maps[j].1);
            println!(
                "{:>4} and {:>4} Hz: by time {:.2} %, by count {:.2} %; count of {} Hz against time {:.1} %",
                RATES_HZ[i],
                RATES_HZ[j],
                time * 100.0,
                count * 100.0,
                RATES_HZ[j],
                wrong * 100.0
            );
            (worst, worst_count) = (worst.max(time), worst_count.max(wrong));
        }
    }
    assert!(worst <= 0.02, "maps differ by {:.2} %", worst * 100.0);
    assert!(worst_count > 0.1, "a count of points is far off: {:.1} %", worst_count * 100.0);
}
