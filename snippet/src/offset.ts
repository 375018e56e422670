/** Where the documents of frames begin in the document of the page, px. The page's own window isn't here: it scrolls. */
export const offsets = /* @__PURE__ */ new WeakMap<Window, readonly [x: number, y: number]>();
