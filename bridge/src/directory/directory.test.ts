import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatLinks } from '../coap/index.ts';
import {
  createDirectory,
  type Directory,
  lookupEndpoints,
  lookupResources,
  parseParameters,
  readRegisteredLinks,
} from './index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const here = { address: '192.0.2.7', port: 61_616 };
const elsewhere = { address: '192.0.2.8', port: 5_683 };
const light = bytes('</light>;rt="light-lux";ct=40,</temp>;rt="temperature";obs');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openDirectory(): Directory {
  return createDirectory({ allowedHosts: ['meter.example'], isNameTaken: (name) => name === 'gauge' });
}

function register(directory: Directory, query: readonly string[], payload = light, from = here) {
  return directory.register(parseParameters(query), payload, from);
}

const names = (directory: Directory) => directory.list().map(({ name }) => name);
const refusal = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('a registration', () => {
  test('is at the sender, with a name that a node can have', () => {
    const directory = openDirectory();
    expect(register(directory, ['ep=RIOT.4A:01'])).toMatchObject({
      endpoint: 'RIOT.4A:01',
      name: 'riot-4a-01',
      base: 'coap://192.0.2.7:61616',
    });
    expect(register(directory, ['ep=7', 'd=floor 1']).name).toBe('n-7-floor-1');
    expect(register(directory, [`ep=${'x'.repeat(63)}`]).name).toBe('x'.repeat(32));
    expect(register(directory, ['ep=six'], light, { address: 'fe80::1', port: 5_683 }).base).toBe(
      'coap://[fe80::1]:5683',
    );
  });

  test('of the same endpoint takes the place of the one before, at the same location', () => {
    const directory = openDirectory();
    const { id } = register(directory, ['ep=one']);
    const again = register(directory, ['ep=one'], bytes('</x>'), { ...here, port: 5_683 });
    expect(again).toMatchObject({ id, base: 'coap://192.0.2.7:5683', links: [{ href: '/x' }] });
    expect(names(directory)).toEqual(['one']);
  });

  test('ends with its lifetime, which an update begins anew', () => {
    const directory = openDirectory();
    const changed = vi.fn();
    directory.watch(changed);
    const { id } = register(directory, ['ep=one', 'lt=60']);
    vi.advanceTimersByTime(59_000);
    directory.update(id, parseParameters([]), here);
    vi.advanceTimersByTime(59_000);
    expect(names(directory)).toEqual(['one']);
    directory.update(id, parseParameters(['lt=100']), here);
    vi.advanceTimersByTime(99_000);
    expect(names(directory)).toEqual(['one']);
    vi.advanceTimersByTime(1_000);
    expect(names(directory)).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(4);
    expect(refusal(() => directory.update(id, parseParameters([]), here))).toBe('NOT_FOUND');
  });

  test('follows its registrant to another port, unless it said where it is', () => {
    const directory = openDirectory();
    const moved = { ...here, port: 7 };
    const { id } = register(directory, ['ep=one']);
    directory.update(id, parseParameters([]), moved);
    expect(directory.list()[0]?.base).toBe('coap://192.0.2.7:7');
    directory.update(id, parseParameters(['base=coap://192.0.2.7:8']), moved);
    directory.update(id, parseParameters([]), moved);
    expect(directory.list()[0]).toMatchObject({ base: 'coap://192.0.2.7:8', port: 8 });
  });

  test('may be at a host that is allowed, and nowhere else', () => {
    const directory = openDirectory();
    expect(register(directory, ['ep=one', 'base=coap://meter.example']).base).toBe('coap://meter.example');
    for (const base of [
      'coap://192.0.2.8',
      'coap://gauge',
      'coap://192.0.2.7/x',
      'coap://192.0.2.7?x',
      'coap://192.0.2.7@meter.example',
      'coaps://192.0.2.7',
      'http://192.0.2.7',
      'x',
    ])
      expect(refusal(() => register(directory, ['ep=two', `base=${base}`]))).toBe('BAD_REQUEST');
    expect(names(directory)).toEqual(['one']);
  });
});

describe('a hostile registrant', () => {
  test('gets no name that another node or registration has', () => {
    const directory = openDirectory();
    register(directory, ['ep=one', 'd=a']);
    for (const query of [['ep=gauge'], ['ep=Gauge'], ['ep=one-a'], ['ep=ONE', 'd=a']])
      expect(refusal(() => register(directory, query))).toBe('NAME_TAKEN');
    expect(refusal(() => register(directory, ['ep=one', 'd=a'], light, elsewhere))).toBe('NAME_TAKEN');
    expect(names(directory)).toEqual(['one-a']);
  });

  test("neither changes nor removes another's registration", () => {
    const directory = openDirectory();
    const { id } = register(directory, ['ep=one']);
    expect(refusal(() => directory.update(id, parseParameters(['lt=1']), elsewhere))).toBe('FORBIDDEN_HERE');
    expect(refusal(() => directory.remove(id, elsewhere))).toBe('FORBIDDEN_HERE');
    vi.advanceTimersByTime(80_000_000);
    expect(names(directory)).toEqual(['one']);
  });

  test('finds no room beyond 256 registrations, and those go on', () => {
    const directory = openDirectory();
    for (let index = 0; index < 256; index += 1) register(directory, [`ep=n${index}`]);
    expect(refusal(() => register(directory, ['ep=more']))).toBe('BUSY');
    expect(refusal(() => register(directory, ['ep=n7']))).toBe('none');
    expect(directory.list()).toHaveLength(256);
  });

  test.each([
    [['lt=60']],
    [['ep=']],
    [['ep']],
    [[`ep=${'x'.repeat(64)}`]],
    [[`ep=${'é'.repeat(32)}`]],
    [['ep=a\nb']],
    [['ep=one', 'ep=two']],
    [['ep=one', 'd=']],
    [['ep=one', 'lt=0']],
    [['ep=one', 'lt=604801']],
    [['ep=one', 'lt=1e3']],
    [['ep=one', 'lt=99999999999']],
    [['ep=one', 'rt=core.rd']],
    [['ep=one', '__proto__=x']],
    [['ep=one', 'et=\u0007']],
    [['ep=one', ...'abcdefghi'.split('').map((letter) => `${letter}x=1`)]],
  ])('is refused the query %j', (query) => {
    const directory = openDirectory();
    expect(refusal(() => register(directory, query))).toBe('BAD_REQUEST');
    expect(names(directory)).toEqual([]);
  });

  test.each([
    '<coap://192.0.2.8/x>',
    '<https://192.0.2.7:61616/x>',
    '<coap://192.0.2.7:616160/x>',
    '<//192.0.2.8/x>',
    '<x>',
    '<>',
    '</a/../../nodes/gauge>',
    '</%2e%2E/x>',
    '</a b>',
    `</${'x'.repeat(256)}>`,
    '</x>;anchor="coap://192.0.2.8"',
    '</x>;anchor',
  ])('has no use of the link %s, which is left out', (text) => {
    const links = readRegisteredLinks(bytes(`${text},</mine>`), 'coap://192.0.2.7:61616');
    expect(links).toEqual([{ href: '/mine', attributes: {} }]);
  });

  test.each([
    '</x>;title="a\u001b[2Jb"',
    `</x>;title="${'x'.repeat(256)}"`,
    `</x>${Array.from({ length: 17 }, (_, i) => `;a${i}`).join('')}`,
    Array.from({ length: 65 }, (_, i) => `</${i}>`).join(','),
    `</x>;title="${'x'.repeat(8_192)}"`,
    '</x>;',
    '{"href":"/x"}',
  ])('is refused the links %s', (text) => {
    expect(refusal(() => readRegisteredLinks(bytes(text), 'coap://192.0.2.7:61616'))).toBe('BAD_REQUEST');
  });

  test('may write its links in full', () => {
    const text =
      '<coap://192.0.2.7:61616/x?y>;anchor="coap://192.0.2.7:61616";rt=a;href="/q",</z>;anchor="/"';
    expect(readRegisteredLinks(bytes(text), 'coap://192.0.2.7:61616')).toEqual([
      { href: '/x?y', attributes: { rt: 'a' } },
      { href: '/z', attributes: {} },
    ]);
    expect(refusal(() => readRegisteredLinks(Uint8Array.of(0xff), 'coap://x'))).toBe('BAD_REQUEST');
  });
});

describe('lookup', () => {
  const directory = () => {
    const filled = openDirectory();
    register(filled, ['ep=one', 'd=north', 'et=sensor']);
    register(filled, ['ep=two'], bytes('</light>;rt="light-lux"'));
    return filled.list();
  };
  const resources = (...query: string[]) => formatLinks(lookupResources(directory(), query));
  const endpoints = (...query: string[]) =>
    lookupEndpoints(directory(), query).map(({ attributes }) => attributes.ep);

  test('gives links with absolute targets', () => {
    expect(resources('rt=temperature')).toBe('<coap://192.0.2.7:61616/temp>;rt="temperature";obs');
  });

  test('filters by what the registration says', () => {
    expect(endpoints('et=sensor')).toEqual(['one']);
    expect(endpoints('rt=temp*')).toEqual(['one']);
    expect(endpoints('rt=core.rd-ep')).toEqual(['one', 'two']);
    expect(endpoints('ep=two', 'rt=light-lux')).toEqual(['two']);
    expect(endpoints('d=south')).toEqual([]);
    expect(lookupResources(directory(), ['ep=one'])).toHaveLength(2);
    expect(lookupResources(directory(), ['d=north', 'rt=light-lux'])).toHaveLength(1);
    expect(lookupResources(directory(), ['href=coap://192.0.2.7:61616/l*'])).toHaveLength(2);
  });

  test('shows registrations with all they said', () => {
    const [link] = lookupEndpoints(directory(), ['ep=one']);
    expect(link?.href).toMatch(/^\/rd\/[0-9a-f]{8}$/);
    expect(link?.attributes).toEqual({
      ep: 'one',
      d: 'north',
      et: 'sensor',
      base: 'coap://192.0.2.7:61616',
      rt: 'core.rd-ep',
    });
  });

  test('gives pages', () => {
    expect(lookupResources(directory(), ['count=2']).map(({ href }) => href)).toHaveLength(2);
    expect(lookupResources(directory(), ['count=2', 'page=1'])).toHaveLength(1);
    expect(lookupResources(directory(), ['count=2', 'page=2'])).toEqual([]);
    for (const query of [['page=1'], ['count=0'], ['count=x'], ['count=1', 'page=-1']])
      expect(refusal(() => lookupResources(directory(), query))).toBe('BAD_REQUEST');
  });
});
