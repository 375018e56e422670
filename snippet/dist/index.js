/*! mousetrail, MIT OR Apache-2.0 */

// snippet/src/bind.ts
var bound = [];
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
  for (const type of types.split(" ")) {
    target.addEventListener(type, listener, { capture: true, passive: true });
    bound.push(() => target.removeEventListener(type, listener, { capture: true }));
  }
}
function atRelease(undo) {
  bound.push(undo);
}
function release() {
  bound.forEach((undo) => quiet(undo)());
  bound = [];
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

// snippet/src/consent.ts
function visitorRefuses(respectsDnt) {
  const { globalPrivacyControl, doNotTrack } = navigator;
  return globalPrivacyControl === true || respectsDnt && doNotTrack === "1";
}

// snippet/src/bounds.ts
function toWhole(value, least = -1e6) {
  return Math.max(least, Math.min(1e6, Math.round(value)));
}

// snippet/src/config.ts
var TOLERANCE_PX = 2;
var REST_MS = 100;
var REST_END_MS = 16;
var MAX_POINTERS = 16;
var FLUSH_MS = 5e3;
var FLUSH_FIRST_MS = 250;
var FLUSH_WATCHED_MS = 100;
var FLUSH_EVENTS = 512;
var FRAME_HALF_SPAN = 16383;
var FRAME_ELEMENTS = 48;
var SELECTOR_BYTES = 512;
var DESCRIBE_WITHIN_MS = 1e3;
var DESCRIBE_MS = 10;
var SELECTOR_NAMES = 8;
var BUFFER_BYTES = 1048576;
var BUFFER_MOVES_BYTES = BUFFER_BYTES * 14 / 16;
var BUFFER_EVENTS_BYTES = BUFFER_BYTES * 15 / 16;
var WELCOME_TIMEOUT_MS = 1e4;
var ACK_TIMEOUT_MS = 2e4;
var RETRY_MS = 5e3;
var RECONNECT_FIRST_MS = 1e3;
var RECONNECT_MAX_MS = 6e4;
var RECONNECT_BLOCKED_MS = 3e5;
var BLOCKED_TRIES = 2;
var SOCKET_BYTES = 131072;
var POST_BYTES = 6e4;

// snippet/src/selector.ts
function selectorsOf(element) {
  let path = "";
  for (let at = element; at && at.isConnected; at = at.parentElement) {
    for (const name of [...namesOf(at), stepOf(at)]) {
      const selector = name + path;
      if (document.querySelectorAll(selector).length === 1) return selector.length > SELECTOR_BYTES ? [] : [selector];
    }
    path = ` > ${stepOf(at)}${path}`;
  }
  return [];
}
function namesOf(element) {
  const attributes = ["data-testid", "name"].map((key) => [key, element.getAttribute(key) ?? ""]);
  return [
    ...isWordlike(element.id) ? [`#${element.id}`] : [],
    ...attributes.filter(([, value]) => isWordlike(value)).map(([key, value]) => `[${key}=${value}]`),
    ...[...element.classList].filter(isWordlike).map((name) => `.${name}`)
  ].slice(0, SELECTOR_NAMES);
}
function stepOf(element) {
  const { localName, parentElement } = element;
  const alike = [...parentElement?.children ?? []].filter((child) => child.localName === localName);
  return alike.length > 1 ? `${localName}:nth-of-type(${alike.indexOf(element) + 1})` : localName;
}
function isWordlike(name) {
  return /^[a-z]+([-_]+[a-z]+|[A-Z][a-z]{2,})*$/.test(name) && !/[^aeiouy_-]{5}/i.test(name);
}

// snippet/src/text.ts
var utf8 = new TextEncoder();
function clip(text, bytes) {
  text = text.replace(/\0/g, "");
  return text.slice(0, utf8.encodeInto(text, new Uint8Array(bytes)).read);
}

// snippet/src/element.ts
var INTERACTIVE = "a,button,input,select,textarea,label,summary,[role=button],[onclick]";
var STRUCTURE = `header,nav,main,section,article,aside,footer,form,ul,ol,table,dialog,[role],${INTERACTIVE}`;
var IMAGE = "img,svg,video,canvas,picture";
var FIELD = "input,select,textarea,[contenteditable]";
var numbers = /* @__PURE__ */ new WeakMap();
var count = 0;
var pending = [];
var described = [];
var isWaiting = false;
function stopElements() {
  numbers = /* @__PURE__ */ new WeakMap();
  count = 0;
  pending = [];
  described = [];
}
function numberOf(target) {
  const element = target;
  if (element?.nodeType !== 1) return 0;
  let number = numbers.get(element) ?? 0;
  if (!number && count < 32767) {
    number = ++count;
    numbers.set(element, number);
    pending.push(element);
    wait();
  }
  return number;
}
function takeDescribed(most, isUrgent) {
  if (isUrgent) describeFor(DESCRIBE_MS);
  return described.splice(0, most);
}
function wait() {
  if (isWaiting) return;
  isWaiting = true;
  const work = quiet((idle) => {
    isWaiting = false;
    describeFor(idle ? idle.timeRemaining() : DESCRIBE_MS);
    if (pending.length) wait();
  });
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: DESCRIBE_WITHIN_MS });
  else setTimeout(work, DESCRIBE_MS);
}
function describeFor(ms) {
  const endMs = performance.now() + ms;
  do {
    const element = pending.shift();
    if (element) described.push(describe(element));
  } while (pending.length && performance.now() < endMs);
}
function describe(element) {
  const box = element.getBoundingClientRect();
  return {
    number: numberOf(element),
    parent: numberOf(parentOf(element)),
    flags: positionOf(element) | (element.matches(INTERACTIVE) ? 4 /* Interactive */ : 0) | (element.matches(IMAGE) ? 8 /* Image */ : 0),
    x: toWhole(box.x + scrollX),
    y: toWhole(box.y + scrollY),
    w: toWhole(box.width, 0),
    h: toWhole(box.height, 0),
    // Only the length: the text itself stays here. What people type isn't even counted.
    text_length: element.matches(FIELD) ? 0 : toWhole((element.textContent ?? "").length, 0),
    tag: clip(element.localName, 32),
    role: clip(element.getAttribute("role") ?? element.type ?? "", 32),
    selectors: selectorsOf(element)
  };
}
function parentOf({ parentElement: parent }) {
  return !parent || numbers.has(parent) || parent.matches(STRUCTURE) ? parent : parentOf(parent);
}
function positionOf(element) {
  if (!element) return 0;
  const { position } = getComputedStyle(element);
  return (position === "fixed" ? 1 /* Fixed */ : position === "sticky" ? 2 /* Sticky */ : 0) | positionOf(element.parentElement);
}

// snippet/src/frame.ts
var STATE_CODE = 24;
function familyOf(kind) {
  return kind === 9 /* Scroll */ ? 1 /* Scroll */ : kind === 19 /* InnerScroll */ ? 2 /* Inner */ : kind === 11 /* Resize */ ? 3 /* Viewport */ : kind === 12 /* Document */ ? 4 /* Document */ : 0 /* Place */;
}
function appendVarint(bytes, value) {
  for (value >>>= 0; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
  bytes.push(value);
  return bytes;
}
function encode(frame) {
  const { x0, y0, elements, events: events2 } = frame;
  const bytes = [1];
  const varint = (value) => {
    appendVarint(bytes, value);
  };
  const zigzag = (value) => varint(value << 1 ^ value >> 31);
  const text = (value) => {
    const encoded = utf8.encode(value);
    varint(encoded.length);
    bytes.push(...encoded);
  };
  [frame.page, frame.seq, frame.t0].forEach(varint);
  [x0, y0].forEach(zigzag);
  [frame.samples, frame.dropped, frame.tolerance, elements.length].forEach(varint);
  for (const element of elements) {
    [element.number, element.parent, element.flags].forEach(varint);
    [element.x, element.y].forEach(zigzag);
    [element.w, element.h, element.text_length].forEach(varint);
    [element.tag, element.role].forEach(text);
    varint(element.selectors.length);
    element.selectors.forEach(text);
  }
  let before = events2[0]?.at ?? 0;
  let state = [0, 0, 0, 0, 0];
  const values = [[x0, y0], [x0, y0], [0, 0], [0, 0], [0, 0]];
  for (const event of events2) {
    event.state.forEach((value, i) => {
      if (value !== state[i]) varint(value << 6 | STATE_CODE + i << 1 | 1);
    });
    state = event.state;
    const dt = event.at - before;
    before = event.at;
    varint(event.kind ? dt << 6 | event.kind << 1 | 1 : dt << 1);
    const family = familyOf(event.kind);
    const [x, y] = values[family];
    zigzag(event.x - x);
    zigzag(event.y - y);
    values[family] = [event.x, event.y];
  }
  return Uint8Array.from(bytes);
}

// snippet/src/thin.ts
var DIRECTIONS = [[1, 0], [Math.SQRT1_2, Math.SQRT1_2], [0, 1], [-Math.SQRT1_2, Math.SQRT1_2]];
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
function createTrack(tolerancePx2, prepare2, keep2) {
  const thinner = createThinner(tolerancePx2, keep2);
  let last;
  const arrive = (at, x, y) => {
    if (last) {
      const [lastAt, lastX, lastY, note] = last;
      at = Math.max(at, lastAt);
      if (at - lastAt > REST_MS) {
        prepare2(at - REST_END_MS, lastX, lastY);
        thinner.sample(at - REST_END_MS, lastX, lastY, note);
      }
    }
    prepare2(at, x, y);
    return at;
  };
  return {
    sample(at, x, y, note) {
      at = arrive(at, x, y);
      last = [at, x, y, note];
      thinner.sample(at, x, y, note);
    },
    exact(at, x, y, note) {
      at = arrive(at, x, y);
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
var first;
var timer;
function startDraft(of, tolerance, afterCut) {
  page = of;
  baseTolerancePx = tolerancePx = tolerance;
  onCut = afterCut;
}
function stopDraft() {
  clearTimeout(timer);
  timer = first = void 0;
  tracks.clear();
  events = [];
  samples = dropped = slowLevel = 0;
  isWatched = false;
}
function timeOf(timeStamp) {
  return Math.max(0, Math.round(timeStamp - page.beganMs));
}
function openTrack(kind) {
  const track = createTrack(() => tolerancePx, prepare, (...point) => keep(kind, ...point));
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
function record(kind, at, x, y, note) {
  if (familyOf(kind) <= 1 /* Scroll */) prepare(at, x, y);
  else prepare(at);
  keep(kind, at, x, y, note);
}
function prepare(at, x = first?.[1] ?? 0, y = first?.[2] ?? 0) {
  const here = [at, x, y];
  if (events.length >= FLUSH_EVENTS || first?.some((value, i) => Math.abs(value - here[i]) > FRAME_HALF_SPAN)) cut();
  first ?? (first = here);
  timer ?? (timer = setTimeout(quiet(cut), isWatched ? FLUSH_WATCHED_MS : page.seq ? FLUSH_MS : FLUSH_FIRST_MS));
}
function keep(kind, at, x, y, [target, ...rest]) {
  if (heldBytes > (kind ? BUFFER_EVENTS_BYTES : BUFFER_MOVES_BYTES)) dropped++;
  else events.push({ kind, at, x: toWhole(x), y: toWhole(y), state: [numberOf(target), ...rest] });
}
function cut(isLeaving) {
  clearTimeout(timer);
  timer = first = void 0;
  tracks.forEach((track) => track.flush());
  if (events.length && !page.refused) {
    events.sort((a, b) => a.at - b.at);
    const origin = events.find(({ kind }) => familyOf(kind) <= 1 /* Scroll */);
    const seq = ++page.seq;
    const bytes = encode({
      page: page.n,
      seq,
      t0: events[0].at,
      x0: origin?.x ?? 0,
      y0: origin?.y ?? 0,
      samples,
      dropped,
      tolerance: Math.round(tolerancePx * 10),
      elements: takeDescribed(FRAME_ELEMENTS, isLeaving),
      events
    });
    hold({ page, seq, bytes });
    samples = dropped = 0;
    onCut();
  }
  events = [];
  const fullLevel = Math.floor(10 * heldBytes / BUFFER_BYTES) - 4;
  tolerancePx = baseTolerancePx * 2 ** Math.min(4, Math.max(0, slowLevel, fullLevel));
}
function slow(level) {
  slowLevel = level | 0;
  cut();
}
function watch(isOn) {
  isWatched = isOn;
  if (isOn) cut();
}

// snippet/src/pointer.ts
var TYPES = ["mouse", "pen", "touch"];
var EXACT = ["pointerdown", "pointerup", "click", "dblclick", "contextmenu", "pointercancel"];
var NOBODY = [null, 0, 0, 0, 0];
var pointers = /* @__PURE__ */ new Map();
var latestId = 0;
var latest;
function startPointers() {
  bind(window, "pointermove", onMove);
  bind(window, EXACT.join(" "), onExact);
  bind(window, "pointerover", onOver);
  bind(window, "pointerout", onOut);
}
function stopPointers() {
  pointers.clear();
  latest = void 0;
}
function latestNote() {
  return latest?.note ?? NOBODY;
}
function mark(kind, timeStamp) {
  if (latest) recordExact(latest, kind, timeStamp);
  else record(kind, timeOf(timeStamp), scrollX, scrollY, NOBODY);
}
function shiftPointers(timeStamp, x, y) {
  for (const { track, note, clientX, clientY, isPresent } of pointers.values()) {
    if (isPresent) track.sample(timeOf(timeStamp), clientX + x, clientY + y, note);
  }
}
function onMove(event) {
  const pointer = find(event);
  const [, , buttons] = pointer.note;
  const coalesced = event.getCoalescedEvents?.() ?? [];
  const samples2 = coalesced.length ? coalesced : [event];
  countSamples(samples2.length);
  for (const sample of samples2) {
    const place = placeOf(pointer, event, sample);
    if (pointer.isPresent === false) recordExact(pointer, 7 /* Enter */, sample.timeStamp, place);
    else pointer.track.sample(timeOf(sample.timeStamp), ...place, pointer.note);
    pointer.isPresent = true;
  }
  if (buttons !== pointer.note[2]) recordExact(pointer, 0 /* Move */, event.timeStamp);
}
function onExact(event) {
  const kind = EXACT.indexOf(event.type) + 1;
  const isCancel = kind === 6 /* Cancel */;
  if (kind > 2 /* Up */ && !isCancel && !event.detail && !event.clientX && !event.clientY) return;
  const pointer = find(event);
  countSamples(1);
  recordExact(pointer, kind, event.timeStamp, isCancel && pointer.track.last ? void 0 : placeOf(pointer, event, event));
  pointer.isPresent = !isCancel && (kind === 1 /* Down */ || event.pointerType !== "touch") ? true : void 0;
}
function onOver({ pointerId, target }) {
  const pointer = pointers.get(pointerId);
  if (!pointer) return;
  const [, ...rest] = pointer.note;
  pointer.note = [target, ...rest];
}
function onOut({ pointerId, pointerType, relatedTarget, timeStamp }) {
  const pointer = pointers.get(pointerId);
  if (relatedTarget || !pointer?.isPresent || pointerType === "touch") return;
  recordExact(pointer, 8 /* Leave */, timeStamp);
  pointer.isPresent = false;
}
function find(event) {
  latestId = event.pointerId ?? latestId;
  latest = pointers.get(latestId);
  if (latest) return latest;
  for (const [id, { track }] of pointers) {
    if (pointers.size < MAX_POINTERS) break;
    closeTrack(track);
    pointers.delete(id);
  }
  latest = { track: openTrack(0 /* Move */), note: NOBODY, clientX: 0, clientY: 0 };
  pointers.set(latestId, latest);
  return latest;
}
function placeOf(pointer, event, { clientX, clientY, pressure }) {
  pointer.clientX = clientX;
  pointer.clientY = clientY;
  pointer.note = noteOf(event, pressure, pointer.note);
  return [clientX + event.pageX - event.clientX, clientY + event.pageY - event.clientY];
}
function recordExact({ track, note }, kind, timeStamp, place) {
  const [x, y] = place ?? [track.last[1], track.last[2]];
  record(kind, track.exact(timeOf(timeStamp), x, y, note), x, y, note);
}
function noteOf(event, pressure, before) {
  const { target, pointerType, pointerId, buttons, isTrusted } = event;
  const type = (TYPES.indexOf(pointerType) + 4) % 4;
  return [
    target,
    // There is one mouse, whatever number the browser gives it. A plain mouse event belongs to the pointer before it.
    pointerType === void 0 ? before[1] : type && type + 4 * (pointerId & 32767),
    buttons & 31,
    // A mouse has no pressure: browsers make one up from its buttons.
    type % 3 ? Math.round(pressure * 1e4) + 1 : 0,
    isTrusted ? 0 : 1
  ];
}

// snippet/src/envelope.ts
function packEnvelope(hello2, frames2, mostBytes) {
  const body = new Uint8Array(mostBytes);
  let end = 0;
  for (const part of [utf8.encode(hello2), ...frames2]) {
    const length = appendVarint([], part.length);
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
var FINAL = [4e3, 4001, 4002];
var MISTAKES = [1002, 1003, 1007, 1009];
var config;
var current;
var orders;
var socket;
var stage = 0 /* Closed */;
var reconnect;
var patience;
var tries = 0;
var failedOpens = 0;
var isPosting = false;
var hasPosted = false;
function startStream(of, page2, by) {
  config = of;
  current = page2;
  orders = by;
  tries = failedOpens = 0;
  hasPosted = false;
  connect();
}
function stopStream() {
  current = void 0;
  close();
}
function wake() {
  if (!current) return;
  pump();
  if (isBlocked() && hasPosted) post();
  if (!reconnect) connect();
}
function leave() {
  post(true);
  close();
}
function pages() {
  return [.../* @__PURE__ */ new Set([current, ...frames.map(({ page: page2 }) => page2)])].filter(({ refused }) => !refused);
}
function introduce(page2) {
  page2.introduced = true;
  const { n, id, token, seq } = page2;
  const from = frames.find((frame) => frame.page === page2)?.seq ?? seq + 1;
  return id ? { n, id, token, from } : { ...page2.about, age_ms: Math.round(performance.now() - page2.beganMs) };
}
function hello() {
  const { site } = config;
  return JSON.stringify({ type: "hello", v: 1, site, agent: AGENT, pages: pages().slice(0, HELLO_PAGES).map(introduce) });
}
function isIdle() {
  return !frames.length && pages().every(({ id }) => id);
}
function isBlocked() {
  return failedOpens >= BLOCKED_TRIES;
}
function connect() {
  reconnect = void 0;
  if (socket || isIdle() && !isBlocked()) return;
  stage = 1 /* Connecting */;
  expectAnswer(WELCOME_TIMEOUT_MS);
  try {
    socket = new WebSocket(config.collector.replace(/^http/, "ws") + "/socket", "mousetrail.v1");
    socket.onopen = quiet(open);
    socket.onmessage = quiet(({ data }) => receive(JSON.parse(data)));
    socket.onclose = quiet(({ code }) => lose(code));
  } catch {
    lose(0);
  }
}
function open() {
  stage = 2 /* Open */;
  for (const page2 of pages()) page2.introduced = page2.welcomed = false;
  for (const frame of frames) frame.sent = false;
  socket.send(hello());
  pump();
}
function pump() {
  if (stage < 2 /* Open */) return;
  for (const page2 of pages()) {
    if (!page2.introduced) socket.send(JSON.stringify({ type: "page", ...introduce(page2) }));
  }
  for (const frame of frames) {
    if (socket.bufferedAmount > SOCKET_BYTES) break;
    if (frame.sent || !frame.page.welcomed) continue;
    socket.send(frame.bytes);
    frame.sent = true;
  }
  if (frames.some(({ sent }) => sent)) expectAnswer(ACK_TIMEOUT_MS);
}
function receive(message) {
  const { type, n, seq } = message;
  const page2 = current && pages().find((page3) => page3.n === n);
  if (type === "slow") orders.slow(message.level);
  if (type === "watch") orders.watch(message.on);
  if (type === "drain" && socket) lose(1012, Math.random() * message.after_ms);
  if (type === "error" && FINAL.includes(message.code)) orders.stop();
  if (!page2) return;
  if (type === "welcome") {
    page2.id = message.id;
    page2.token = message.token;
    page2.welcomed = true;
    settle((frame) => frame.page === page2 && frame.seq <= message.acked);
    if (stage >= 2 /* Open */) {
      stage = 3 /* Welcomed */;
      tries = failedOpens = 0;
      hasPosted = false;
    }
  } else if (type === "ack") {
    settle((frame) => frame.page === page2 && frame.seq <= seq);
  } else if (type === "nack" && message.retry) {
    const frame = frames.find((frame2) => frame2.page === page2 && frame2.seq === seq);
    setTimeout(quiet(() => (frame.sent = false, pump())), RETRY_MS);
  } else if (type === "nack") {
    page2.refused = !seq;
    settle((frame) => frame.page === page2 && (!seq || frame.seq === seq));
  }
  if (stage === 3 /* Welcomed */) {
    stopWaiting();
    pump();
  }
}
function lose(code, afterMs) {
  if (stage < (code ? 2 /* Open */ : 3 /* Welcomed */)) failedOpens++;
  close();
  orders.watch(false);
  if (FINAL.includes(code)) return orders.stop();
  if (isBlocked()) post();
  comeBack(afterMs ?? (MISTAKES.includes(code) ? RECONNECT_MAX_MS : void 0));
}
function comeBack(afterMs) {
  const mostMs = Math.min(hasPosted ? RECONNECT_BLOCKED_MS : RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** tries++);
  clearTimeout(reconnect);
  reconnect = setTimeout(quiet(connect), afterMs ?? Math.random() * mostMs);
}
function close() {
  stopWaiting();
  clearTimeout(reconnect);
  reconnect = void 0;
  stage = 0 /* Closed */;
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = void 0;
}
function expectAnswer(withinMs) {
  patience ?? (patience = setTimeout(quiet(lose), withinMs, 0));
}
function stopWaiting() {
  clearTimeout(patience);
  patience = void 0;
}
async function post(isLast = false) {
  if (isIdle() || isPosting && !isLast) return;
  isPosting = true;
  const [oldest] = frames;
  const wentWell = hasPosted;
  try {
    const response = await fetch(config.collector + "/post", {
      method: "POST",
      credentials: "omit",
      headers: { "content-type": "text/plain" },
      body: packEnvelope(hello(), frames.map(({ bytes }) => bytes), POST_BYTES),
      keepalive: isLast,
      signal: isLast ? void 0 : AbortSignal.timeout?.(ACK_TIMEOUT_MS)
    });
    hasPosted = response.ok;
    [await response.json()].flat().forEach(quiet(receive));
  } catch {
    hasPosted = false;
  }
  isPosting = false;
  if (wentWell && !hasPosted && reconnect) {
    tries = 0;
    comeBack();
  }
  if (frames[0] !== oldest) quiet(wake)();
}

// snippet/src/life.ts
function startLife() {
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
    if (!isGone) return;
    isGone = false;
    wake();
  });
}

// snippet/src/page.ts
function openPage(n) {
  return { n, beganMs: performance.now(), about: describePage(n), seq: 0 };
}
function describePage(n) {
  const root = document.documentElement;
  return {
    n,
    nonce: createNonce(),
    url: clip(location.origin + location.pathname, 2048),
    title: clip(document.title, 512),
    // Query and fragment may hold anything, so they stay here.
    referrer: clip(document.referrer.replace(/[?#].*/, ""), 2048),
    viewport: [innerWidth, innerHeight],
    document: [root.scrollWidth, root.scrollHeight],
    scroll: [Math.round(scrollX), Math.round(scrollY)],
    screen: [screen.width, screen.height],
    dpr: devicePixelRatio,
    pointer: matchMedia("(pointer: coarse)").matches ? "touch" : "mouse",
    language: clip(navigator.language, 35)
  };
}
function createNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).slice(0, 22).replace(/[+/]/g, (sign) => sign === "+" ? "-" : "_");
}

// snippet/src/window.ts
function startWindow() {
  const scroll = openTrack(9 /* Scroll */);
  scroll.exact(0, scrollX, scrollY, latestNote());
  bind(window, "scroll", ({ target, timeStamp }) => {
    if (target !== document) return;
    const offset = [scrollX, scrollY];
    scroll.sample(timeOf(timeStamp), ...offset, latestNote());
    shiftPointers(timeStamp, ...offset);
  });
  bind(window, "resize", ({ timeStamp }) => record(11 /* Resize */, timeOf(timeStamp), innerWidth, innerHeight, latestNote()));
  if (!window.ResizeObserver) return;
  const { documentElement, body } = document;
  const observer = new ResizeObserver(quiet(() => {
    const { scrollWidth, scrollHeight } = documentElement;
    record(12 /* Document */, timeOf(performance.now()), scrollWidth, scrollHeight, latestNote());
  }));
  for (const element of [documentElement, body]) if (element) observer.observe(element);
  atRelease(() => observer.disconnect());
}

// snippet/src/mousetrail.ts
function createMousetrail(config2) {
  let isRunning = false;
  let hasConsent = !config2.needsConsent;
  const isSampled = Math.random() < config2.sample;
  const start = quiet(() => {
    if (isRunning || !hasConsent || !isSampled || visitorRefuses(config2.respectsDnt)) return;
    isRunning = true;
    const page2 = openPage(0);
    startDraft(page2, config2.tolerancePx, wake);
    startPointers();
    startWindow();
    startLife();
    startStream(config2, page2, { slow, watch, stop: () => stop(true) });
  });
  const stop = quiet((isWithdrawn) => {
    if (!isRunning) return;
    isRunning = false;
    release();
    if (!isWithdrawn) {
      cut(true);
      leave();
    }
    stopStream();
    stopDraft();
    stopPointers();
    stopElements();
    stopBuffer();
  });
  return {
    start,
    stop: () => stop(),
    identify() {
    },
    tag() {
    },
    event() {
    },
    consent(isGiven) {
      hasConsent = isGiven;
      if (isGiven) start();
      else stop(true);
    }
  };
}

// snippet/src/options.ts
var rules = () => ({
  site: [isText, "the site's public key, as the admin pages show it"],
  collector: [isAddress, `the collector's base address, such as "https://mouse.example.com/v1"`],
  consent: [isOneOf("required"), '"required" or left out'],
  sample: [isWithin(0, 1), "a number from 0 to 1"],
  tolerance: [isWithin(1, 50), "a number of px from 1 to 50"],
  respectDnt: [isOneOf(true, false), "true or false"],
  params: [(value) => Array.isArray(value) && value.every(isText), "a list of names"],
  hash: [isOneOf("keep"), '"keep" or left out'],
  mask: [isOneOf("text", "inputs"), '"text" or "inputs"'],
  storage: [isOneOf("session"), '"session" or left out']
});
function checkOptions(options) {
  const given = new Map(Object.entries(options ?? {}));
  const known = Object.entries(rules());
  const names = known.map(([name]) => name);
  for (const name of given.keys()) {
    if (!names.includes(name)) throw new TypeError(`mousetrail: there is no option "${name}", only ${names.join(", ")}`);
  }
  for (const [name, [isFine, wanted]] of known) {
    const value = given.get(name);
    if (value === void 0 && name !== "site" && name !== "collector") continue;
    if (!isFine(value)) throw new TypeError(`mousetrail: ${name} has to be ${wanted}, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`);
  }
  if (options.storage && !options.consent) throw new TypeError('mousetrail: storage needs consent: "required", because nothing is stored without consent');
}
function toConfig({ site, collector, consent, sample, tolerance, respectDnt }) {
  return {
    site,
    collector: new URL(collector, location.href).href.replace(/\/+$/, ""),
    needsConsent: consent === "required",
    respectsDnt: respectDnt !== false,
    sample: sample ?? 1,
    tolerancePx: tolerance ?? TOLERANCE_PX
  };
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
function isWithin(least, most) {
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
  const part = () => inner ?? (inner = createMousetrail(toConfig(options)));
  const begin = () => {
    if (!isBrowser || stage2) return;
    stage2 = 1 /* Starting */;
    queueMicrotask(() => {
      if (stage2 !== 1 /* Starting */) return;
      stage2 = 2 /* Started */;
      if (running !== it) running?.stop();
      running = it;
      if (hasConsent) part().consent(true);
      else part().start();
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
