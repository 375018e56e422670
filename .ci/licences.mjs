// Every crate and every npm package has to have a licence that lets us ship, or build, under MIT OR Apache-2.0.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ALLOWED = new Set([
  'MIT', 'MIT-0', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Zlib', '0BSD', 'BSL-1.0', 'CC0-1.0',
  'Unlicense', 'Unicode-3.0', 'CDLA-Permissive-2.0', 'BlueOak-1.0.0',
]);
/** Tools of development that are neither linked nor shipped. */
const TOOLS_ONLY = new Set(['MPL-2.0', 'CC-BY-4.0', 'Python-2.0']);

/** Is one of the alternatives of an SPDX expression fine, in all its parts? */
function isFine(licence, allowed) {
  const flat = licence.replaceAll('/', ' OR ').replace(/[()]/g, ' ');
  return flat.split(/\sOR\s/).some((one) => one.split(/\sAND\s/).every((part) => allowed.has(part.trim())))
    // With brackets: `(A OR B) AND C` is fine when C is, and one of A and B.
    || licence.split(/\sAND\s/).every((part) => part.replace(/[()]/g, ' ').split(/\sOR\s/).some((one) => allowed.has(one.trim())));
}

const wrong = [];
const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], { encoding: 'utf8', maxBuffer: 1 << 28 }));
for (const { name, version, license } of metadata.packages) {
  if (!isFine(license ?? 'none', ALLOWED)) wrong.push(`crate ${name} ${version}: ${license}`);
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, { license, version, resolved }] of Object.entries(lock.packages)) {
  if (path === '') continue;
  if (!isFine(license ?? 'none', new Set([...ALLOWED, ...TOOLS_ONLY]))) wrong.push(`npm ${path} ${version}: ${license}`);
  if (resolved) wrong.push(`npm ${path}: the lock file names a download address`);
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`licences: ${metadata.packages.length} crates and ${Object.keys(lock.packages).length - 1} npm packages are fine`);
