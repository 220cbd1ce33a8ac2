import { openAtom } from '@radon/toolchain/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let atom: Awaited<ReturnType<typeof openAtom>>;
beforeAll(async () => {
  atom = await openAtom(import.meta.url);
});
afterAll(() => atom.close());

test('counts, and goes on counting after a restart', () => {
  expect(atom.get('count').text).toBe('0');
  expect(atom.post('count', '').code).toBe('2.04');
  expect(atom.get('count').text).toBe('1');
  atom.restart();
  atom.post('count', '');
  expect(atom.get('count').text).toBe('2');
});

test('refuses what it does not know', () => {
  expect(atom.put('count', '7').code).toBe('4.05');
  expect(atom.get('nothing').error).toBe('NOT_FOUND');
});
