import type { NodePort } from '@radon/bridge/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const readings = [10.9, 0.8, 20.3, 0, 1.3];

describe('the same atom on the board and on the host node', () => {
  let project: TestProject;
  let nodes: readonly NodePort[];

  beforeAll(async () => {
    project = await openTestProject();
    nodes = [await project.openBoard('gauge'), await project.node('bridge')];
    for (const node of nodes) await project.push(node, 'rain');
    for (const node of nodes) await feed(node);
  });
  afterAll(() => project?.close());

  /** One reading after the other: the next one comes when the atom is done with the last. */
  async function feed(node: NodePort): Promise<void> {
    for (const [index, reading] of readings.entries()) {
      await setChannel(node, 'rain0', reading);
      await eventually(`${node.name} counts reading ${index + 1}`, async () => {
        const { inbox } = await readDocument(node, '/atoms/rain');
        return (inbox as { done: number }).done === index + 1;
      });
    }
  }

  /** What HTTP answers; where an answer tells of the node itself, NODE stands for it. */
  async function get(node: string, path: string, accept: string) {
    const response = await fetch(`${project.bridge.url}/nodes/${node}/${path}`, { headers: { accept } });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: Buffer.from(await response.arrayBuffer())
        .toString('latin1')
        .replaceAll(`/nodes/${node}/`, '/nodes/NODE/'),
    };
  }

  it.each([
    ['application/json'],
    ['application/senml+json'],
    ['application/senml+cbor'],
    ['text/plain'],
    ['*/*'],
  ])('answers level alike, byte by byte: %s', async (accept) => {
    const onBoard = await get('gauge', 'a/rain/level', accept);
    expect(onBoard).toEqual(await get('bridge', 'a/rain/level', accept));
    expect(onBoard.body).not.toBe('');
  });

  it('shows what was fed', async () => {
    const { body } = await get('bridge', 'a/rain/level', 'application/json');
    expect(JSON.parse(body)).toEqual([
      { n: 'latest', u: 'mm', v: 1.3 },
      { n: 'days', u: 'count', v: 5 },
      { n: 'total', u: 'mm', v: 33.3 },
    ]);
  });

  it.each([
    ['a/rain/alert', 'text/plain'],
    ['a/rain/threshold', 'text/plain'],
    ['a/rain/none', 'text/plain'],
    ['a/rain/level', 'application/octet-stream'],
    ['a/rain/level', 'application/cbor'],
    ['a/nobody/here', 'text/plain'],
  ])('answers %s as %s alike', async (path, accept) => {
    expect(await get('gauge', path, accept)).toEqual(await get('bridge', path, accept));
  });
});
