import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileBridge, compiledModule } from '../../../../test/support/compiled.ts';
import { abiError } from '../../tables/index.ts';
import { KvStore } from './kv-store.ts';
import { RecordLog } from './record-log.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (value: Uint8Array | number) =>
  typeof value === 'number' ? value : new TextDecoder().decode(value);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-kv-'));
  path = join(folder, 'pairs.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a record log', () => {
  const records = ['first', 'second record', 'x'.repeat(300)];

  function write(): Buffer {
    const log = RecordLog.open(path, () => undefined);
    for (const record of records) log.append(bytes(record));
    log.close();
    return readFileSync(path);
  }

  function read(): string[] {
    const found: string[] = [];
    RecordLog.open(path, (content) => found.push(shown(content) as string)).close();
    return found;
  }

  it('is whole up to the last complete record, wherever it was cut', () => {
    const whole = write();
    const ends = records.map((_, index) =>
      records.slice(0, index + 1).reduce((sum, text) => sum + 8 + text.length, 0),
    );
    for (let length = 0; length <= whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length;
      expect(read()).toEqual(records.slice(0, complete));
      expect(statSync(path).size).toBe(ends[complete - 1] ?? 0);
    }
  });

  it('ends at a record that was changed', () => {
    const whole = write();
    whole[20] = (whole[20] ?? 0) ^ 0xff;
    writeFileSync(path, whole);
    expect(read()).toEqual(['first']);
  });

  it('goes on behind what was cut off', () => {
    write();
    truncateSync(path, statSync(path).size - 1);
    const log = RecordLog.open(path, () => undefined);
    log.append(bytes('after'));
    log.close();
    expect(read()).toEqual(['first', 'second record', 'after']);
  });

  it('stays as it was when a rewrite is cut before its rename', () => {
    write();
    appendFileSync(`${path}.new`, 'half a rewri');
    expect(read()).toEqual(records);
  });
});

describe('the pairs of a node', () => {
  it('keeps pairs apart by atom, over a restart', () => {
    const store = KvStore.open(path);
    expect(store.set('rain', bytes('total'), bytes('12'), 100)).toBe(0);
    expect(store.set('flood', bytes('total'), bytes('7'), 100)).toBe(0);
    expect(store.set('rain', bytes('total'), bytes('13'), 100)).toBe(0);
    expect(store.set('rain', bytes('gone'), bytes('1'), 100)).toBe(0);
    expect(store.delete('rain', bytes('gone'))).toBe(0);
    store.close();
    const again = KvStore.open(path);
    expect(shown(again.get('rain', bytes('total')))).toBe('13');
    expect(shown(again.get('flood', bytes('total')))).toBe('7');
    expect(again.get('rain', bytes('gone'))).toBe(abiError.E_NOT_FOUND);
    expect(again.used('rain')).toBe(7);
    expect(again.forget('rain')).toBe(0);
    expect(again.used('rain')).toBe(0);
    again.close();
  });

  it('answers wrong calls in the order of the runtime interface', () => {
    const store = KvStore.open(path);
    expect(store.set('a', bytes(''), bytes('1'), 10)).toBe(abiError.E_ARG);
    expect(store.set('a', bytes('a\nb'), bytes('1'), 10)).toBe(abiError.E_ARG);
    expect(store.set('a', bytes('k'.repeat(33)), bytes('1'), 10)).toBe(abiError.E_TOO_BIG);
    expect(store.set('a', bytes('k'), new Uint8Array(1025), 10)).toBe(abiError.E_TOO_BIG);
    expect(store.set('a', bytes('k'), bytes('0123456789'), 10)).toBe(abiError.E_QUOTA);
    expect(store.set('a', bytes('k'), bytes('012345678'), 10)).toBe(0);
    expect(store.set('a', bytes('k'), bytes('876543210'), 10)).toBe(0);
    expect(store.set('a', bytes('k'), bytes(''), 10)).toBe(0);
    expect(shown(store.get('a', bytes('k')))).toBe('');
    expect(store.delete('a', bytes('other'))).toBe(abiError.E_NOT_FOUND);
    expect(store.get('a', bytes(''))).toBe(abiError.E_ARG);
    expect(store.get('a', bytes('k'.repeat(33)))).toBe(abiError.E_TOO_BIG);
    store.close();
  });

  it('lists keys by their bytes', () => {
    const store = KvStore.open(path);
    for (const key of ['b', 'ab', 'é', 'a', 'Z']) store.set('a', bytes(key), bytes(''), 100);
    expect(shown(store.list('a', bytes('')))).toBe('Z\na\nab\nb\né\n');
    expect(shown(store.list('a', bytes('a')))).toBe('a\nab\n');
    expect(store.list('a', bytes('k'.repeat(33)))).toBe(abiError.E_TOO_BIG);
    store.close();
  });

  it('rewrites its log when it is worn, and loses nothing', () => {
    const store = KvStore.open(path);
    const value = new Uint8Array(1000);
    for (let turn = 0; turn < 400; turn += 1)
      store.set('a', bytes(`key${turn % 3}`), value.fill(turn % 256), 8192);
    store.close();
    expect(statSync(path).size).toBeLessThan(300_000);
    const again = KvStore.open(path);
    expect([0, 1, 2].map((key) => (again.get('a', bytes(`key${key}`)) as Uint8Array)[999])).toEqual([
      399 % 256,
      397 % 256,
      398 % 256,
    ]);
    again.close();
  });
});

describe('a store whose process is killed', () => {
  beforeAll(compileBridge);

  /** Writes numbers under one key and says each after the store took it. */
  const writer = `
    import { writeSync } from 'node:fs';
    const { KvStore } = await import(process.argv[1]);
    const store = KvStore.open(process.argv[2]);
    for (let number = 1; ; number += 1) {
      if (store.set('a', Buffer.from('n'), Buffer.from(String(number).padEnd(200)), 512) !== 0) process.exit(1);
      writeSync(1, number + '\\n');
    }`;

  it('has what it answered 0 for', async () => {
    for (let round = 0; round < 3; round += 1) {
      const module = compiledModule('atoms/activation/kv-store.js').href;
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer, module, path]);
      let said = '';
      const seen = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk;
          if (said.split('\n').length > 20 + round * 15) resolve();
        });
      });
      const ended = new Promise((resolve) => child.on('close', resolve));
      await seen;
      child.kill('SIGKILL');
      await ended;
      const acknowledged = Number(said.split('\n').at(-2));
      const store = KvStore.open(path);
      const kept = Number(shown(store.get('a', bytes('n'))));
      store.close();
      expect(kept).toBeGreaterThanOrEqual(acknowledged);
      expect(kept).toBeLessThanOrEqual(acknowledged + 1);
    }
  }, 30_000);
});
