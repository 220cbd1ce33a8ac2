import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AuditEntry, openAuditLog } from './audit-log.ts';
import { createRateLimit } from './rate-limit.ts';

describe('a rate limit', () => {
  test('allows a burst, then so many in a second, to each party', () => {
    let at = 0;
    const limit = createRateLimit({ perSecond: 10, now: () => at });
    const granted = (party: string) => {
      let count = 0;
      while (limit.take(party)) count += 1;
      return count;
    };
    expect(granted('a')).toBe(20);
    expect(granted('b')).toBe(20);
    at = 99;
    expect(granted('a')).toBe(0);
    at = 500;
    expect(granted('a')).toBe(5);
    at = 60_000;
    expect(granted('a')).toBe(20);
  });

  test('is bounded in memory: the party that asked the longest ago is forgotten', () => {
    const limit = createRateLimit({ perSecond: 1, burst: 1, now: () => 0 });
    expect(limit.take('first')).toBe(true);
    for (let count = 0; count < 4_095; count += 1) limit.take(`party ${count}`);
    expect(limit.take('first')).toBe(false);
    for (let count = 0; count < 4_096; count += 1) limit.take(`other ${count}`);
    expect(limit.take('first')).toBe(true);
  });
});

describe('the audit log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radon-audit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const entry: AuditEntry = { who: 'ci', client: '192.0.2.7', method: 'PUT', path: '/x', status: 204 };
  const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

  test('has a line of JSON for each change and is its owner’s alone', () => {
    const file = join(folder, 'audit.log');
    const log = openAuditLog(file, { now: () => 0 });
    log.write(entry);
    log.write({ client: '::1', method: 'POST', path: `/${'y'.repeat(1000)}\n`, status: 401 });
    log.close();
    log.close();
    const [first, second] = linesOf(file).map((line) => JSON.parse(line));
    expect(first).toEqual({ time: '1970-01-01T00:00:00.000Z', ...entry });
    expect(second.path).toHaveLength(300);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('has a line at once, and further ones at the end of the turn', async () => {
    const file = join(folder, 'audit.log');
    const log = openAuditLog(file);
    for (let turn = 1; turn <= 3; turn += 1) {
      for (let count = 0; count < 10; count += 1) log.write(entry);
      expect(linesOf(file)).toHaveLength(10 * turn - 9);
      await new Promise(setImmediate);
      expect(linesOf(file)).toHaveLength(10 * turn);
    }
    log.close();
  });

  test('loses nothing of a turn and begins one new file when it is full', async () => {
    const file = join(folder, 'audit.log');
    const log = openAuditLog(file, { maxBytes: 1_000 });
    for (let turn = 0; turn < 6; turn += 1) {
      for (let count = 0; count < 3; count += 1) log.write({ ...entry, path: `/${turn}/${count}` });
      await new Promise(setImmediate);
    }
    log.close();
    const [past, present] = [linesOf(`${file}.1`), linesOf(file)];
    expect(past.length + present.length).toBe(18);
    expect(present.length).toBeGreaterThan(3);
    expect(statSync(`${file}.1`).size).toBeGreaterThanOrEqual(1_000);
  });

  test('tells what the file system says and goes on', async () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, '');
    const errors: unknown[] = [];
    const log = openAuditLog(join(file, 'audit.log'), { onError: (error) => errors.push(error) });
    log.write(entry);
    log.write(entry);
    const failed = expect.objectContaining({ code: 'EEXIST' });
    expect(errors).toEqual([failed]);
    await new Promise(setImmediate);
    expect(errors).toEqual([failed, failed]);
    log.close();
  });

  test('goes on where it was, and keeps one file of the past', () => {
    const file = join(folder, 'audit.log');
    const size = 1_000;
    for (let run = 0; run < 4; run += 1) {
      const log = openAuditLog(file, { maxBytes: size });
      for (let count = 0; count < 10; count += 1) log.write({ ...entry, path: `/${run}/${count}` });
      log.close();
    }
    expect(statSync(file).size).toBeLessThan(size + 200);
    expect(statSync(`${file}.1`).size).toBeLessThan(size + 200);
    const paths = [...linesOf(`${file}.1`), ...linesOf(file)].map((line) => JSON.parse(line).path);
    expect(paths.at(-1)).toBe('/3/9');
    expect(paths).toEqual(
      Array.from({ length: 40 }, (_, at) => `/${Math.floor(at / 10)}/${at % 10}`).slice(-paths.length),
    );
  });
});
