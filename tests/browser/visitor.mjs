// Moves the pointer of a real Chromium and keeps a ledger of what it did: what the stored events are compared with.
import { pause } from './collector.mjs';
import { random, stroke } from './walk.mjs';

/** Strokes end inside this part of the window, CSS px. */
const FIELD = { left: 40, top: 80, width: 1100, height: 520 };
/** A bend never leads out of the window, not even of the smaller one after the resize: out there no page sees the pointer. */
const WINDOW = { right: 1190, bottom: 630 };
const inside = (at, end) => Math.min(Math.max(at, 10), end);

export class Visitor {
  constructor(tab, seed) {
    this.tab = tab;
    this.next = random(seed);
    this.at = [600, 300];
    this.scrollY = 0;
    /** Every dispatched event: {ms: Unix time, kind, x, y} with x, y in document px. */
    this.ledger = [];
    this.sent = [];
  }

  dispatch(type, [x, y], kind, more = {}) {
    const ms = Date.now();
    this.ledger.push({ ms, kind, x, y: y + this.scrollY });
    this.sent.push(this.tab.send('Input.dispatchMouseEvent', { type, x, y, timestamp: ms / 1_000, ...more }));
  }

  place() {
    return [Math.round(FIELD.left + this.next() * FIELD.width), Math.round(FIELD.top + this.next() * FIELD.height)];
  }

  /** One stroke to somewhere, in real time. */
  async move(to = this.place()) {
    const begin = performance.now();
    for (const [t, freeX, freeY] of stroke(this.next, this.at, to)) {
      const [x, y] = [inside(freeX, WINDOW.right), inside(freeY, WINDOW.bottom)];
      const wait = t - (performance.now() - begin);
      if (wait > 1) await pause(wait);
      this.dispatch('mouseMoved', [x, y], 'move');
      this.at = [x, y];
    }
  }

  async click() {
    const button = { button: 'left', clickCount: 1 };
    this.dispatch('mousePressed', this.at, 'down', { ...button, buttons: 1 });
    await pause(40 + 60 * this.next());
    this.dispatch('mouseReleased', this.at, 'up', { ...button, buttons: 0 });
    this.ledger.push({ ...this.ledger.at(-1), kind: 'click' });
    await pause(20);
  }

  /** Strokes, rests and clicks until so many events are in the ledger. */
  async wander(until) {
    while (this.ledger.length < until) {
      await this.move();
      const dice = this.next();
      if (dice < 0.3) await this.click();
      else if (dice < 0.5) await pause(150 + 500 * this.next());
    }
    await Promise.all(this.sent.splice(0));
  }

  /**
   * Waits until the page has seen everything. Chromium hands moves over once a frame, and throws away those that still wait when the tab
   * is hidden: no page ever sees them.
   */
  async settle() {
    await Promise.all(this.sent.splice(0));
    await this.tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** Scrolls the document as a script would, and waits until the page shows it. */
  async scrollTo(y) {
    await this.settle();
    await this.tab.evaluate(`scrollTo(0, ${y})`);
    await this.settle();
    this.scrollY = await this.tab.evaluate('Math.round(scrollY)');
    await pause(120);
  }
}
