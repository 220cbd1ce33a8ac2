import type { NodePort } from '@radon/bridge/registry';
import type { EmulatedBoard, SignedImage } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGdbRemote } from '../../toolchain/src/gdb/remote.ts';
import { eventually } from '../support/deadline.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

/** Longer than any sequence that precompiled code and module could share by chance. */
const stretchBytes = 16;
const codeSection = 10;

/** The body of the code section (WebAssembly core specification 5.5.13). */
function codeOf(wasm: Uint8Array): Uint8Array {
  let at = 8;
  while (at < wasm.length) {
    const id = wasm[at];
    let size = 0;
    let shift = 0;
    do {
      at += 1;
      size |= ((wasm[at] ?? 0) & 0x7f) << shift;
      shift += 7;
    } while ((wasm[at] ?? 0) >= 0x80);
    at += 1;
    if (id === codeSection) return wasm.subarray(at, at + size);
    at += size;
  }
  throw new Error('the module has no code section');
}

/** How many stretches of the code stand in a memory, at whatever place. */
function stretchesIn(memory: Buffer, code: Uint8Array): number {
  let found = 0;
  for (let at = 0; at + stretchBytes <= code.length; at += 1)
    if (memory.includes(Buffer.from(code.subarray(at, at + stretchBytes)))) found += 1;
  return found;
}

describe('the code of an atom', () => {
  let project: TestProject;
  let board: EmulatedBoard;
  let node: NodePort;
  let image: SignedImage;

  beforeAll(async () => {
    project = await openTestProject();
    await project.openBridge();
    board = await project.startBoard('gauge');
    image = await project.push(await project.node('gauge'), 'rain');
    // The transfer went through buffers in RAM; after a power cycle nothing of it is left there.
    board = await project.powerCycle(board);
    node = await project.node('gauge');
    await setChannel(node, 'rain0', 4.5);
    await eventually('rain has run', async () => {
      const { inbox } = await readDocument(node, '/atoms/rain');
      return (inbox as { done: number }).done > 0;
    });
  });
  afterAll(() => project?.close());

  async function readMemory(address: number, length: number): Promise<Buffer> {
    const gdb = await openGdbRemote({ path: board.gdb ?? '' });
    try {
      return await gdb.readMemory(address, length);
    } finally {
      gdb.close();
    }
  }

  it('is run from flash: no stretch of it is anywhere in RAM', async () => {
    const code = codeOf(image.code);
    const flash = await readMemory(0x0804_0000, 256 * 1024);
    expect(stretchesIn(flash, code)).toBe(code.length - stretchBytes + 1);
    expect(stretchesIn(await readMemory(0x2000_0000, 128 * 1024), code)).toBe(0);
    await expect.poll(() => readDocument(node, '/atoms/rain')).toMatchObject({ phase: 'SUSPENDED' });
  });
});
