use std::fmt::Write;

/// Width and height of a thumbnail, px.
const SIZE: (f64, f64) = (96.0, 60.0);
/// Points further than this from the simplified path are kept, px of the thumbnail.
const TOLERANCE: f64 = 0.6;

/// A session at a glance: its path, where it ended, and the page behind it as boxes, in 96 x 60 px.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Thumbnail {
    /// SVG path, smoothed: a thumbnail is a picture, not evidence.
    pub path: String,
    /// Where the path ends.
    pub end: Option<(f64, f64)>,
    /// The window, which is narrower than the thumbnail on a phone: x, y, width, height.
    pub page: [f64; 4],
    /// Boxes of elements: x, y, width, height.
    pub boxes: Vec<[f64; 4]>,
}

impl Thumbnail {
    /// Draws document px, of which `view` (left, top, width, height) is to be seen. Scaled to the thumbnail's width, cut at its foot.
    pub fn new(points: &[(f64, f64)], boxes: &[[f64; 4]], view: [f64; 4]) -> Self {
        let [left, top, width, height] = view;
        let scale = (SIZE.0 / width.max(1.0)).min(SIZE.1 / height.max(1.0));
        let margin = (SIZE.0 - width * scale) / 2.0;
        let place = |x: f64, y: f64| ((x - left) * scale + margin, (y - top) * scale);
        let points: Vec<_> = points.iter().map(|(x, y)| place(*x, *y)).filter(|(_, y)| (-1.0..=SIZE.1 + 1.0).contains(y)).collect();
        let points = simplify(&points, TOLERANCE);
        let boxes = boxes.iter().map(|[x, y, w, h]| {
            let (x, y) = place(*x, *y);
            [x, y, w * scale, h * scale].map(round)
        });
        Self {
            page: [margin, 0.0, width * scale, height * scale].map(round),
            path: smooth(&points),
            end: points.last().map(|(x, y)| (round(*x), round(*y))),
            boxes: boxes.filter(|[_, y, w, h]| *y < SIZE.1 && y + h > 0.0 && *w > 0.5 && *h > 0.5).collect(),
        }
    }
}

fn round(px: f64) -> f64 {
    (px * 10.0).round() / 10.0
}

/// Douglas and Peucker (1973): the fewest points whose lines stay within `tolerance` of all others. Without recursion, so that
/// a long path can't exhaust the stack.
pub fn simplify(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut stretches = vec![(0, points.len() - 1)];
    while let Some((first, last)) = stretches.pop() {
        let mut far = (tolerance, None);
        for index in first + 1..last {
            let distance = distance(points[index], points[first], points[last]);
            if distance > far.0 {
                far = (distance, Some(index));
            }
        }
        if let (_, Some(index)) = far {
            keep[index] = true;
            stretches.extend([(first, index), (index, last)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

/// From a point to a piece of a line.
fn distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 { 0.0 } else { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) };
    (p.0 - a.0 - dx * along).hypot(p.1 - a.1 - dy * along)
}

/// Quadratic curves through the middles of the lines.
fn smooth(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let [first, rest @ ..] = points else { return path };
    // Writing to a string can't fail.
    let _ = write!(path, "M{} {}", round(first.0), round(first.1));
    for pair in rest.windows(2) {
        let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
        let _ = write!(path, "Q{} {} {} {}", round(pair[0].0), round(pair[0].1), round(middle.0), round(middle.1));
    }
    if let Some(last) = rest.last() {
        let _ = write!(path, "L{} {}", round(last.0), round(last.1));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_the_way_are_dropped_and_corners_stay() {
        let points = [(0.0, 0.0), (5.0, 0.1), (10.0, 0.0), (10.0, 5.0), (10.0, 10.0)];
        assert_eq!(simplify(&points, 0.5), [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]);
        assert_eq!(simplify(&points[..2], 0.5), &points[..2]);
    }

    #[test]
    fn a_view_is_scaled_into_the_thumbnail() {
        let thumbnail = Thumbnail::new(
            &[(0.0, 0.0), (960.0, 600.0)],
            &[[96.0, 60.0, 480.0, 10.0], [0.0, 9_000.0, 50.0, 50.0]],
            [0.0, 0.0, 960.0, 600.0],
        );
        assert_eq!(thumbnail.path, "M0 0L96 60");
        assert_eq!(thumbnail.end, Some((96.0, 60.0)));
        assert_eq!(thumbnail.boxes, [[9.6, 6.0, 48.0, 1.0]]);
    }

    #[test]
    fn a_phone_stands_in_the_middle() {
        let thumbnail = Thumbnail::new(&[(0.0, 0.0)], &[], [0.0, 0.0, 400.0, 800.0]);
        // 400 x 800 becomes 30 x 60.
        assert_eq!(thumbnail.end, Some((33.0, 0.0)));
        assert_eq!(thumbnail.page, [33.0, 0.0, 30.0, 60.0]);
        assert_eq!(Thumbnail::new(&[], &[], [0.0; 4]).path, "");
    }
}
