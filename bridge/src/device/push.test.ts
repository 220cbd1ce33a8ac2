import { afterEach, describe, expect, test } from 'vitest';
import { createCoapBoard } from '../../../test/support/coap-board.ts';
import { createScriptedNode, response } from '../../../test/support/scripted-node.ts';
import { createCoapContext } from '../coap/index.ts';
import { sha256 } from '../crypto/index.ts';
import { encodeFields } from '../fields/index.ts';
import type { Image } from '../image/index.ts';
import { createMemoryLinks } from '../link/index.ts';
import { encodeProblem, RadonError } from '../problem/index.ts';
import { createDevice, type PushProgress, pushImage, waitUntilUp } from './index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const code = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
const digest = sha256(code);
const image = {
  manifestFile: Uint8Array.of(1, 2, 3),
  manifest: { name: 'rain', payloads: [{ digest, size: code.length }] },
  code,
} as unknown as Image;
const done = (missing: object[] = []) => response(0x44, encodeFields({ missing } as never), 60);
const refusal = (error: RadonError, codeByte: number) => response(codeByte, encodeProblem(error), 257);

async function openBoard(faults: Parameters<typeof createMemoryLinks>[0] = {}) {
  const [own, far] = createMemoryLinks(faults);
  const board = createCoapBoard(far, { codeBytes: code.length, digest });
  const device = createDevice({
    name: 'gauge-1',
    link: own,
    createClient: (link) => createCoapContext(link),
  });
  closers.push(
    () => device.close(),
    () => board.context.close(),
  );
  await waitUntilUp(device, 5_000);
  return { board, device };
}

describe('push over CoAP', () => {
  test('sends the manifest, then the code in blocks, and tells how far it is', async () => {
    const { board, device } = await openBoard();
    const progress: PushProgress[] = [];
    const result = await pushImage(device, image, { onProgress: (step) => progress.push(step) });
    expect(Uint8Array.from(board.stored)).toEqual(code);
    expect(result).toMatchObject({ isCreated: true, sent: 3_000 });
    expect(progress.map(({ phase, sent }) => `${phase} ${sent}`)).toEqual([
      'manifest 0',
      'code 0',
      'code 1024',
      'code 2048',
      'start 2048',
      'done 3000',
    ]);
  });

  test('goes on from where the board has it', async () => {
    const { board, device } = await openBoard();
    for (const byte of code.subarray(0, 1_040)) (board.stored as number[]).push(byte);
    expect(await pushImage(device, image)).toMatchObject({ sent: 1_960 });
    expect(Uint8Array.from(board.stored)).toEqual(code);
  });

  test('survives a line that loses bytes', async () => {
    const { board, device } = await openBoard({ faults: { loss: 0.1, duplication: 0.1 } });
    await pushImage(device, image);
    expect(Uint8Array.from(board.stored)).toEqual(code);
  }, 30_000);
});

describe('push to any node', () => {
  test('code that is there already is not sent again', async () => {
    const node = createScriptedNode('bridge', () => done());
    expect(await pushImage(node, image)).toMatchObject({ isCreated: false, sent: 0 });
    expect(node.requests).toHaveLength(1);
    expect(node.requests[0]).toMatchObject({ method: 3, path: ['atoms', 'rain'], contentFormat: 18 });
  });

  test('a refused manifest is the node’s own reason', async () => {
    const refused = new RadonError('DOES_NOT_FIT', { need: 6144, free: 4880 });
    const node = createScriptedNode('bridge', () => refusal(refused, 0x96));
    await expect(pushImage(node, image)).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
      details: refused.details,
    });
    expect(node.requests).toHaveLength(1);
  });

  test('a version that fails to start is the reason of the last piece', async () => {
    const failed = new RadonError('START_FAILED', { name: 'rain', detail: 'UNREACHABLE' });
    const node = createScriptedNode('bridge', ({ path, part }) => {
      if (path[0] === 'atoms') return done([{ digest, size: code.length, have: 0 }]);
      return part?.more ? response(0x5f) : refusal(failed, 0xa0);
    });
    await expect(pushImage(node, image)).rejects.toMatchObject({ code: 'START_FAILED' });
  });

  test('a wrong offset asks the node again where it is', async () => {
    let have = 512;
    const node = createScriptedNode('bridge', ({ path, part }) => {
      if (path[0] === 'atoms') return done([{ digest, size: code.length, have }]);
      if (part?.offset === 512) {
        have = 0;
        return refusal(new RadonError('WRONG_OFFSET', { have }), 0x88);
      }
      return response(part?.more ? 0x5f : 0x41);
    });
    expect(await pushImage(node, image)).toMatchObject({ sent: 3_000 });
  });

  test('a node lost on the way is waited for', async () => {
    let isCut = true;
    const node = createScriptedNode('bridge', ({ path, part }) => {
      if (path[0] === 'atoms') return done([{ digest, size: code.length, have: isCut ? 0 : 1024 }]);
      if (part?.offset === 1024 && isCut) {
        isCut = false;
        node.setLink('lost');
        setTimeout(() => node.setLink('up'), 10);
        throw new RadonError('NODE_UNREACHABLE', { name: 'bridge' });
      }
      return response(part?.more ? 0x5f : 0x41);
    });
    expect(await pushImage(node, image)).toMatchObject({ sent: 3_000 });
  });

  test('a node that stays away is unreachable', async () => {
    const node = createScriptedNode('bridge', () => {
      node.setLink('lost');
      throw new RadonError('NODE_UNREACHABLE', { name: 'bridge' });
    });
    await expect(pushImage(node, image, { patienceMs: 10 })).rejects.toMatchObject({
      code: 'NODE_UNREACHABLE',
    });
  });

  test.each([
    ['no CBOR', response(0x44, 'x', 60)],
    ['a list', response(0x44, encodeFields([]), 60)],
  ])('an answer that is %s is BAD_ANSWER', async (_, answer) => {
    const node = createScriptedNode('bridge', () => answer);
    await expect(pushImage(node, image)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  test('an abort ends it', async () => {
    const controller = new AbortController();
    controller.abort(new Error('Ctrl-C'));
    const node = createScriptedNode('bridge', () => {
      throw controller.signal.reason;
    });
    await expect(pushImage(node, image, { signal: controller.signal })).rejects.toThrow('Ctrl-C');
  });
});
