import { contentFormat } from '@radon/bridge/tables';
import { openAtom, type TestAtom } from '@radon/toolchain/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let atom: TestAtom;
beforeAll(async () => {
  atom = await openAtom(import.meta.url);
});
afterAll(() => atom.close());

describe('echo', () => {
  test('has no instance until the first request', () => {
    expect(atom.phase).toBe('IDLE');
    atom.post('say', 'hello');
    expect(atom.phase).toBe('SUSPENDED');
  });

  test.each([0, 1, 100, 256])('a body of %d bytes comes back in its format', (length) => {
    const payload = Uint8Array.from({ length }, (_, place) => place & 0xff);
    const reply = atom.post('say', payload, { format: contentFormat.CBOR });
    expect([reply.code, reply.format]).toEqual(['2.05', contentFormat.CBOR]);
    expect([...reply.payload]).toEqual([...payload]);
  });

  test('a body over the limit is refused before the atom sees it', () => {
    const before = atom.activations;
    expect(atom.post('say', new Uint8Array(257)).error).toBe('TOO_LARGE');
    expect(atom.activations).toBe(before);
  });

  test('other methods say what to do', () => {
    const reply = atom.put('say', 'x');
    expect([reply.code, reply.text]).toEqual(['4.05', 'POST a body']);
  });
});
