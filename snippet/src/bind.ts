/** The one place where listeners are added, so that none is forgotten at the end and no failure of ours reaches the page. */

let controller = /* @__PURE__ */ new AbortController();

/** The same function, silent when it throws. For everything that the browser calls. */
export function quiet<Arguments extends unknown[]>(call: (...args: Arguments) => unknown): (...args: Arguments) => void {
  return (...args) => {
    try {
      call(...args);
    } catch {
      // Whatever went wrong is ours, and the page has no use for it.
    }
  };
}

/** Listens for each of the types (with spaces between them): passive, and before the page's own listeners can stop the event. */
export function bind<Type extends Event>(target: EventTarget, types: string, handle: (event: Type) => void): void {
  const listener = quiet(handle) as EventListener;
  const options = { capture: true, passive: true, signal: controller.signal };
  types.split(" ").forEach((type) => target.addEventListener(type, listener, options));
}

/** For what is no listener and ends with them all the same, such as an observer. */
export function atRelease(undo: () => void): void {
  controller.signal.addEventListener("abort", undo);
}

export function release(): void {
  controller.abort();
  controller = new AbortController();
}
