/** docs/errors.json against everything that names an error: code of both kinds of node, documents and transcripts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Row {
  readonly name: string;
  readonly coap: string;
  readonly sentence: string;
}

const table = JSON.parse(readFileSync(join(root, 'docs/errors.json'), 'utf8')) as { errors: readonly Row[] };
const rows = new Map(table.errors.map((row) => [row.name, row]));

/** Text of the files below folders, by path; what is generated and what tests say is left out of code. */
function read(folders: readonly string[], wanted: RegExp, unwanted = /(?!)/): ReadonlyMap<string, string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  const chosen = files.filter((file) => wanted.test(file) && !unwanted.test(file));
  return new Map(chosen.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

/** Names that a pattern's first group finds, with the files that have them. */
function find(files: ReadonlyMap<string, string>, pattern: RegExp): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [file, text] of files) {
    for (const [, name = ''] of text.matchAll(pattern)) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

const notCode = /\.(test|contract)\.ts$|\.generated\./;
const c = read(['firmware/src', 'firmware/include', 'firmware/port'], /\.[ch]$/, notCode);
const typeScript = read(['bridge/src', 'toolchain/src'], /\.ts$/, notCode);

const onDevice = find(c, /\bRADON_PROBLEM_([A-Z][A-Z_]*)\b/g);
const onHost = find(read(hostFolders(), /\.ts$/, notCode), /'([A-Z][A-Z_]{3,})'/g);
const inTypeScript = find(typeScript, /'([A-Z][A-Z_]{3,})'/g);
const thrown = find(typeScript, /\b(?:RadonError|problem|refuse|refusal)\('([A-Z][A-Z_]*)'/g);
const written = find(
  read(['docs', 'test/conformance/scenarios'], /\.(md|txt)$/),
  /\b([245]\.\d\d `?[A-Z][A-Z_]{3,})\b/g,
);

/** What the host node is made of. */
function hostFolders(): readonly string[] {
  return ['atoms', 'image', 'message', 'snapshot', 'wasm'].map((folder) => `bridge/src/${folder}`);
}

/** Bounds and markers of the enumeration, not errors. */
const markers = new Set(['COUNT', 'DETAILS_MAX', 'NONE']);

/** Rows of a device that the host node never answers, and why. */
const deviceOnly: Readonly<Record<string, string>> = {
  WRONG_ENGINE: 'the host node takes any engine revision',
  READ_ONLY: 'every channel of the host node is simulated and can be set',
};

/** Rows of the host node that a device never answers, and why. */
const hostOnly: Readonly<Record<string, string>> = {
  FOLDER_IN_USE: 'a device shares its flash with nobody',
  NODE_UNREACHABLE: 'what is asked of a host node that is closed',
};

describe('docs/errors.json', () => {
  test('has each row once, with a code and a sentence', () => {
    expect(rows.size).toBe(table.errors.length);
    for (const { coap, sentence } of rows.values()) {
      expect(coap).toMatch(/^[45]\.\d\d$/);
      expect(sentence).toMatch(/^[A-Z{].*\.$/);
    }
  });

  test.each([
    ['the firmware', onDevice],
    ['the bridge and the toolchain', thrown],
  ])('has every error of %s', (_, names) => {
    expect(names.size).toBeGreaterThan(20);
    expect([...names].filter(([name]) => !rows.has(name) && !markers.has(name))).toEqual([]);
  });

  test('has no row that nothing answers', () => {
    const unused = [...rows.keys()].filter((name) => !onDevice.has(name) && !inTypeScript.has(name));
    expect(unused).toEqual([]);
  });

  test('has rows that a device and the host node share, but for those with a reason', () => {
    const names = [...rows.keys()].sort();
    const onlyDevice = names.filter((name) => onDevice.has(name) && !onHost.has(name));
    const onlyHost = names.filter((name) => onHost.has(name) && !onDevice.has(name));
    expect([onlyDevice, onlyHost]).toEqual([Object.keys(deviceOnly).sort(), Object.keys(hostOnly).sort()]);
  });

  test('is what documents and transcripts say, name and code', () => {
    expect(written.size).toBeGreaterThan(20);
    const wrong = [...written].filter(([text]) => {
      const [code, name = ''] = text.replace('`', '').split(' ');
      return rows.get(name)?.coap !== code;
    });
    expect(wrong).toEqual([]);
  });
});
