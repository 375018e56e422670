// Secrets that stand in the pages of the privacy tests, in two shapes: one that looks made by a machine, one that a filter for "names made of
// words" lets through.
const WORDS = `
  zebrafinch copperolive velvetmango silverotter lemonharbor cedarpanda rubymarina coralbanana amberfalcon tulipcanyon
  mapleriver pepperlagoon violetbadger orangecomet basilwagon indigolemur walnutpirate salmonvalley tundrapony melonrocket
  saffronheron lilacpelican garnetbison cobaltiguana papayaviking teacupdragon carameltiger raisindaisy opalsalamander nutmegbeaver
  juniperlizard camelbonanza mulberryfawn peonymeteor hazelwalrus tomatocactus cinnamonelk potatosonata marigoldhare bambooraven
`.trim().split(/\s+/);

const two = (n) => String(n).padStart(2, '0');
export const COUNT = WORDS.length;
export const SHAPES = {
  digits: (n) => `canary${two(n)}x9`,
  words: (n) => WORDS[n - 1],
};

/** What the pages take: {c01: …, c40: …}, and n1 to n9, names for programs as tools make them up. */
export function canaries(shape) {
  const values = {};
  for (let n = 1; n <= COUNT; n += 1) values[`c${two(n)}`] = SHAPES[shape](n);
  for (let n = 1; n <= 9; n += 1) values[`n${n}`] = SHAPES.digits(50 + n);
  return values;
}

/** A text that was cut still tells: both ends of it are looked for. */
export const ends = (texts) => Object.values(texts).flatMap((text) => [text.slice(0, 8), text.slice(-8)]);
