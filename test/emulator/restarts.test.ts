import { readFileSync, writeFileSync } from 'node:fs';
import type { NodePort } from '@radon/bridge/registry';
import { defaultBoard, type EmulatedBoard, stopEmulatedBoard } from '@radon/toolchain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBoard } from '../../toolchain/src/boards.ts';
import { startQemu } from '../../toolchain/src/emulator/start.ts';
import { openGdbRemote } from '../../toolchain/src/gdb/remote.ts';
import { eventually } from '../support/deadline.ts';
import { pingMessage } from '../support/malformed.ts';
import { describeResponse, nodeRequest, readDocument, setChannel } from '../support/requests.ts';
import { openSerialLine } from '../support/serial-line.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

/** Nothing is there on this board. */
const nowhere = 0x6000_0000;

describe('a board that restarts', () => {
  let project: TestProject;
  let board: EmulatedBoard;
  let node: NodePort;

  beforeEach(async () => {
    project = await openTestProject();
    await project.openBridge();
    board = await project.startBoard('gauge');
    node = await project.node('gauge');
  });
  afterEach(() => project?.close());

  /** Makes the processor go on at an address; QEMU's register 15, bytes in the order of the machine. */
  async function jumpTo(address: number): Promise<void> {
    const gdb = await openGdbRemote({ path: board.gdb ?? '' });
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(address);
    try {
      // QEMU lets single registers be written once the description of the target was read.
      await gdb.command('qXfer:features:read:target.xml:0,100');
      expect((await gdb.command(`Pf=${bytes.toString('hex')}`)).toString()).toBe('OK');
    } finally {
      gdb.close();
    }
  }

  async function temperature(): Promise<unknown> {
    const channels = (await readDocument(node, '/io')) as unknown as { name: string; value: number }[];
    return channels.find(({ name }) => name === 'temp0')?.value;
  }

  /** Restarts the board and waits until what stood in its RAM is gone. */
  async function restarted(restart: () => Promise<unknown>): Promise<Record<string, unknown>> {
    await setChannel(node, 'temp0', 42);
    await restart();
    await eventually('the next boot', async () => (await temperature()) !== 42);
    return readDocument(node, '/node');
  }

  it('after three faults comes up in safe mode: it says so and why, answers, and rests its atoms', async () => {
    await project.push(node, 'rain');
    for (const isLast of [false, false, true]) {
      const state = await restarted(() => jumpTo(nowhere));
      expect(state).toMatchObject({ reset: 'fault', safeMode: isLast });
      expect((state.crash as { pc: number }).pc & ~1).toBe(nowhere);
      expect((await readDocument(node, '/atoms/rain')).phase).toBe(isLast ? 'STOPPED' : 'SUSPENDED');
    }
    expect(await readDocument(node, '/atoms/rain')).toMatchObject({
      reason: expect.stringContaining('safe mode'),
    });
    expect(describeResponse(await node.request(nodeRequest('GET', '/a/rain/level')))).toMatch('NOT_RUNNING');

    board = await project.powerCycle(board);
    node = await project.node('gauge');
    expect(await readDocument(node, '/node')).toMatchObject({ reset: 'power', safeMode: false });
    await expect.poll(() => readDocument(node, '/atoms/rain')).toMatchObject({ phase: 'SUSPENDED' });
  });

  it('on command does not end in safe mode, however often', async () => {
    await project.push(node, 'rain');
    for (let round = 0; round < 4; round += 1) {
      const state = await restarted(async () => {
        const response = await node.request(
          nodeRequest('POST', '/node', '{"command":"restart"}', { contentFormat: 50 }),
        );
        expect(describeResponse(response)).toBe('2.04');
      });
      expect(state).toMatchObject({ reset: 'command', safeMode: false });
    }
    await expect.poll(() => readDocument(node, '/atoms/rain')).toMatchObject({ phase: 'SUSPENDED' });
  });

  it('without a provisioning record says so and answers nobody, until it is flashed', async () => {
    await project.bridge.close();
    await stopEmulatedBoard(project.workspace, board);
    const kind = loadBoard(project.workspace, defaultBoard);
    const { address, size } = kind.segments.provisioning;
    const image = readFileSync(board.flash);
    image.fill(0xff, address - kind.flash.base, address - kind.flash.base + size);
    writeFileSync(board.flash, image);

    const started = await startQemu(project.workspace, 'gauge', kind);
    const line = await openSerialLine(started.board.socket);
    try {
      await started.run(false);
      const complaint = 'no provisioning record: run radon flash';
      expect((await line.diagnostic()).trim()).toBe(complaint);
      line.send(pingMessage(1));
      expect((await line.diagnostic()).trim()).toBe(complaint);
      await expect(line.receive(0)).rejects.toThrow('not within');
    } finally {
      line.close();
      await stopEmulatedBoard(project.workspace, started.board);
    }

    await project.openBridge();
    board = await project.startBoard('gauge');
    node = await project.node('gauge');
    expect(await readDocument(node, '/node')).toMatchObject({ name: 'gauge' });
  });
});
