use std::io::Write as _;

use super::paint::{Paint, blend};
use super::picture::Picture;
use super::wireframe::{PAGE, Shape, shapes};

/// Height of a picture at most, px: a taller page is scaled down evenly.
const MAX_HEIGHT: u32 = 16_384;
/// Pixels of a picture at most: a larger page is scaled down evenly, too, so that the file has a bound.
const MAX_PIXELS: f64 = 64e6;
/// Rows that are drawn at a time: what is held of the picture in memory.
const BAND: usize = 64;
/// The line at the fold: white at 55 %, dashes of so many px.
const FOLD: [u8; 4] = [255, 255, 255, 140];
const DASH: usize = 4;

/// A heatmap over its page as PNG, a pixel a CSS px unless the page is too large for that. Deterministic.
///
/// It takes memory for 64 rows, for the cells, and for the compressed file.
pub fn heatmap_png(picture: &Picture) -> Vec<u8> {
    let (size, step) = size(picture.document);
    let mut bytes = Vec::new();
    // Into a vector nothing is refused, and a size of at least 1 x 1 is no mistake: an error would be one of ours.
    if let Err(error) = write(picture, &mut bytes, size, step) {
        tracing::error!(%error, "a picture of a heatmap was not encoded");
        bytes.clear();
    }
    bytes
}

/// Size of the picture of a page, and px of the page a pixel.
fn size(document: (u32, u32)) -> ((u32, u32), f64) {
    let (w, h) = (document.0.max(1), document.1.max(1));
    let by_height = f64::from(h) / f64::from(MAX_HEIGHT);
    let by_pixels = (f64::from(w) * f64::from(h) / MAX_PIXELS).sqrt();
    let step = by_height.max(by_pixels).max(1.0);
    let side = |side: u32| (f64::from(side) / step).round().max(1.0) as u32;
    ((side(w), side(h)), step)
}

fn write(picture: &Picture, bytes: &mut Vec<u8>, (width, height): (u32, u32), step: f64) -> Result<(), ::png::EncodingError> {
    let mut encoder = ::png::Encoder::new(bytes, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Fast);
    let mut header = encoder.write_header()?;
    let mut stream = header.stream_writer()?;
    let all = shapes(picture);
    let mut paint = Paint::new(picture);
    let fold = (picture.fold > 0 && picture.fold < picture.document.1).then(|| (f64::from(picture.fold) / step) as usize);
    let row_bytes = width as usize * 3;
    let mut band = vec![0_u8; row_bytes * BAND];
    for first in (0..height as usize).step_by(BAND) {
        let rows = BAND.min(height as usize - first);
        let near: Vec<&Shape> = all.iter().filter(|shape| shape.reaches(first, first + rows, step)).collect();
        for (row, y) in band.chunks_exact_mut(row_bytes).take(rows).zip(first..) {
            row.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&PAGE));
            near.iter().for_each(|shape| shape.row(row, y, step));
            if picture.opacity > 0 {
                paint.row(row, y, step);
            }
            if fold == Some(y) {
                row.chunks_mut(3 * DASH).step_by(2).flat_map(|dash| dash.chunks_exact_mut(3)).for_each(|pixel| blend(pixel, FOLD));
            }
        }
        stream.write_all(&band[..rows * row_bytes])?;
    }
    stream.finish()
}

#[cfg(test)]
mod tests {
    use super::super::{How, Palette, PictureElement};
    use super::*;

    fn picture(document: (u32, u32)) -> Picture {
        let (columns, rows) = (document.0.div_ceil(8) as usize, document.1.div_ceil(8) as usize);
        let mut values = vec![0.0; columns * rows];
        values[columns * rows / 2 + columns / 2] = 8.0;
        Picture {
            document,
            viewport_w: document.0,
            fold: 0,
            elements: Vec::new(),
            cell_px: 8,
            columns,
            rows,
            values,
            smooth_px: 16.0,
            palette: Palette::Inferno,
            scale: How::Log,
            opacity: 85,
        }
    }

    fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn a_picture_is_as_large_as_the_page_with_heat_where_it_is() {
        let (width, height, pixels) = decode(&heatmap_png(&picture((400, 300))));
        assert_eq!((width, height), (400, 300));
        let at = |x: usize, y: usize| &pixels[(y * 400 + x) * 3..][..3];
        assert_eq!(at(3, 3), PAGE);
        assert!(at(204, 156).iter().map(|channel| u32::from(*channel)).sum::<u32>() > 500, "{:?}", at(204, 156));
    }

    #[test]
    fn a_page_that_is_too_large_is_scaled_down_evenly() {
        assert_eq!(size((1_440, 16_384)), ((1_440, 16_384), 1.0));
        assert_eq!(size((300, 65_536)), ((75, 16_384), 4.0));
        let ((width, height), _) = size((8_192, 16_000));
        assert!(width * height <= 64_100_000 && (f64::from(width) / f64::from(height) - 8_192.0 / 16_000.0).abs() < 1e-3);
        let (width, height, _) = decode(&heatmap_png(&picture((40, 65_536))));
        assert_eq!((width, height), (10, 16_384));
    }

    #[test]
    fn nothing_and_odd_sizes_are_drawn_as_well() {
        for (columns, rows, document) in [(1, 1, (0, 0)), (1, 9, (5, 70)), (2, 1, (16, 8)), (0, 0, (1, 1))] {
            let (width, height, _) =
                decode(&heatmap_png(&Picture { document, columns, rows, values: vec![2.0; columns * rows], ..picture((8, 8)) }));
            assert_eq!((width, height), (document.0.max(1), document.1.max(1)));
        }
    }

    #[test]
    fn elements_stand_at_their_boxes_and_the_fold_is_dashed() {
        let element = |rect, tag: &str| PictureElement { rect, tag: tag.to_owned(), ..PictureElement::default() };
        let elements = vec![element([40, 40, 100, 60], "img"), element([-50, -50, 20, 20], "button"), element([380, 20, 90, 30], "button")];
        let (_, _, pixels) = decode(&heatmap_png(&Picture { elements, fold: 200, opacity: 0, ..picture((400, 300)) }));
        let at = |x: usize, y: usize| &pixels[(y * 400 + x) * 3..][..3];
        assert_eq!((at(60, 90), at(20, 60)), (&[41, 44, 53][..], &PAGE[..]));
        assert!(at(1, 200) != at(5, 200) && at(1, 199) == PAGE, "{:?}", at(1, 200));
    }
}
