//! The pictures of tests/fixtures/heat, which a browser test compares with what Chromium paints from the same amounts.
//! `WRITE_FIXTURES=1 cargo test --lib render` writes them anew.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;

/// What one picture shows.
struct Case {
    name: &'static str,
    kind: &'static str,
    shown: Shown,
    document: (u32, u32),
    cell_px: u32,
    palette: Palette,
    scale: (&'static str, How),
    smooth_px: f64,
    opacity: u8,
}

/// Every palette, every scale, each kind of unit, cells of two sizes, edges within a cell, and opacities on both sides of the ramp's.
#[rustfmt::skip]
const CASES: [Case; 7] = [
    Case { name: "movement", kind: "movement", shown: Shown::HundredSessions, document: (360, 400), cell_px: 8, palette: Palette::Inferno, scale: ("log", How::Log), smooth_px: 16.0, opacity: 85 },
    Case { name: "click", kind: "click", shown: Shown::HundredSessions, document: (397, 301), cell_px: 8, palette: Palette::Viridis, scale: ("linear", How::Linear), smooth_px: 16.0, opacity: 100 },
    Case { name: "hesitation", kind: "hesitation", shown: Shown::HundredSessions, document: (400, 320), cell_px: 16, palette: Palette::Cividis, scale: ("percentile", How::Percentile), smooth_px: 32.0, opacity: 40 },
    Case { name: "raw", kind: "rage", shown: Shown::HundredSessions, document: (240, 200), cell_px: 8, palette: Palette::Grey, scale: ("log", How::Log), smooth_px: 0.0, opacity: 85 },
    Case { name: "sharp", kind: "dead", shown: Shown::HundredSessions, document: (240, 240), cell_px: 8, palette: Palette::Inferno, scale: ("percentile", How::Percentile), smooth_px: 5.0, opacity: 93 },
    Case { name: "attention", kind: "attention", shown: Shown::Session, document: (300, 700), cell_px: 8, palette: Palette::Inferno, scale: ("log", How::Log), smooth_px: 16.0, opacity: 85 },
    Case { name: "reach", kind: "reach", shown: Shown::Reach, document: (300, 700), cell_px: 8, palette: Palette::Viridis, scale: ("linear", How::Linear), smooth_px: 16.0, opacity: 60 },
];

impl Case {
    fn per_unit(&self) -> u32 {
        if ["movement", "hesitation", "attention"].contains(&self.kind) { 16_000 } else { 1 }
    }

    fn size(&self) -> (usize, usize) {
        let columns = if self.is_by_row() { 1 } else { self.document.0.div_ceil(self.cell_px) };
        (columns as usize, self.document.1.div_ceil(self.cell_px) as usize)
    }

    fn is_by_row(&self) -> bool {
        self.shown != Shown::HundredSessions
    }

    /// A few hot places, a trail, and single points, some of them in corners.
    fn amounts(&self) -> Vec<(usize, u64)> {
        let (columns, rows) = self.size();
        let mut state = self.name.bytes().fold(7_u64, |state, byte| state * 31 + u64::from(byte));
        let mut random = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        let mut cells = std::collections::BTreeMap::new();
        for _ in 0..4 {
            let (column, row, heat) = (random(columns), random(rows), 1 + random(40_000 * rows));
            for _ in 0..12 {
                let at = (row + random(3)).min(rows - 1) * columns + (column + random(3)).min(columns - 1);
                *cells.entry(at).or_default() += 1 + random(heat) as u64;
            }
        }
        for _ in 0..columns * rows / 30 {
            *cells.entry(random(columns * rows)).or_default() += 1 + random(5_000) as u64;
        }
        cells.insert(0, 9_000);
        cells.insert(columns * rows - 1, 90_000);
        let scale = if self.per_unit() == 1 { 1_000 } else { 1 };
        cells.into_iter().map(|(at, amount)| (at, 1 + amount / scale)).collect()
    }

    fn picture(&self) -> Picture {
        let (columns, rows) = self.size();
        let amounts = self.amounts();
        let counted = Amounts {
            shown: self.shown,
            per_unit: self.per_unit().into(),
            sessions: 37,
            views: amounts.iter().map(|(_, amount)| amount).sum(),
            cell_px: self.cell_px,
            cells: columns * rows,
            amounts: &amounts,
        };
        Picture {
            document: self.document,
            viewport_w: self.document.0,
            fold: 0,
            elements: Vec::new(),
            cell_px: self.cell_px,
            columns,
            rows,
            values: counted.shown(),
            smooth_px: self.smooth_px,
            palette: self.palette,
            scale: self.scale.1,
            opacity: self.opacity,
        }
    }

    /// As the JSON API answers, and how it is to look.
    fn json(&self) -> Value {
        let amounts = self.amounts();
        let mut before = 0;
        let at: Vec<usize> = amounts.iter().map(|(at, _)| at - std::mem::replace(&mut before, *at)).collect();
        let value: Vec<u64> = amounts.iter().map(|(_, amount)| *amount).collect();
        let ((columns, rows), views) = (self.size(), value.iter().sum::<u64>());
        json!({
            "name": self.name,
            "map": {
                "kind": self.kind, "by_row": self.is_by_row(), "per_unit": self.per_unit(), "sessions": 37, "views": views,
                "document": self.document, "cell_px": self.cell_px, "columns": columns, "rows": rows, "at": at, "value": value,
            },
            "look": { "palette": self.palette.name(), "scale": self.scale.0, "smooth": self.smooth_px, "opacity": self.opacity },
        })
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/heat")
}

fn decode(bytes: &[u8]) -> (u32, Vec<u8>) {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, pixels)
}

#[test]
fn pictures_look_as_those_that_were_compared_with_the_browser() {
    let list = json!(CASES.iter().map(Case::json).collect::<Vec<_>>());
    let file = folder().join("pictures.json");
    let writes = std::env::var_os("WRITE_FIXTURES").is_some();
    if writes {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&file, format!("{list}\n")).unwrap();
    }
    assert_eq!(serde_json::from_str::<Value>(&fs::read_to_string(file).unwrap()).unwrap(), list);
    for case in CASES {
        let (file, drawn) = (folder().join(format!("{}.png", case.name)), heatmap_png(&case.picture()));
        if writes {
            fs::write(&file, &drawn).unwrap();
        }
        let ((width, kept), (new_width, new)) = (decode(&fs::read(file).unwrap()), decode(&drawn));
        assert_eq!((width, kept.len()), (new_width, new.len()), "{}", case.name);
        // Another libm may round a power or a logarithm to the other side.
        let most = kept.iter().zip(&new).map(|(one, other)| one.abs_diff(*other)).max();
        assert!(most <= Some(1), "{}: {most:?}", case.name);
    }
}
