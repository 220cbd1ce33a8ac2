import { blockBytes } from '@radon/bridge/image';
import { expect, test } from 'vitest';
import { parseAtomFile } from './atom-file.ts';
import { describeBlock } from './block-bytes.ts';

const read = (value: object) =>
  parseAtomFile(JSON.stringify({ name: 'a', ...value }), 'atom.json').configuration;
const need = { load: 500, run: 1001, engine: '00000000' };
const limits = { pending: 3, body: 33, publish: 9, inbox: { messages: 2, bytes: 65 } };

test('the block of a daemon: one instance, buffers in whole words of 8 bytes, 40 bytes a place', () => {
  expect(blockBytes(need, read({ limits }))).toBe(1008 + 72 + 16 + 104 + 40 * (2 + 3));
});

test('a reactive atom has room for all its instances', () => {
  const configuration = read({
    kind: 'reactive',
    policy: 'round-robin',
    limits: { ...limits, instances: 3 },
  });
  expect(blockBytes(need, configuration)).toBe(3 * 1008 + 72 + 16 + 104 + 40 * (2 + 3));
  expect(describeBlock(need, configuration)).toContain('1001 for each of 3 instances, 3416 with');
});
