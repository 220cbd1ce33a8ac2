import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ObserverRecord } from '../coap/types.ts';
import { openKeptObservations } from './kept-observations.ts';

let radonFolder: string;
beforeEach(() => {
  radonFolder = mkdtempSync(join(tmpdir(), 'radon-observations-'));
});
afterEach(() => rmSync(radonFolder, { recursive: true, force: true }));

const record: ObserverRecord = {
  address: '192.0.2.7',
  port: 7,
  message: Uint8Array.of(0x40, 1, 255),
  sequence: 3,
};

function createServer(records: ObserverRecord[]) {
  const watchers = new Set<() => void>();
  const resumed: ObserverRecord[] = [];
  return {
    resumed,
    observerRecords: () => records,
    watchObservers(changed: () => void) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    resumeObservers: (given: readonly ObserverRecord[]) => void resumed.push(...given),
    change: () => watchers.forEach((changed) => void changed()),
  };
}

/** What the next run resumes under a name and port. */
function resumedAt(name: string, port: number): readonly ObserverRecord[] {
  const server = createServer([]);
  openKeptObservations(radonFolder, () => undefined)
    .follow(name, port, server)
    .resume();
  return server.resumed;
}

async function keep(records: ObserverRecord[]) {
  const observations = openKeptObservations(radonFolder, () => undefined);
  const following = observations.follow('_coap', 5683, createServer(records));
  following.resume();
  following.stop();
  await observations.settled();
}

test('observers are resumed at the port where they know the server, and nowhere else', async () => {
  await keep([record]);
  expect(resumedAt('_coap', 5683)).toEqual([record]);
  expect(resumedAt('_coap', 5684)).toEqual([]);
  expect(resumedAt('gauge', 5683)).toEqual([]);
  await keep([]);
  expect(resumedAt('_coap', 5683)).toEqual([]);
});

test('those of before are not forgotten while they wait to be resumed', async () => {
  await keep([record]);
  const observations = openKeptObservations(radonFolder, () => undefined);
  const newer = { ...record, port: 8 };
  const server = createServer([newer]);
  observations.follow('_coap', 5683, server);
  server.change();
  await expect
    .poll(() => readFileSync(join(radonFolder, 'observations', '_coap.json'), 'utf8'))
    .toContain('"port":8');
  expect(resumedAt('_coap', 5683)).toEqual([record, newer]);
});

test.each([
  '{}',
  '{"port":1,"observers":{}}',
  '{"port":1,"observers":[{}]}',
  '{"port":1,"observers":[null]}',
  'null',
])('a file that holds %s is set aside', (text) => {
  const folder = join(radonFolder, 'observations');
  mkdirSync(folder);
  writeFileSync(join(folder, '_coap.json'), text);
  const warn = vi.fn();
  openKeptObservations(radonFolder, warn);
  expect(warn).toHaveBeenCalledOnce();
  expect(readdirSync(folder)).toEqual(['_coap.json.damaged']);
});
