export const utf8 = new TextEncoder();

/** The longest start of a text that fits into so many bytes, without the NULs that Postgres can't hold. */
export function clip(text: string, bytes: number): string {
  text = text.replace(/\0/g, "");
  // The encoder stops before a character that doesn't fit whole.
  return text.slice(0, utf8.encodeInto(text, new Uint8Array(bytes)).read);
}
