import type { NodePort } from '@radon/bridge/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { describeResponse, nodeRequest, readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

describe('an atom that spins until its deadline', () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
    await project.push(node, 'rain');
    await project.push(node, 'faulty');
  });
  afterAll(() => project?.close());

  it('keeps nobody from reading the node, and loses nothing of the others', async () => {
    let isOver = false;
    const spinning = node.request(nodeRequest('POST', '/a/faulty/spin')).finally(() => {
      isOver = true;
    });
    await eventually(
      'faulty runs',
      async () => (await readDocument(node, '/atoms/faulty')).phase === 'RUNNING',
    );
    const uptimes: number[] = [];
    const feeding = setChannel(node, 'rain0', 1.5);
    for (;;) {
      const { uptimeMs } = (await readDocument(node, '/node')) as { uptimeMs: number };
      if (isOver) break;
      uptimes.push(uptimeMs);
    }
    await feeding;
    expect(uptimes.length).toBeGreaterThan(3);
    expect(describeResponse(await spinning)).toBe('5.00 ATOM_FAILED');
    expect(await readDocument(node, '/atoms/faulty')).toMatchObject({
      phase: 'ERROR',
      trap: { kind: 'DEADLINE' },
    });
    expect(await readDocument(node, '/node')).toMatchObject({ reset: 'power', counters: { deadlines: 1 } });
    await eventually('rain counts what came meanwhile', async () => {
      const level = await node.request(nodeRequest('GET', '/a/rain/level', '', { accept: 0 }));
      return new TextDecoder().decode(level.payload).includes('1.5');
    });
  });
});
