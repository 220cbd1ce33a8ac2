import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDirectory, type DirectoryOptions, openRegistrationStore, parseParameters } from './index.ts';

const here = { address: '192.0.2.7', port: 61_616 };
const light = new TextEncoder().encode('</light>;rt="light-lux";obs;title="a \\"b\\"",</x>');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-registrations-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** A directory as the next run opens it. */
function open(options: Partial<DirectoryOptions> = {}) {
  const warn = vi.fn<(sentence: string) => void>();
  const onDropped = vi.fn<(name: string, reason: unknown) => void>();
  const store = openRegistrationStore(folder, warn);
  const defaults = { allowedHosts: ['meter.example'], isNameTaken: () => false };
  return { directory: createDirectory({ ...defaults, store, onDropped, ...options }), warn, onDropped };
}

async function register(...query: string[]) {
  const { directory } = open();
  const registration = directory.register(parseParameters(query), light, here);
  await directory.settled();
  directory.close();
  return registration;
}

const names = ({ directory }: ReturnType<typeof open>) => directory.list().map(({ name }) => name);

test('a registration is there again as it was, at the same location', async () => {
  const before = await register('ep=lamp', 'd=hall', 'et=light', 'base=coap://meter.example:7');
  expect(open().directory.list()).toEqual([before]);
});

test('its lifetime goes on where it was', async () => {
  await register('ep=lamp', 'lt=60');
  vi.advanceTimersByTime(40_000);
  const again = open();
  vi.advanceTimersByTime(19_000);
  expect(names(again)).toEqual(['lamp']);
  vi.advanceTimersByTime(1_000);
  expect(names(again)).toEqual([]);
  await again.directory.settled();
  expect(readdirSync(folder)).toEqual([]);
});

test('one whose lifetime ended meanwhile is gone, file and all', async () => {
  await register('ep=lamp', 'lt=60');
  vi.setSystemTime(Date.now() + 60_000);
  const again = open();
  expect(names(again)).toEqual([]);
  await again.directory.settled();
  expect(readdirSync(folder)).toEqual([]);
});

test('a clock that was set back gives nobody more than a whole lifetime', async () => {
  await register('ep=lamp', 'lt=60');
  vi.setSystemTime(Date.now() - 86_400_000);
  const again = open();
  vi.advanceTimersByTime(60_000);
  expect(names(again)).toEqual([]);
});

test('updates and removals count as well', async () => {
  const { id } = await register('ep=lamp', 'lt=60');
  const second = open();
  second.directory.update(id, parseParameters(['lt=600', 'base=coap://192.0.2.7:8']), here);
  await second.directory.settled();
  vi.setSystemTime(Date.now() + 100_000);
  const third = open();
  expect(third.directory.list()).toMatchObject([
    { id, base: 'coap://192.0.2.7:8', host: '192.0.2.7', port: 8 },
  ]);
  third.directory.update(id, parseParameters([]), { ...here, port: 9 });
  expect(third.directory.list()).toMatchObject([{ port: 8 }]);
  third.directory.remove(id, here);
  await third.directory.settled();
  expect(names(open())).toEqual([]);
});

test('it still belongs to who made it', async () => {
  const { id } = await register('ep=lamp');
  const { directory } = open();
  expect(() => directory.remove(id, { address: '192.0.2.8', port: 1 })).toThrow(
    expect.objectContaining({ code: 'FORBIDDEN_HERE' }),
  );
});

test.each([
  ['a host that is not allowed any more', { allowedHosts: [] }],
  ['a name that another node has', { isNameTaken: () => true }],
])('%s ends it, which is told', async (_, options) => {
  await register('ep=lamp', 'base=coap://meter.example');
  const again = open(options);
  expect(names(again)).toEqual([]);
  expect(again.onDropped).toHaveBeenCalledOnce();
  await again.directory.settled();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['address', { address: 'nowhere' }],
  ['endpoint', { endpoint: '' }],
  ['endpoint', { endpoint: 'a\n' }],
  ['lifetimeS', { lifetimeS: 1e9 }],
  ['endsAt', { endsAt: '7' }],
  ['further', { further: { rt: 'x' } }],
])('a file with another %s is set aside: %o', async (_, members) => {
  const { id } = await register('ep=lamp');
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...members }));
  const again = open();
  expect(again.warn).toHaveBeenCalledOnce();
  expect(names(again)).toEqual([]);
  expect(readdirSync(folder)).toEqual([`${id}.json.damaged`]);
});

test('links that are none end the registration, and it can be made again', async () => {
  const { id } = await register('ep=lamp');
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), links: '</x' }));
  const again = open();
  expect(again.onDropped).toHaveBeenCalledOnce();
  again.directory.register(parseParameters(['ep=lamp']), light, here);
  expect(names(again)).toEqual(['lamp']);
});
