/** What a site says to `createMousetrail`, read into the settings that the parts know. */
import type { Config } from "./config";
import type { Options } from "./index";

/** What each option has to be, in the words that a developer reads when it isn't. */
const rules = (): Record<keyof Options, readonly [isFine: (value: unknown) => boolean, wanted: string]> => ({
  site: [isText, "the site's public key, as the admin pages show it"],
  collector: [isAddress, 'the collector\'s base address, such as "https://mouse.example.com/v1"'],
  consent: [isOneOf("required"), '"required" or left out'],
  sample: [isWithin(0, 1), "a number from 0 to 1"],
  tolerance: [isWithin(1, 50), "a number of px from 1 to 50"],
  respectDnt: [isOneOf(true, false), "true or false"],
  params: [(value) => Array.isArray(value) && value.every(isName), "a list of names without commas"],
  hash: [isOneOf("keep"), '"keep" or left out'],
  mask: [isOneOf("text", "inputs"), '"text" or "inputs"'],
  storage: [isOneOf("session"), '"session" or left out'],
});

/** Throws a TypeError for what can't be meant: a misspelt `consent` must not pass for none. */
export function checkOptions(options: Options): void {
  const given = new Map<string, unknown>(Object.entries(options ?? {}));
  const known = Object.entries(rules());
  const names = known.map(([name]) => name);
  for (const name of given.keys()) {
    if (!names.includes(name)) throw new TypeError(`mousetrail: there is no option "${name}", only ${names.join(", ")}`);
  }
  for (const [name, [isFine, wanted]] of known) {
    const value = given.get(name);
    if (value === undefined && name !== "site" && name !== "collector") continue;
    if (!isFine(value)) throw new TypeError(`mousetrail: ${name} has to be ${wanted}, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`);
  }
  if (options.storage && !options.consent) throw new TypeError('mousetrail: storage needs consent: "required", because nothing is stored without consent');
}

/** In the words of the script tag's attributes. For a browser only, where an address without a host has one. */
export function toConfig({ collector, sample, tolerance, respectDnt, params, ...rest }: Options): Config {
  return {
    ...rest,
    collector: new URL(collector, location.href).href.replace(/\/+$/, ""),
    sample: sample?.toString(),
    tolerance: tolerance?.toString(),
    respectDnt: respectDnt?.toString(),
    params: params?.join(),
  };
}

function isName(value: unknown): boolean {
  return isText(value) && !(value as string).includes(",");
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isAddress(value: unknown): boolean {
  try {
    return isText(value) && /^https?:$/.test(new URL(value as string, "https://host.invalid").protocol);
  } catch {
    return false;
  }
}

function isOneOf(...fine: readonly unknown[]): (value: unknown) => boolean {
  return (value) => fine.includes(value);
}

function isWithin(least: number, most: number): (value: unknown) => boolean {
  return (value) => typeof value === "number" && value >= least && value <= most;
}
