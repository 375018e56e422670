use super::picture::{Picture, PictureElement};

/// Colours of the dark ground that heat lies on, `.dimmed` of the style sheet: the page, and what is drawn on it.
pub const PAGE: Rgb = [27, 29, 36];
const SOFT: Rgb = [32, 34, 42];
const LINE: Rgb = [65, 69, 79];
const FILL: Rgb = [41, 44, 53];
const TEXT: Rgb = [72, 76, 89];
const INK: Rgb = [101, 107, 122];
const LINK: Rgb = [38, 72, 116];

/// Width of a letter, CSS px.
const LETTER: f64 = 7.0;
/// Tags of boxes that hold others.
const CONTAINERS: [&str; 17] = [
    "div", "section", "header", "footer", "main", "nav", "form", "ul", "ol", "article", "aside", "fieldset", "table", "tbody", "tr", "dl",
    "figure",
];

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// A box with round corners, CSS px.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shape {
    /// Left, top, width, height.
    pub rect: [f64; 4],
    /// Radius of its corners.
    pub radius: f64,
    /// Its inside; `None` for nothing.
    pub fill: Option<Rgb>,
    /// Its edge and how wide that is.
    pub edge: Option<(Rgb, f64)>,
    /// Lines from corner to corner, as of a picture that is not there.
    pub is_crossed: bool,
}

/// Draws elements as what they probably are, in the order in which they lie above each other: the port of templates/assets/lib/wire.ts for a page
/// that is not scrolled.
pub fn shapes(picture: &Picture) -> Vec<Shape> {
    let shown = picture.elements.iter().filter(|e| !["html", "body"].contains(&e.tag.as_str()) && e.rect[2] > 2 && e.rect[3] > 2);
    let mut by_size: Vec<&PictureElement> = shown.collect();
    by_size.sort_by_key(|element| std::cmp::Reverse(area(element)));
    // What scrolls, what sticks, what stays: later ones lie above.
    let mut layers: [Vec<Shape>; 3] = Default::default();
    for (index, element) in by_size.iter().enumerate() {
        let smaller = by_size[index + 1..].iter();
        let holds = smaller.into_iter().any(|other| area(other) < area(element) && is_inside(other, element));
        let layer = if element.fixed { 2 } else { usize::from(element.sticky) };
        draw(element, holds, f64::from(picture.viewport_w), &mut layers[layer]);
    }
    layers.concat()
}

fn area(element: &PictureElement) -> i64 {
    element.rect[2].saturating_mul(element.rect[3])
}

/// Does the middle of `inner` lie in `outer`?
fn is_inside(inner: &PictureElement, outer: &PictureElement) -> bool {
    let ([x, y, w, h], [left, top, width, height]) = (inner.rect, outer.rect);
    let (twice_x, twice_y) = (2 * x + w, 2 * y + h);
    (2 * left..=2 * (left + width)).contains(&twice_x) && (2 * top..=2 * (top + height)).contains(&twice_y)
}

fn draw(e: &PictureElement, holds: bool, width: f64, out: &mut Vec<Shape>) {
    let rect = e.rect.map(|side| side as f64);
    let [x, y, w, h] = rect;
    let shape = |radius: f64, fill: Rgb, edge: Option<(Rgb, f64)>| Shape {
        rect,
        radius: radius.min(h / 2.0),
        fill: Some(fill),
        edge,
        is_crossed: false,
    };
    let bar = |[x, y, w, h]: [f64; 4], fill: Rgb| Shape {
        rect: [x, y, w, h],
        radius: 3.0_f64.min(h / 2.0),
        fill: Some(fill),
        edge: None,
        is_crossed: false,
    };
    let line = Shape { rect: [x, y + h - 0.5, w, 1.0], radius: 0.0, fill: Some(LINE), edge: None, is_crossed: false };
    let (tag, role) = (e.tag.as_str(), e.role.as_str());
    if tag == "button" || role == "button" || role == "submit" {
        let is_main = role == "submit" || w >= 150.0;
        out.push(if is_main { shape(8.0, INK, None) } else { shape(8.0, PAGE, Some((INK, 1.5))) });
        if !holds {
            let text = (w * 0.7).min((f64::from(e.text) * LETTER).max(14.0));
            out.push(bar([x + (w - text) / 2.0, y + h / 2.0 - 5.0, text, 10.0_f64.min(h / 2.0)], if is_main { PAGE } else { TEXT }));
        }
    } else if ["input", "textarea", "select"].contains(&tag) || ["textbox", "combobox"].contains(&role) {
        if role == "checkbox" || role == "radio" {
            out.push(shape(if role == "radio" { h } else { 3.0 }, PAGE, Some((INK, 1.5))));
            return;
        }
        out.push(shape(6.0, PAGE, Some((LINE, 1.0))));
        out.push(bar([x + 12.0, y + (h / 2.0).min(22.0) - 5.0, (w * 0.4).min(110.0), 10.0], TEXT));
    } else if e.image || ["img", "svg", "video", "picture", "canvas"].contains(&tag) {
        let is_small = w < 40.0 || h < 40.0;
        out.push(Shape { is_crossed: !is_small, ..shape(if is_small { 6.0 } else { 4.0 }, FILL, Some((LINE, 1.0))) });
    } else if is_heading(tag) || role == "heading" {
        lines(e, INK, 0.62, out);
    } else if tag == "a" || role == "link" {
        if h > 64.0 || holds {
            out.push(shape(6.0, SOFT, Some((LINE, 1.0))));
        } else {
            lines(e, LINK, 0.6, out);
        }
    } else if holds || (CONTAINERS.contains(&tag) && e.text == 0) {
        if (e.fixed || e.sticky || tag == "header" || tag == "nav") && h < 160.0 {
            out.extend([shape(0.0, PAGE, None), line]);
        } else if tag == "footer" {
            out.push(shape(0.0, SOFT, None));
        } else if w <= width * 0.94 {
            out.push(shape(8.0, SOFT, Some((LINE, 1.0))));
        } else if h < 900.0 {
            // A box as wide as the page is the page.
            out.push(line);
        }
    } else if e.text > 0 {
        lines(e, TEXT, 0.5, out);
    } else {
        out.push(shape(6.0, SOFT, Some((LINE, 1.0))));
    }
}

fn is_heading(tag: &str) -> bool {
    matches!(tag.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Bars where lines of text stand.
fn lines(e: &PictureElement, colour: Rgb, fill: f64, out: &mut Vec<Shape>) {
    let [x, y, w, h] = e.rect.map(|side| side as f64);
    let (is_heading, text) = (colour == INK, f64::from(e.text));
    let letter = if is_heading { LETTER.max(h.min(40.0) * 0.42) } else { LETTER };
    let fit = (h / if is_heading { 44.0 } else { 24.0 }).round().max(1.0);
    let need = if text > 0.0 { (text * letter / w.max(1.0)).ceil().max(1.0) } else { fit };
    let count = fit.min(need).min(40.0) as usize;
    let step = h / fit;
    let thick = (step * fill).min(if is_heading { 34.0 } else { 12.0 }).max(3.0);
    for index in 0..count {
        let rest = if text > 0.0 && count == 1 {
            w.min((text * letter).max(16.0))
        } else if index + 1 == count && count > 1 {
            w * 0.62
        } else {
            w * (0.94 + 0.06 * ((index * 7) % 3) as f64 / 2.0)
        };
        let rect = [x, y + step * index as f64 + (step - thick) / 2.0, w.min(rest), thick];
        out.push(Shape { rect, radius: 3.0_f64.min(thick / 2.0), fill: Some(colour), edge: None, is_crossed: false });
    }
}

impl Shape {
    /// The rows of a picture that it can reach, at `step` px of the page a pixel.
    pub fn reaches(&self, first: usize, last: usize, step: f64) -> bool {
        let [_, top, _, height] = self.rect;
        (last as f64 + 1.0) * step >= top - 1.0 && first as f64 * step <= top + height + 1.0
    }

    /// Paints what of it lies in a row of pixels, three bytes each.
    pub fn row(&self, pixels: &mut [u8], y: usize, step: f64) {
        let [left, top, width, height] = self.rect;
        let middle = (y as f64 + 0.5) * step;
        let outset = self.edge.map_or(0.0, |(_, thick)| thick / 2.0);
        if middle < top - outset || middle >= top + height + outset {
            return;
        }
        let count = pixels.len() / 3;
        let pixel = |place: f64| ((place / step).round().max(0.0) as usize).min(count);
        let paint = |pixels: &mut [u8], from: f64, to: f64, colour: Rgb| {
            let (from, to) = (pixel(from), pixel(to));
            if from < to {
                pixels[from * 3..to * 3].chunks_exact_mut(3).for_each(|at| at.copy_from_slice(&colour));
            }
        };
        let inner = self.edge.map_or(0.0, |(_, thick)| thick / 2.0);
        // How much a round corner takes off at this height, for a box that is larger by `by`.
        let inset = |by: f64| {
            let radius = (self.radius + by).max(0.0);
            let depth = (middle - (top - by)).min(top + height + by - middle);
            if depth >= radius { 0.0 } else { radius - (radius * radius - (radius - depth) * (radius - depth)).max(0.0).sqrt() }
        };
        if let Some((colour, _)) = self.edge {
            paint(pixels, left - outset + inset(outset), left + width + outset - inset(outset), colour);
        }
        if middle < top + inner || middle >= top + height - inner {
            return;
        }
        if let Some(colour) = self.fill {
            paint(pixels, left + inner + inset(-inner), left + width - inner - inset(-inner), colour);
        }
        if self.is_crossed {
            let along = (middle - top) / height * width;
            // As wide as a line of one px that leans so far.
            let half = (width / height).max(1.0) / 2.0 * step.max(1.0);
            for x in [left + along, left + width - along] {
                paint(pixels, (x - half).max(left), (x + half).min(left + width), LINE);
            }
        }
    }
}
