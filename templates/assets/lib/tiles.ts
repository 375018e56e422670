// A tall picture above a page, in tiles. A tile is painted shortly before it comes into view, and given back when it is far away.

/** Height of a tile, CSS px of the screen: painted in a few ms. */
const TILE_PX = 256;
/** So many windows ahead of the view tiles are painted, and so many behind it they are kept. */
const AHEAD = 1;
const KEPT = 4;
/** Time for tiles out of view, out of each frame. */
const BUDGET_MS = 5;

/** Paints `height` rows of `width` pixels from `y` px of the page on; `step` px of the page a pixel. */
export type Painter = (pixels: Uint32Array, width: number, height: number, y: number, step: number) => void;

export class Tiles {
  private painter: Painter | undefined;
  private tiles: { canvas: HTMLCanvasElement; isFresh: boolean }[] = [];
  private frame = 0;
  private readonly watch = new ResizeObserver(() => this.measure());
  private size = { width: 0, height: 0 };

  /** `layer` covers the page, which is `pageW` px wide. */
  constructor(
    private readonly layer: HTMLElement,
    private readonly pageW: number,
  ) {
    this.watch.observe(layer);
    // Captured, because what scrolls is the region around the map or, on a phone, the window.
    document.addEventListener("scroll", this.later, { capture: true, passive: true });
    addEventListener("resize", this.later);
  }

  /** Paints everything anew. */
  show(painter: Painter): void {
    this.painter = painter;
    for (const tile of this.tiles) tile.isFresh = false;
    this.measure();
    this.work(true);
  }

  close(): void {
    this.watch.disconnect();
    document.removeEventListener("scroll", this.later, { capture: true });
    removeEventListener("resize", this.later);
    cancelAnimationFrame(this.frame);
  }

  private readonly later = () => {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.work(false);
    });
  };

  /** Lays the tiles out again where the layer has another size. Their edges lie on whole px, or seams would show. */
  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.layer;
    if (width === this.size.width && height === this.size.height) return;
    this.size = { width, height };
    const count = Math.ceil(height / TILE_PX);
    while (this.tiles.length > count) this.tiles.pop()!.canvas.remove();
    while (this.tiles.length < count) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 0;
      canvas.style.top = `${this.tiles.length * TILE_PX}px`;
      canvas.style.height = `${TILE_PX}px`;
      this.layer.append(canvas);
      this.tiles.push({ canvas, isFresh: false });
    }
    for (const tile of this.tiles) tile.isFresh = false;
    this.later();
  }

  /** Tiles in view at once, those close to it while there is time, the rest in later frames. */
  private work(isFirst: boolean): void {
    const box = this.layer.getBoundingClientRect();
    if (!this.painter || box.height === 0) return;
    const view = innerHeight;
    const began = performance.now();
    let isMore = false;
    this.tiles.forEach((tile, i) => {
      const top = box.top + i * TILE_PX;
      const away = Math.max(-top - TILE_PX, top - view, 0);
      if (away > KEPT * view) {
        if (tile.canvas.width > 0) tile.canvas.width = 0;
        tile.isFresh = false;
        return;
      }
      if (tile.isFresh || away > AHEAD * view) return;
      if (away > 0 && (isFirst || performance.now() - began > BUDGET_MS)) isMore = true;
      else this.paint(tile, i);
    });
    if (isMore) this.later();
  }

  private paint(tile: { canvas: HTMLCanvasElement; isFresh: boolean }, i: number): void {
    tile.isFresh = true;
    const { width } = this.size;
    // Heat is smooth: a pixel for a px of the screen is plenty, however fine the screen.
    const [w, h] = [Math.max(1, width), TILE_PX];
    tile.canvas.width = w;
    tile.canvas.height = h;
    const g = tile.canvas.getContext("2d")!;
    const image = g.createImageData(w, h);
    const step = this.pageW / w;
    this.painter!(new Uint32Array(image.data.buffer), w, h, i * h * step, step);
    g.putImageData(image, 0, 0);
  }
}
