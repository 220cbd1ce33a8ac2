import { waitUntilUp } from '@radon/bridge/device';
import { decodeFields, encodeFields } from '@radon/bridge/fields';
import type { NodeResponse } from '@radon/bridge/registry';
import { type Bridge, createBridge } from '@radon/bridge/server';
import { contentFormat } from '@radon/bridge/tables';
import type { EmulatedBoard } from '@radon/toolchain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { nodeRequest, readDocument } from '../support/requests.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import {
  openTestProject,
  showBoardBehind,
  startWithinMs,
  type TestProject,
} from '../support/test-project.ts';

let project: TestProject;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  project = await openTestProject();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await project?.close();
});

it('a second bridge is refused a board with both names, and shows it as not its own', async () => {
  await project.openBridge({ name: 'north', udpControl: true });
  await project.startBoard('gauge', 'posix');
  const own = await project.node('gauge');
  const { hostname: host = '', port } = new URL(own.state().coap ?? '');
  const folder = makeTemporaryFolder();
  const told: string[] = [];
  const note = (text: string) => told.push(text);
  const logger = { debug: note, info: note, warn: note, error: note };
  const second = await createBridge({
    radonFolder: folder.path,
    name: 'south',
    port: 0,
    coapPort: 0,
    udpBoards: [{ name: 'gauge', host, port: Number(port) }],
    logger,
  });
  try {
    const state = await eventually('the refusal', async () => {
      const nodes = (await (await fetch(`${second.url}/nodes`)).json()) as { owner?: string; link: string }[];
      return nodes.find(({ owner }) => owner !== undefined);
    });
    expect(state).toMatchObject({ name: 'gauge', link: 'up', owner: 'north' });
    expect(told).toContain('gauge: The node belongs to the bridge north; south may not have it.');
    expect(own.state().owner).toBeUndefined();
  } finally {
    await second.close();
    await folder.remove();
  }
});

/** Another bridge, of a project of its own, that finds the board too. */
async function openNeighbour(board: EmulatedBoard): Promise<Bridge> {
  const folder = makeTemporaryFolder();
  showBoardBehind(folder.path, board, board.socket);
  const bridge = await createBridge({
    radonFolder: folder.path,
    name: 'south',
    port: 0,
    coapPort: 0,
    boardPort: 0,
  });
  closers.push(async () => {
    await bridge.close();
    await folder.remove();
  });
  return bridge;
}

it.each(['qemu', 'posix'] as const)(
  'a bridge that ends gives its boards up: the next has them at once (%s)',
  async (emulator) => {
    const first = await project.openBridge({ name: 'north' });
    const board = await project.startBoard(`left-${emulator}`, emulator);
    const node = await project.node(board.name);
    await expect.poll(() => readDocument(node, '/node')).toMatchObject({ owner: 'north' });
    await first.close();

    const bridge = await openNeighbour(board);
    const next = await eventually('the board', () => bridge.registry.get(board.name));
    await waitUntilUp(next, startWithinMs);
    await expect.poll(() => readDocument(next, '/node')).toMatchObject({ owner: 'south' });
    expect(next.state().owner).toBeUndefined();
  },
);

it('observers of a board hear whose it is', async () => {
  await project.openBridge({ name: 'north' });
  await project.startBoard('told', 'posix');
  const node = await project.node('told');
  await expect.poll(() => readDocument(node, '/node')).toMatchObject({ owner: 'north' });
  const owners: unknown[] = [];
  const ownerIn = ({ payload }: NodeResponse) => (decodeFields(payload) as { owner?: string }).owner;
  const observation = node.observe(nodeRequest('GET', '/node', '', { accept: contentFormat.CBOR }), {
    next: (response) => owners.push(ownerIn(response)),
    lost: () => undefined,
    back: () => undefined,
    end: () => undefined,
  });
  await expect.poll(() => owners).toEqual(['north']);
  const { id } = (await readDocument(node, '/lease')) as { id: string };
  const payload = encodeFields({ name: 'moved', id, ttlS: 60 });
  await node.request({ ...nodeRequest('PUT', '/lease'), payload, contentFormat: contentFormat.CBOR });
  // Before the notification that comes every seven seconds anyway.
  await expect.poll(() => owners.at(-1), { timeout: 3_000 }).toBe('moved');
  observation.close();
});
