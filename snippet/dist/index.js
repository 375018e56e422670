/*! mousetrail, MIT OR Apache-2.0 */

// snippet/src/bind.ts
var controller = /* @__PURE__ */ new AbortController();
function quiet(call) {
  return (...args) => {
    try {
      call(...args);
    } catch {
    }
  };
}
function bind(target, types, handle) {
  const listener = quiet(handle);
  const options = { capture: true, passive: true, signal: controller.signal };
  types.split(" ").forEach((type) => target.addEventListener(type, listener, options));
}
function atRelease(undo) {
  controller.signal.addEventListener("abort", undo);
}
function release() {
  controller.abort();
  controller = new AbortController();
}

// snippet/src/buffer.ts
var frames = [];
var heldBytes = 0;
function replace(by) {
  frames = by;
  heldBytes = by.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
function hold(frame) {
  replace([...frames, frame]);
}
function settle(isSettled) {
  replace(frames.filter((frame) => !isSettled(frame)));
}
function stopBuffer() {
  replace([]);
}

// snippet/src/config.ts
var TOLERANCE_PX = 2;
var TOLERANCE_MIN_PX = 1;
var TOLERANCE_MAX_PX = 50;
var REST_MS = 100;
var REST_END_MS = 16;
var FLUSH_MS = 5e3;
var FLUSH_FIRST_MS = 250;
var FLUSH_WATCHED_MS = 100;
var FLUSH_EVENTS = 512;
var FRAME_SPAN = 32767;
var FRAME_ELEMENTS = 256;
var DESCRIBED_BYTES = 32768;
var FRAME_NOTES = 4;
var NAME_LENGTH = 85;
var VALUE_LENGTH = 1365;
var NOTES_WAITING = 100;
var BOX_MS = 1e3;
var SELECTOR_LENGTH = 256;
var IDLE_WITHIN_MS = 1e3;
var OUTLINE_AFTER_MS = 2e3;
var OUTLINE_ELEMENTS = 300;
var OUTLINE_PAUSE_MS = 5;
var FACT_MS = 1e3;
var ANSWER_MS = 1e3;
var POLL_MS = 500;
var SELECTOR_NAMES = 8;
var BUFFER_BYTES = 1048576;
var BUFFER_MOVES_BYTES = BUFFER_BYTES * 14 / 16;
var BUFFER_EVENTS_BYTES = BUFFER_BYTES * 15 / 16;
var WELCOME_TIMEOUT_MS = 1e4;
var ACK_TIMEOUT_MS = 2e4;
var RECONNECT_FIRST_MS = 1e3;
var RECONNECT_MAX_MS = 6e4;
var BLOCKED_TRIES = 2;
var SOCKET_BYTES = 131072;
var POST_BYTES = 6e4;

// snippet/src/consent.ts
var WISH_KEY = "mousetrail";
function visitorRefuses({ respectDnt }) {
  const { globalPrivacyControl, doNotTrack } = navigator;
  return visitorLeft() || globalPrivacyControl === true || respectDnt !== "false" && doNotTrack === "1";
}
function visitorLeft() {
  try {
    const isOff = WISH_KEY in localStorage;
    const wish = isOff ? "on" : "off";
    if (location.hash !== "#mousetrail=" + wish) return isOff;
    if (isOff) localStorage.removeItem(WISH_KEY);
    else localStorage[WISH_KEY] = wish;
    console.info(`mousetrail is ${wish} in this browser`);
    return !isOff;
  } catch {
    return false;
  }
}

// snippet/src/bounds.ts
function toWhole(value, least = -1e6) {
  return Math.max(least, Math.min(1e6, Math.round(value)));
}

// snippet/src/frame.ts
var STATE_CODE = 24;
var STATES = 8;
function familyOf(kind) {
  return kind === 9 /* Scroll */ ? 1 /* Scroll */ : kind === 19 /* InnerScroll */ ? 2 /* Inner */ : kind === 11 /* Resize */ ? 3 /* Viewport */ : kind === 12 /* Document */ ? 4 /* Document */ : 0 /* Place */;
}
var utf8 = /* @__PURE__ */ new TextEncoder();
function zigzag(value) {
  return value << 1 ^ value >> 31;
}
function appendVarints(bytes, values) {
  for (let value of values) {
    for (value >>>= 0; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
    bytes.push(value);
  }
  return bytes;
}
function appendTexts(bytes, texts) {
  for (const text of texts) {
    const encoded = utf8.encode(text);
    appendVarints(bytes, [encoded.length]).push(...encoded);
  }
  return bytes;
}
function encode(header, elements2, events2) {
  const bytes = appendVarints([1], [...header, elements2.length]);
  elements2.forEach((element) => bytes.push(...element));
  const [, , , x0, y0] = header.map((value) => value >>> 1 ^ -(value & 1));
  let before = events2[0]?.at;
  const states = [];
  const values = [[x0, y0], [x0, y0], [], [], []];
  for (const { at, kind, x, y, state, texts = [] } of events2) {
    for (let i = 0; i < STATES; i++) {
      const value = state[i] ?? 0;
      if (value !== (states[i] ?? 0)) appendVarints(bytes, [value << 6 | STATE_CODE + i << 1 | 1]);
      states[i] = value;
    }
    const dt = at - before;
    before = at;
    const family = familyOf(kind);
    const [lastX = 0, lastY = 0] = values[family];
    values[family] = [x, y];
    appendVarints(bytes, [kind ? dt << 6 | kind << 1 | 1 : dt << 1, zigzag(x - lastX), zigzag(y - lastY)]);
    appendTexts(bytes, texts);
  }
  return Uint8Array.from(bytes);
}

// snippet/src/idle.ts
function later(task) {
  const work = quiet(task);
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: IDLE_WITHIN_MS });
  else setTimeout(work);
}

// snippet/src/tree.ts
function parentOf(element) {
  return element.parentElement ?? hostOf(element);
}
function hostOf(element) {
  const root = Node.prototype.getRootNode.call(element);
  return root === document ? null : root.host ?? root.defaultView?.frameElement ?? null;
}
function isWithin(element, selector) {
  return !!element && (!!Element.prototype.closest.call(element, selector) || isWithin(hostOf(element), selector));
}

// snippet/src/mask.ts
var SECRET = /pass|card|cc-|cvv|cvc|iban/i;
var secrets = /* @__PURE__ */ new WeakSet();
function startMask() {
  document.querySelectorAll("input").forEach(isMasked);
}
function isIgnored(element) {
  return isWithin(element, "[data-mt-ignore]:not([data-mt-ignore=false])");
}
function isField(element) {
  return isWithin(element, "input,select,textarea,[contenteditable]");
}
function isMasked(element) {
  if (element.localName === "input" && [...element.attributes].some(({ value }) => SECRET.test(value))) secrets.add(element);
  return secrets.has(element) || isWithin(element, "[data-mt-mask]");
}

// snippet/src/offset.ts
var offsets = /* @__PURE__ */ new WeakMap();

// snippet/src/selector.ts
var NAMING = ["data-mt-name", "data-testid", "data-test", "data-cy", "name"];
var paths = /* @__PURE__ */ new WeakMap();
var names = /* @__PURE__ */ new WeakMap();
function forgetSelectors() {
  paths = /* @__PURE__ */ new WeakMap();
  names = /* @__PURE__ */ new WeakMap();
}
function selectorsOf(element) {
  const host = hostOf(element);
  const before = host ? `${selectorsOf(host)[0]} >>> ` : "";
  const path = pathOf(element);
  const found = [];
  for (let at = element; at && found.length < 2; at = at.parentElement) {
    const name = nameOf(at);
    if (name) found.push(before + name + path.slice(pathOf(at).length));
  }
  return [...found, before + path].filter(({ length }) => element.isConnected && length <= SELECTOR_LENGTH);
}
function nameOf(element) {
  if (!names.has(element)) {
    const root = element.getRootNode();
    const given = [["#", element.id], ...NAMING.map((key) => [`[${key}=`, element.getAttribute(key)]), ...[...element.classList].map((name) => [".", name])].filter(([, name]) => name && isWordlike(name) && !isMasked(element)).map(([sign, name]) => sign + name + (sign[1] ? "]" : ""));
    names.set(element, given.slice(0, SELECTOR_NAMES).find((name) => root.querySelectorAll(name).length === 1));
  }
  return names.get(element);
}
function pathOf(element) {
  let path = paths.get(element);
  if (!path) {
    const { localName, parentNode, parentElement } = element;
    const alike = [...parentNode?.children ?? []].filter((child) => child.localName === localName);
    path = (parentElement ? `${pathOf(parentElement)} > ` : "") + localName + (alike[1] ? `:nth-of-type(${alike.indexOf(element) + 1})` : "");
    paths.set(element, path);
  }
  return path;
}
function isWordlike(name) {
  return /^[a-z]+([-_]+[a-z]+|[A-Z][a-z]{2,})*$/.test(name) && !/[^aeiouy_-]{5}/i.test(name);
}

// snippet/src/element.ts
var STRUCTURE = "header,nav,main,section,article,aside,footer,form,ul,ol,table,dialog,[role],h1,h2,h3,h4,p,a,button,input,select,textarea,label,summary,img,svg,video,canvas,iframe";
var known = /* @__PURE__ */ new WeakMap();
var positions = /* @__PURE__ */ new WeakMap();
var count = 0;
var doubtedMs = 0;
var selectorsMs = 0;
var pending = /* @__PURE__ */ new Set();
var described = [];
function stopElements() {
  known = /* @__PURE__ */ new WeakMap();
  positions = /* @__PURE__ */ new WeakMap();
  pending = /* @__PURE__ */ new Set();
  described = [];
  count = 0;
}
function doubtBoxes() {
  doubtedMs = performance.now();
}
function numberOf(target, nowMs) {
  const element = target;
  if (element?.nodeType !== 1) return 0;
  const one = know(element);
  if (!isFresh(one, nowMs)) describeSoon(element);
  return one.number;
}
function spotOf(element, x, y, isNew) {
  const one = know(element);
  if (isNew || !isFresh(one)) {
    measure(element);
    describeSoon(element);
  }
  const [left, top, width, height] = one.rect;
  return [(x - left) / width, (y - top) / height].map((share) => 1 + Math.round(32766 * Math.max(0, Math.min(1, share || 0))));
}
function takeDescribed(isUrgent) {
  if (isUrgent) describePending();
  let room = DESCRIBED_BYTES;
  const end = described.findIndex(({ length }, i) => i >= FRAME_ELEMENTS || (room -= length) < 0);
  return described.splice(0, end < 0 ? described.length : end);
}
function describeSoon(element) {
  if (!pending.size) later(describePending);
  pending.add(element);
}
function describePending() {
  forgetOldSelectors();
  for (const element of pending) {
    pending.delete(element);
    quiet(describe)(element, described);
  }
}
function know(element) {
  let one = known.get(element);
  if (!one) known.set(element, one = { number: count < 32767 ? ++count : 0 });
  return one;
}
function forgetOldSelectors() {
  if (isFresh({ measuredMs: selectorsMs })) return;
  selectorsMs = performance.now();
  forgetSelectors();
}
function isFresh({ measuredMs = 0 }, nowMs = performance.now()) {
  return measuredMs > Math.max(doubtedMs, nowMs - BOX_MS);
}
function measure(element) {
  const one = know(element);
  const { left, top, width, height } = Element.prototype.getBoundingClientRect.call(element);
  const [dx, dy] = offsets.get(element.ownerDocument.defaultView) ?? [scrollX, scrollY];
  one.rect = [left + dx, top + dy, width, height];
  one.measuredMs = performance.now();
  return one;
}
function describe(element, into) {
  if (isIgnored(element)) return;
  const one = measure(element);
  const [x, y, w, h] = one.rect.map((px) => toWhole(px));
  const box = `${[x, y, w, h]}`;
  if (!one.number || one.box === box) return;
  one.box = box;
  let parent = parentOf(element);
  while (parent && !known.has(parent) && !parent.matches(STRUCTURE)) parent = parentOf(parent);
  if (parent && !isFresh(know(parent))) describe(parent, into);
  const isSecret = isMasked(element);
  const role = !isSecret && element.getAttribute("role") || (element.matches("input,button") ? element.type : "");
  const length = isSecret || isField(element) ? 0 : toWhole(element.textContent.length);
  const bytes = appendVarints([], [one.number, parent ? know(parent).number : 0, positionOf(element), zigzag(x), zigzag(y), w, h, length]);
  const selectors = selectorsOf(element);
  appendTexts(bytes, [element.localName.replace(/[^!-~]/g, "_").slice(0, 32), isWordlike(role) ? role.slice(0, 32) : ""]);
  appendTexts(appendVarints(bytes, [selectors.length]), selectors);
  into.push(bytes);
}
function positionOf(element) {
  if (!element) return 0;
  let flags = positions.get(element);
  if (flags === void 0) {
    const { position } = getComputedStyle(element);
    flags = (position === "fixed" ? 1 /* Fixed */ : position === "sticky" ? 2 /* Sticky */ : 0) | positionOf(parentOf(element));
    positions.set(element, flags);
  }
  return flags;
}

// snippet/src/thin.ts
var DIRECTIONS = /* @__PURE__ */ [0, 1, 2, 3].map((eighths) => [Math.cos(eighths * Math.PI / 4), Math.sin(eighths * Math.PI / 4)]);
var INSET = Math.cos(Math.PI / 8);
function createThinner(tolerancePx2, keep2) {
  let anchorAt = NaN;
  let anchorX = NaN;
  let anchorY = NaN;
  let candidate;
  const lowest = [0, 0, 0, 0];
  const highest = [0, 0, 0, 0];
  const anchor = (at, x, y) => {
    anchorAt = at;
    anchorX = x;
    anchorY = y;
    candidate = void 0;
    lowest.fill(-Infinity);
    highest.fill(Infinity);
  };
  const flush = () => {
    if (!candidate) return;
    const kept = candidate;
    anchor(kept[0], kept[1], kept[2]);
    keep2(...kept);
  };
  const follows = (at, x, y) => {
    const span = at - anchorAt;
    const radius = tolerancePx2() * INSET;
    return DIRECTIONS.every(([ux, uy], i) => {
      const real = ux * (x - anchorX) + uy * (y - anchorY);
      if (!span) return Math.abs(real) <= radius;
      const speed = (ux * (Math.round(x) - anchorX) + uy * (Math.round(y) - anchorY)) / span;
      const inside = speed >= lowest[i] && speed <= highest[i];
      lowest[i] = Math.max(lowest[i], (real - radius) / span);
      highest[i] = Math.min(highest[i], (real + radius) / span);
      return inside;
    });
  };
  return {
    flush,
    sample(at, x, y, note) {
      const next = [at, Math.round(x), Math.round(y), note];
      if (!follows(at, x, y)) {
        flush();
        if (!follows(at, x, y)) {
          candidate = next;
          flush();
        }
      }
      if (at > anchorAt) candidate = next;
    },
    exact(at, x, y) {
      if (!follows(at, x, y)) flush();
      anchor(at, Math.round(x), Math.round(y));
    }
  };
}

// snippet/src/track.ts
function createTrack(tolerancePx2, prepare, keep2) {
  const thinner = createThinner(tolerancePx2, keep2);
  let last;
  const arrive = (timeStamp) => {
    prepare();
    let at = Math.round(timeStamp);
    if (last) {
      const [lastAt, lastX, lastY, note] = last;
      at = Math.max(at, lastAt);
      if (at - lastAt > REST_MS) thinner.sample(at - REST_END_MS, lastX, lastY, note);
    }
    return at;
  };
  return {
    sample(at, x, y, note) {
      at = arrive(at);
      last = [at, x, y, note];
      thinner.sample(at, x, y, note);
    },
    exact(at, x, y, note) {
      at = arrive(at);
      last = [at, x, y, note];
      thinner.exact(at, x, y);
      return at;
    },
    flush: thinner.flush,
    get last() {
      return last;
    }
  };
}

// snippet/src/draft.ts
var page;
var onCut;
var baseTolerancePx;
var tolerancePx;
var slowLevel = 0;
var isWatched = false;
var tracks = /* @__PURE__ */ new Set();
var events = [];
var samples = 0;
var dropped = 0;
var timer;
function startDraft(of, tolerance, afterCut) {
  page = of;
  baseTolerancePx = tolerancePx = tolerance;
  onCut = afterCut;
}
function stopDraft() {
  clearTimeout(timer);
  timer = void 0;
  tracks.clear();
  events = [];
  samples = dropped = slowLevel = 0;
  isWatched = false;
}
function openTrack(kind) {
  const track = createTrack(() => tolerancePx, arm, (at, x, y, note) => keep(kind, at, x, y, note));
  tracks.add(track);
  return track;
}
function closeTrack(track) {
  track.flush();
  tracks.delete(track);
}
function countSamples(delivered) {
  samples += delivered;
}
function record(kind, timeStamp, x, y, note, texts) {
  arm();
  keep(kind, Math.round(timeStamp), x, y, note, texts);
}
function arm() {
  if (events.length >= FLUSH_EVENTS) cut();
  timer ??= setTimeout(quiet(cut), isWatched ? FLUSH_WATCHED_MS : page.seq ? FLUSH_MS : FLUSH_FIRST_MS);
}
function keep(kind, at, x, y, [target, ...state], texts) {
  if (heldBytes > (kind ? BUFFER_EVENTS_BYTES : BUFFER_MOVES_BYTES)) dropped++;
  else events.push({ kind, at: Math.max(at, page.beganMs), x: toWhole(x), y: toWhole(y), state: [numberOf(target, at), ...state], texts });
}
function cut(isLeaving) {
  clearTimeout(timer);
  timer = void 0;
  tracks.forEach((track) => track.flush());
  events.sort((a, b) => a.at - b.at);
  if (events.length && !page.refused) {
    while (events.length) hold(frameOf(takeFitting(), isLeaving));
    onCut();
  }
  events = [];
  const fullLevel = Math.floor(10 * heldBytes / BUFFER_BYTES) - 4;
  tolerancePx = baseTolerancePx * 2 ** Math.min(4, Math.max(0, slowLevel, fullLevel));
}
function isBound({ kind }) {
  return familyOf(kind) <= 1 /* Scroll */;
}
function takeFitting() {
  const [first] = events;
  const origin = events.find(isBound);
  let weight = 0;
  const end = events.findIndex((event) => {
    weight += event.texts ? FLUSH_EVENTS / FRAME_NOTES : 1;
    const spans = [event.at - first.at, ...isBound(event) ? [event.x - origin.x, event.y - origin.y] : []];
    return weight > FLUSH_EVENTS || spans.some((span) => Math.abs(span) > FRAME_SPAN);
  });
  return events.splice(0, end < 0 ? events.length : end);
}
function frameOf(taken, isLeaving) {
  const seq = ++page.seq;
  const { x = 0, y = 0 } = taken.find(isBound) ?? {};
  const header = [page.n, seq, taken[0].at - page.beganMs, zigzag(x), zigzag(y), samples, dropped, Math.round(tolerancePx * 10)];
  samples = dropped = 0;
  return { page, seq, bytes: encode(header, takeDescribed(isLeaving), taken) };
}
function slow(level) {
  slowLevel = level | 0;
  cut();
}
function watch(isOn) {
  isWatched = isOn;
  if (isOn) cut();
}

// snippet/src/page.ts
var SESSION_KEY = "mousetrail";
var opened = 0;
function openPage(config2, via, before) {
  const url = readUrl(config2);
  const referrer = (via === "route" ? before.url : document.referrer).replace(/[?#].*/, "");
  const title = config2.mask === "inputs" ? document.title : void 0;
  const about = { n: opened++, via, nonce: createKey(), session: readSession(config2), url, referrer, title };
  return { n: about.n, beganMs: Math.round(performance.now()), url, root: document.documentElement, about, seq: 0 };
}
function measurePage(page2) {
  if (page2.about.screen) return;
  page2.about = {
    ...page2.about,
    viewport: [innerWidth, innerHeight],
    document: sizeOfDocument(),
    scroll: [Math.round(scrollX), Math.round(scrollY)],
    screen: [screen.width, screen.height],
    dpr: devicePixelRatio,
    pointer: matchMedia("(pointer: coarse)").matches ? "touch" : "mouse",
    language: navigator.language
  };
}
function sizeOfDocument() {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return [scrollWidth, scrollHeight];
}
function readUrl({ params = "", hash }) {
  const given = location.search.slice(1).split("&");
  const kept = (params.match(/[^ ,]+/g) ?? []).flatMap((name) => given.filter((pair) => pair.split("=")[0] === name)).join("&");
  return location.origin + location.pathname + (kept && "?" + kept) + (hash === "keep" ? location.hash : "");
}
function readSession({ storage, consent }) {
  try {
    return storage === "session" && consent === "required" ? sessionStorage[SESSION_KEY] ??= createKey() : void 0;
  } catch {
  }
}
function forgetSession({ storage }) {
  if (storage) sessionStorage.removeItem(SESSION_KEY);
}
function createKey() {
  return crypto.getRandomValues(new Uint32Array(4)).join("");
}

// snippet/src/window.ts
var pixelRatio;
var awaitAnswer;
function startWindow(page2) {
  const scroll = openTrack(9 /* Scroll */);
  startScroll(window, (timeStamp) => {
    const offset = [scrollX, scrollY];
    scroll.sample(timeStamp, ...offset, latestNote);
    shiftPointers(timeStamp, ...offset);
  });
  pixelRatio = devicePixelRatio;
  bind(window, "resize", recordSize);
  let size;
  const tell = () => record(12 /* Document */, performance.now(), ...size ??= sizeOfDocument(), latestNote);
  const changes = new MutationObserver(quiet((mutations) => {
    if (mutations.every(({ target }) => isIgnored(target.localName ? target : target.parentElement))) return;
    stop();
    tell();
  }));
  const stop = () => changes.disconnect();
  atRelease(() => {
    stop();
    awaitAnswer = void 0;
  });
  let timer3;
  awaitAnswer = (click) => {
    clearTimeout(timer3);
    timer3 = setTimeout(stop, ANSWER_MS);
    for (const node of [document, ...click.composedPath()]) {
      if (node.nodeType >= Node.DOCUMENT_NODE) changes.observe(node, { childList: true, attributes: true, characterData: true, subtree: true });
    }
  };
  if (!window.ResizeObserver) return;
  const sizes = new ResizeObserver(quiet(() => {
    measurePage(page2);
    doubtBoxes();
    if (!scroll.last) scroll.exact(performance.now(), scrollX, scrollY, latestNote);
    size = sizeOfDocument();
    tell();
  }));
  document.querySelectorAll("html,body").forEach((element) => sizes.observe(element));
  atRelease(() => sizes.disconnect());
}
function lookAtZoom() {
  if (pixelRatio !== devicePixelRatio) recordSize();
}
function recordSize() {
  pixelRatio = devicePixelRatio;
  record(11 /* Resize */, performance.now(), innerWidth, innerHeight, [...latestNote, 0, 0, Math.round(pixelRatio * 100)]);
}
function startScroll(root, scrollPage) {
  let element;
  let track;
  bind(root, "scroll", ({ target, timeStamp }) => {
    doubtBoxes();
    if (scrollPage && target === document) return scrollPage(timeStamp);
    const box = target.scrollingElement ?? target;
    if (isField(box) || isIgnored(box)) return;
    if (box !== element) {
      if (track) closeTrack(track);
      element = box;
      track = openTrack(19 /* InnerScroll */);
    }
    const [, ...state] = latestNote;
    track.sample(timeStamp, Math.abs(box.scrollLeft), Math.abs(box.scrollTop), [box, ...state]);
  });
}

// snippet/src/pointer.ts
var TYPES = ["mouse", "pen", "touch"];
var EXACT = ["pointerdown", "pointerup", "click", "dblclick", "contextmenu", "pointercancel"];
var pointers = /* @__PURE__ */ new Map();
var latest;
var latestId = 0;
var latestNote = [null, 0, 0, 0, 0];
function startPointers() {
  bindPointers(window);
  bind(window, "pointerout", onOut);
}
function bindPointers(target) {
  bind(target, "pointermove", onMove);
  bind(target, EXACT.join(" "), onExact);
  bind(target, "pointerover", onOver);
}
function stopPointers() {
  pointers.clear();
  latest = void 0;
  latestNote = [null, 0, 0, 0, 0];
}
function mark(kind, timeStamp, texts) {
  if (latest?.track.last) recordExact(latest, kind, timeStamp, void 0, [], texts);
  else record(kind, timeStamp, scrollX, scrollY, latestNote, texts);
}
function shiftPointers(timeStamp, x, y) {
  pointers.forEach(({ track, note, atX, atY, isPresent }) => {
    if (isPresent) track.sample(timeStamp, atX + x, atY + y, note);
  });
}
function onMove(event) {
  const pointer = find(event);
  if (!pointer) return;
  const [, , buttons] = pointer.note;
  let isAway = pointer.isPresent === false;
  const [dx, dy] = take(pointer, event);
  const [target, pointerNumber, buttonsNow, hasPressure, untrusted] = pointer.note;
  const coalesced = event.getCoalescedEvents?.() ?? [];
  const samples2 = coalesced[0] ? coalesced : [event];
  countSamples(samples2.length);
  for (const sample of samples2) {
    const { clientX, clientY, timeStamp } = sample;
    pointer.atX = clientX;
    pointer.atY = clientY;
    if (hasPressure) pointer.note = [target, pointerNumber, buttonsNow, pressureOf(sample), untrusted];
    if (isAway) recordExact(pointer, 7 /* Enter */, timeStamp, [clientX + dx, clientY + dy]);
    else pointer.track.sample(timeStamp, clientX + dx, clientY + dy, pointer.note);
    isAway = false;
  }
  if (buttons !== buttonsNow) recordExact(pointer, 0 /* Move */, event.timeStamp);
}
function onExact(event) {
  const { type, detail, clientX, clientY, timeStamp, pointerType } = event;
  const kind = EXACT.indexOf(type) + 1;
  const isCancel = kind === 6 /* Cancel */;
  if (kind > 2 /* Up */ && !isCancel && !detail && !clientX && !clientY) return;
  const pointer = find(event);
  if (!pointer) return;
  countSamples(1);
  if (isCancel && pointer.track.last) recordExact(pointer, kind, timeStamp);
  else {
    const [dx, dy] = take(pointer, event);
    const place = [clientX + dx, clientY + dy];
    const target = targetOf(event);
    recordExact(pointer, kind, timeStamp, place, target.localName ? spotOf(target, ...place, kind === 1 /* Down */) : []);
  }
  if (kind === 3 /* Click */) awaitAnswer?.(event);
  if (kind === 1 /* Down */) return;
  if (pointerType === "touch") {
    closeTrack(pointer.track);
    pointers.delete(latestId);
  } else if (isCancel) {
    pointer.isPresent = void 0;
  }
}
function onOver(event) {
  const pointer = find(event);
  if (pointer) pointer.note = [targetOf(event), ...pointer.note.slice(1)];
}
function onOut({ pointerId, pointerType, relatedTarget, timeStamp }) {
  if (!relatedTarget && pointerType !== "touch") lose(pointers.get(pointerId), timeStamp);
}
function lose(pointer, timeStamp) {
  if (!pointer?.isPresent) return;
  recordExact(pointer, 8 /* Leave */, timeStamp);
  pointer.isPresent = false;
}
function targetOf(event) {
  const target = event.target;
  return target.shadowRoot ? event.composedPath()[0] : target;
}
function find(event) {
  latestId = event.pointerId ?? latestId;
  latest = pointers.get(latestId) ?? { track: openTrack(0 /* Move */), note: latestNote, atX: 0, atY: 0 };
  pointers.set(latestId, latest);
  const target = targetOf(event);
  if (latest.isPresent && target === latest.note[0]) return latest;
  const isFrame = target.localName === "iframe" && !target.contentDocument;
  if (!isFrame && !(target.localName && isIgnored(target))) return latest;
  return void lose(latest, event.timeStamp);
}
function take(pointer, event) {
  const { view, pointerType, pointerId, buttons, isTrusted, pageX, pageY, clientX, clientY } = event;
  const offset = offsets.get(view);
  pointer.atX = clientX;
  pointer.atY = clientY;
  pointer.isPresent = offset ? void 0 : true;
  const type = (TYPES.indexOf(pointerType) + 4) % 4;
  latestNote = pointer.note = [
    targetOf(event),
    // There is one mouse, whatever number the browser gives it. A plain mouse event belongs to the pointer before it.
    pointerType === void 0 ? latestNote[1] : type && type + 4 * (pointerId & 32767),
    buttons & 31,
    // A mouse has no pressure: browsers make one up from its buttons.
    type % 3 ? pressureOf(event) : 0,
    isTrusted ? 0 : 1
  ];
  return offset ?? [pageX - clientX, pageY - clientY];
}
function pressureOf({ pressure }) {
  return Math.round(pressure * 1e4) + 1;
}
function recordExact({ track, note }, kind, timeStamp, place, spot = [], texts) {
  const [x, y] = place ?? track.last.slice(1, 3);
  record(kind, track.exact(timeStamp, x, y, note), x, y, [...note, ...spot], texts);
}

// snippet/src/fact.ts
var FACTS = ["wheel", "copy", "keydown"];
var KINDS = [10 /* Wheel */, 17 /* Copy */, 18 /* Key */];
function startFacts(target) {
  const nextMs = [0, 0, 0];
  bind(target, FACTS.join(" "), ({ type, timeStamp }) => {
    const fact = FACTS.indexOf(type);
    if (timeStamp < nextMs[fact]) return;
    nextMs[fact] = timeStamp + FACT_MS;
    mark(KINDS[fact], timeStamp);
  });
}

// snippet/src/frames.ts
var entered = /* @__PURE__ */ new WeakSet();
function startFrames() {
  entered = /* @__PURE__ */ new WeakSet();
  enter(document);
}
function enter(root) {
  if (entered.has(root)) return;
  entered.add(root);
  if (root !== document) startScroll(root);
  bind(root, "pointerover", (event) => event.composedPath().forEach((node) => node.host && enter(node)));
  const look = quiet((frame) => {
    const { contentDocument: inner, contentWindow: view } = frame;
    if (!inner || entered.has(inner)) return;
    bind(inner, "pointerover", ({ relatedTarget }) => {
      if (!relatedTarget) offsets.set(view, offsetOf(frame));
    });
    bindPointers(inner);
    startFacts(inner);
    enter(inner);
  });
  bind(root, "load", ({ target }) => look(target));
  root.querySelectorAll("iframe").forEach(look);
}
function offsetOf(frame) {
  const { left, top } = frame.getBoundingClientRect();
  const { paddingLeft, paddingTop } = getComputedStyle(frame);
  const { ownerDocument } = frame;
  const outer = ownerDocument === document ? null : ownerDocument.defaultView.frameElement;
  const [x, y] = outer ? offsetOf(outer) : [scrollX, scrollY];
  return [x + left + frame.clientLeft + parseFloat(paddingLeft), y + top + frame.clientTop + parseFloat(paddingTop)];
}

// snippet/src/envelope.ts
function packEnvelope(hello2, frames2, mostBytes) {
  const body = new Uint8Array(mostBytes);
  let end = 0;
  for (const part of [utf8.encode(hello2), ...frames2]) {
    const length = appendVarints([], [part.length]);
    if (end + length.length + part.length > mostBytes) break;
    body.set(length, end);
    body.set(part, end + length.length);
    end += length.length + part.length;
  }
  return body.subarray(0, end);
}

// snippet/src/stream.ts
var AGENT = "mousetrail.js/0.1.0";
var HELLO_PAGES = 16;
var FINAL = 4e3;
var MISTAKES = /10(02|03|07|09)/;
var config;
var current;
var orders;
var socket;
var carried = /* @__PURE__ */ new WeakSet();
var stage = 0;
var timer2;
var tries = 0;
var failedOpens = 0;
var isPosting = false;
var hasPosted = false;
var introduced = /* @__PURE__ */ new Set();
function startStream(of, page2, by) {
  config = of;
  current = page2;
  orders = by;
  wake();
}
function stopStream() {
  current = void 0;
  close();
  tries = failedOpens = 0;
}
function wake() {
  if (!current) return;
  pump();
  if (isBlocked() && hasPosted) post();
  if (!timer2) connect();
}
function leave() {
  post(true);
  close();
}
function forget() {
  const all = [...introduced];
  while (all.length) {
    const asked = all.splice(0, HELLO_PAGES);
    const body = packEnvelope(hello(asked, true), [], POST_BYTES);
    asked.forEach((page2) => introduced.delete(page2));
    request(body, true).then(({ ok }) => ok || Promise.reject()).catch(() => asked.forEach((page2) => introduced.add(page2)));
  }
}
function pages() {
  return [.../* @__PURE__ */ new Set([current, ...frames.map(({ page: page2 }) => page2)])].filter(({ refused }) => !refused);
}
function introduce(page2) {
  carried.add(page2);
  introduced.add(page2);
  const { n, id, token, seq } = page2;
  measurePage(page2);
  const from = frames.find((frame) => frame.page === page2)?.seq ?? seq + 1;
  return id ? { n, id, token, from } : { ...page2.about, age_ms: Math.round(performance.now()) - page2.beganMs };
}
function hello(of = pages().slice(0, HELLO_PAGES), forget2) {
  const { site, sample } = config;
  return JSON.stringify({ type: "hello", v: 1, site, agent: AGENT, sample: sample && +sample, forget: forget2, pages: of.map(introduce) });
}
function isIdle() {
  return !frames.length && pages().every(({ id }) => id);
}
function isBlocked() {
  return failedOpens >= BLOCKED_TRIES;
}
function connect() {
  timer2 = void 0;
  if (socket || isIdle() && !isBlocked()) return;
  try {
    socket = new WebSocket(config.collector.replace(/^http/, "ws") + "/socket", "mousetrail.v1");
    socket.onopen = quiet(() => {
      stage = 1 /* Open */;
      carried = /* @__PURE__ */ new WeakSet();
      socket.send(hello());
      pump();
    });
    socket.onmessage = quiet(({ data }) => receive(JSON.parse(data)));
    socket.onclose = quiet(({ code }) => lose2(code));
    expectAnswer(WELCOME_TIMEOUT_MS);
  } catch {
    lose2(0);
  }
}
function pump() {
  if (!stage) return;
  for (const page2 of pages()) {
    if (!carried.has(page2)) socket.send(JSON.stringify({ type: "page", ...introduce(page2) }));
  }
  for (const frame of frames) {
    if (socket.bufferedAmount > SOCKET_BYTES) break;
    if (carried.has(frame) || !carried.has(frame.page.about)) continue;
    socket.send(frame.bytes);
    carried.add(frame);
  }
  if (frames.some((frame) => carried.has(frame))) expectAnswer(ACK_TIMEOUT_MS);
}
function receive({ type, n, id, token, acked, seq, retry, reason, level, on, after_ms, code }) {
  const page2 = current && pages().find((page3) => page3.n === n);
  if (type === "slow") orders.slow(level);
  if (type === "watch") orders.watch(on);
  if (type === "drain" && socket) lose2(1012, Math.random() * Math.max(RECONNECT_FIRST_MS, Math.min(after_ms || 0, RECONNECT_MAX_MS)));
  if (type === "error" && code >= FINAL) orders.stop();
  if (!page2) return;
  if (type === "welcome") {
    page2.id = id;
    page2.token = token;
    carried.add(page2.about);
    settle((frame) => frame.page === page2 && frame.seq <= acked);
    if (stage) {
      stage = 2 /* Welcomed */;
      failedOpens = 0;
    }
    page2.onNamed?.();
  }
  if (type === "ack") {
    tries = 0;
    settle((frame) => frame.page === page2 && frame.seq <= seq);
  }
  if (type === "nack") {
    if (retry) return lose2(1013);
    page2.refused = !seq;
    settle((frame) => frame.page === page2 && (!seq || frame.seq === seq));
    if (reason === "sample") orders.stop();
  }
  if (stage === 2 /* Welcomed */) {
    stopWaiting();
    pump();
  }
}
function lose2(code, afterMs) {
  if (stage < (code ? 1 /* Open */ : 2 /* Welcomed */)) failedOpens++;
  close();
  orders.watch(false);
  if (code >= FINAL) return orders.stop();
  if (isBlocked()) post();
  const mostMs = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** tries++);
  timer2 = setTimeout(quiet(connect), afterMs ?? (MISTAKES.test(`${code}`) ? RECONNECT_MAX_MS : Math.random() * mostMs));
}
function close() {
  stopWaiting();
  stage = 0 /* Closed */;
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = void 0;
}
function expectAnswer(withinMs) {
  timer2 ??= setTimeout(quiet(lose2), withinMs, 0);
}
function stopWaiting() {
  clearTimeout(timer2);
  timer2 = void 0;
}
async function request(body, isLast) {
  return fetch(config.collector + "/post", {
    method: "POST",
    credentials: "omit",
    // Or the whole address of the page would come along.
    referrerPolicy: "origin",
    body,
    keepalive: isLast,
    signal: AbortSignal.timeout?.(ACK_TIMEOUT_MS)
  });
}
async function post(isLast) {
  if (isIdle() || isPosting && !isLast) return;
  isPosting = true;
  const [oldest] = frames;
  const name = current.id;
  const sure = frames.filter(({ page: page2 }) => page2.id || !config.sample);
  try {
    const response = await request(packEnvelope(hello(), sure.map(({ bytes }) => bytes), POST_BYTES), isLast);
    hasPosted = response.ok;
    [await response.json()].flat().forEach(quiet(receive));
  } catch {
    hasPosted = false;
  }
  isPosting = false;
  if (frames[0] !== oldest || current?.id !== name) quiet(wake)();
}

// snippet/src/life.ts
function startLife(turn) {
  let isGone = false;
  bind(document, "visibilitychange", ({ timeStamp }) => {
    if (isGone) return;
    mark(document.hidden ? 13 /* Hidden */ : 14 /* Visible */, timeStamp);
    if (document.hidden) cut();
  });
  bind(window, "blur focus", ({ type, target, timeStamp }) => {
    if (target === window) mark(type === "blur" ? 15 /* Blur */ : 16 /* Focus */, timeStamp);
  });
  bind(window, "pagehide", ({ timeStamp }) => {
    if (isGone) return;
    mark(20 /* Unload */, timeStamp);
    isGone = true;
    cut(true);
    leave();
  });
  bind(window, "pageshow", () => {
    if (isGone) turn("restore");
  });
}

// snippet/src/outline.ts
var elements;
var described2 = [];
function startOutline(page2) {
  const timer3 = setTimeout(quiet(collect), OUTLINE_AFTER_MS, page2);
  atRelease(() => {
    clearTimeout(timer3);
    elements = [];
    described2 = [];
  });
}
function collect(page2) {
  elements = [...document.querySelectorAll(STRUCTURE)];
  const work = (idle) => {
    forgetOldSelectors();
    do {
      const element = elements.shift();
      if (!element || described2[OUTLINE_ELEMENTS - 1]) return finish();
      const { width, height } = element.getBoundingClientRect();
      if (width && height) describe(element, described2);
    } while (idle && idle.timeRemaining() > OUTLINE_PAUSE_MS);
    later(work);
  };
  const finish = () => {
    if (!described2[0]) return;
    const bytes = encode([page2.n, 0, Math.round(performance.now()) - page2.beganMs, 0, 0, 0, 0, 0], described2, []);
    if (page2.id) send(page2, bytes);
    else page2.onNamed = () => send(page2, bytes);
  };
  later(work);
}
async function send(page2, bytes) {
  const body = packEnvelope(hello([page2]), [bytes], POST_BYTES + bytes.length);
  const { CompressionStream } = window;
  const packed = CompressionStream && new Response(new Response(body).body.pipeThrough(new CompressionStream("gzip")));
  const sent = packed ? await packed.blob() : body;
  if (!page2.refused) request(sent).catch(() => {
  });
}

// snippet/src/route.ts
function startRoute(look) {
  const lookSoon = () => setTimeout(look);
  bind(window, "popstate hashchange", lookSoon);
  const { navigation } = window;
  if (navigation) bind(navigation, "currententrychange", lookSoon);
}

// snippet/src/signal.ts
var PURPOSE = 8;
var mode;
var transparency;
var newest;
function readSignal() {
  const { dataLayer = [], __tcfapi } = window;
  if (__tcfapi && transparency === void 0) {
    transparency = false;
    __tcfapi("addEventListener", 2, quiet(({ eventStatus, gdprApplies, purpose }) => {
      if (eventStatus !== "cmpuishown") transparency = gdprApplies === false || !!purpose.consents[PURPOSE];
    }));
  }
  let isFound = false;
  for (let i = dataLayer.length; i-- && dataLayer[i] !== newest; ) {
    const { 0: command, 2: said } = Object(dataLayer[i]);
    if (command === "consent" && !isFound && said?.analytics_storage) {
      isFound = true;
      mode = said.analytics_storage === "granted";
    }
  }
  newest = dataLayer[dataLayer.length - 1];
  return mode === false ? mode : transparency ?? mode;
}

// snippet/src/mousetrail.ts
function createMousetrail(config2) {
  let page2;
  let hasConsent = config2.consent === "required" ? void 0 : true;
  let signal;
  let poll;
  let notes = [];
  const begin = (via) => {
    page2 = openPage(config2, via, page2);
    startDraft(page2, Math.max(TOLERANCE_MIN_PX, Math.min(Number(config2.tolerance) || TOLERANCE_PX, TOLERANCE_MAX_PX)), wake);
    startMask();
    startPointers();
    startFrames();
    startWindow(page2);
    startFacts(window);
    startLife(turn);
    startRoute(look);
    startOutline(page2);
    startStream(config2, page2, { slow, watch, stop: () => stop(true) });
    notes.splice(0).forEach((note2) => mark(...note2));
  };
  const close2 = () => {
    cut(true);
    release();
    stopDraft();
    stopPointers();
    stopElements();
  };
  const turn = (via) => {
    close2();
    begin(via);
  };
  const end = (isWithdrawn) => {
    if (!page2) return;
    page2.refused = isWithdrawn;
    close2();
    if (!isWithdrawn) leave();
    stopStream();
    stopBuffer();
    page2 = void 0;
  };
  const look = quiet((via = "load") => {
    if (visitorRefuses(config2)) return end(true);
    const said = readSignal();
    if (said !== signal) consent(signal = said);
    if (!page2) return poll && hasConsent && begin(via);
    lookAtZoom();
    if (page2.url !== readUrl(config2) || page2.root !== document.documentElement) turn("route");
  });
  const start = quiet((via) => {
    if (document.prerendering) {
      document.addEventListener("prerenderingchange", activate, { once: true });
      return;
    }
    poll ??= setInterval(look, POLL_MS);
    look(via);
  });
  const activate = () => start("prerender");
  const stop = quiet((isForbidden) => {
    document.removeEventListener("prerenderingchange", activate);
    clearInterval(poll);
    poll = void 0;
    end(isForbidden);
  });
  const consent = quiet((isGiven, shouldErase) => {
    hasConsent = isGiven;
    if (isGiven) poll && start();
    else {
      end(true);
      notes = [];
      forgetSession(config2);
    }
    if (shouldErase) forget();
  });
  const note = quiet((kind, name, value = "") => {
    const texts = [name, value].map((text, i) => `${text}`.replace(/\0/g, "").slice(0, [NAME_LENGTH, VALUE_LENGTH][i]).replace(/[\ud800-\udbff]$/, ""));
    const one = [kind, performance.now(), texts];
    if (!name || !texts[0]) return;
    if (page2) mark(...one);
    else if (hasConsent !== false && notes.length < NOTES_WAITING) notes.push(one);
  });
  return {
    start: () => start(),
    stop: () => stop(),
    consent,
    identify: (id) => note(21 /* Identify */, id),
    tag: (name, value) => note(22 /* Tag */, name, value),
    event: quiet((name, props) => {
      const value = props && JSON.stringify(props) || "";
      note(23 /* Event */, name, value[0] === "{" && !value[VALUE_LENGTH] ? value : "");
    })
  };
}

// snippet/src/options.ts
var rules = () => ({
  site: [isText, "the site's public key, as the admin pages show it"],
  collector: [isAddress, `the collector's base address, such as "https://mouse.example.com/v1"`],
  consent: [isOneOf("required"), '"required" or left out'],
  sample: [isWithin2(0, 1), "a number from 0 to 1"],
  tolerance: [isWithin2(1, 50), "a number of px from 1 to 50"],
  respectDnt: [isOneOf(true, false), "true or false"],
  params: [(value) => Array.isArray(value) && value.every(isName), "a list of names without commas"],
  hash: [isOneOf("keep"), '"keep" or left out'],
  mask: [isOneOf("text", "inputs"), '"text" or "inputs"'],
  storage: [isOneOf("session"), '"session" or left out']
});
function checkOptions(options) {
  const given = new Map(Object.entries(options ?? {}));
  const known2 = Object.entries(rules());
  const names2 = known2.map(([name]) => name);
  for (const name of given.keys()) {
    if (!names2.includes(name)) throw new TypeError(`mousetrail: there is no option "${name}", only ${names2.join(", ")}`);
  }
  for (const [name, [isFine, wanted]] of known2) {
    const value = given.get(name);
    if (value === void 0 && name !== "site" && name !== "collector") continue;
    if (!isFine(value)) throw new TypeError(`mousetrail: ${name} has to be ${wanted}, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`);
  }
  if (options.storage && !options.consent) throw new TypeError('mousetrail: storage needs consent: "required", because nothing is stored without consent');
}
function toConfig({ collector, sample, tolerance, respectDnt, params, ...rest }) {
  return {
    ...rest,
    collector: new URL(collector, location.href).href.replace(/\/+$/, ""),
    sample: sample?.toString(),
    tolerance: tolerance?.toString(),
    respectDnt: respectDnt?.toString(),
    params: params?.join()
  };
}
function isName(value) {
  return isText(value) && !value.includes(",");
}
function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
function isAddress(value) {
  try {
    return isText(value) && /^https?:$/.test(new URL(value, "https://host.invalid").protocol);
  } catch {
    return false;
  }
}
function isOneOf(...fine) {
  return (value) => fine.includes(value);
}
function isWithin2(least, most) {
  return (value) => typeof value === "number" && value >= least && value <= most;
}

// snippet/src/index.ts
var MAX_WAITING = 100;
var running;
function createMousetrail2(options) {
  checkOptions(options);
  const isBrowser = typeof document === "object";
  let inner;
  let stage2 = 0 /* Stopped */;
  let hasConsent = false;
  let waiting = [];
  const part = () => inner ??= createMousetrail(toConfig(options));
  const begin = () => {
    if (!isBrowser || stage2) return;
    stage2 = 1 /* Starting */;
    queueMicrotask(() => {
      if (stage2 !== 1 /* Starting */) return;
      stage2 = 2 /* Started */;
      if (running !== it) running?.stop();
      running = it;
      if (hasConsent) part().consent(true);
      part().start();
      for (const call of waiting.splice(0)) call();
    });
  };
  const note = (call) => {
    if (stage2 === 2 /* Started */) call();
    else if (isBrowser && waiting.length < MAX_WAITING) waiting.push(call);
  };
  const it = {
    start() {
      if (stage2 === 2 /* Started */) part().start();
      else begin();
    },
    stop() {
      if (stage2 === 2 /* Started */) part().stop();
      stage2 = 0 /* Stopped */;
      waiting = [];
    },
    consent(isGiven, shouldErase) {
      hasConsent = isGiven;
      if (!isBrowser) return;
      if (!isGiven) {
        waiting = [];
        part().consent(false, shouldErase);
      } else if (stage2 === 2 /* Started */) {
        part().consent(true);
      } else {
        begin();
      }
    },
    identify: (id) => note(() => part().identify(id)),
    tag: (name, value) => note(() => part().tag(name, value)),
    event: (name, props) => note(() => part().event(name, props))
  };
  return it;
}
export {
  createMousetrail2 as createMousetrail
};
