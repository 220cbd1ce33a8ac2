import { createBridge } from '@radon/bridge/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

let project: TestProject;

beforeAll(async () => {
  project = await openTestProject();
});
afterAll(() => project?.close());

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
