// What all generated files are made from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

export const abi = readJson('docs/atom-abi.json');
export const { fields } = readJson('docs/fields.json');
export const { errors } = readJson('docs/errors.json');

/** `maxAgeMs` as `MAX_AGE_MS`. */
export const upper = (name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
export const notice = (from) => `Generated from ${from} by scripts/generate.mjs. Do not edit.`;

/** The byte of a code as people write it: `2.05` (RFC 7252 section 3). */
export const coapByte = (code) => {
  const [cls, detail] = code.split('.').map(Number);
  return (cls << 5) | detail;
};
