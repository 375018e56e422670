// The answer for a page of 40,000 px with a few thousand elements, for tests of how it is drawn.
const [WIDTH, HEIGHT, CELL] = [1440, 40_000, 8];

/** As the JSON API gives it. The heat lies in stripes, so that each part of the page has some. */
export function tallPage() {
  const elements = [];
  for (let y = 0; y < HEIGHT; y += 50) {
    for (let x = 40; x < WIDTH - 300; x += 350) {
      const id = elements.length + 1;
      elements.push({
        id, number: 0, rect: [x, y, 300, 36], tag: 'p', role: '', selector: `#p${id}`, label: `paragraph ${id}`, text: 80,
        fixed: false, sticky: false, interactive: false, image: false,
      });
    }
  }
  const [columns, rows] = [WIDTH / CELL, HEIGHT / CELL];
  const at = [];
  for (let row = 0; row < rows; row += 1) at.push(row === 0 ? 20 : columns - 3, 1, 2);
  const none = { attention_ms: 0, hover_ms: 0, clicked_hovers: 0, hesitation_ms: 0, clicks: 0, rage: 0, dead: 0, clicked_views: 0, first_click_ms: 0 };
  return {
    kind: 'movement', pointer: 'mouse', unit: 'time', per_unit: 16_000, by_row: false, sessions: 100, views: 120, points: at.length,
    placed: { element: at.length, ratio: 0, none: 0, overlay: 0 }, viewport_w: WIDTH, width: { from: 1280, to: 1535 }, fold: 900, document: [WIDTH, HEIGHT],
    cell_px: CELL, columns, rows, at, value: at.map((_, i) => 16_000 + (i % 97) * 900), elements,
    table: elements.map(({ id, label, selector }) => ({ id, label, selector, placed: true, views: 100, hovers: id % 50, ...none })),
    overlays: [], widths: [{ from: 1280, to: 1535, views: 120, is_shown: true }], pointers: { mouse: at.length, touch: 0, pen: 0 }, computed_ms: 1,
  };
}
