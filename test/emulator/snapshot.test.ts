/** An atom moves through its snapshot: from a board to the host node, to another board and back. */
import { decodeFields, encodeFields } from '@radon/bridge/fields';
import type { NodePort } from '@radon/bridge/registry';
import type { Snapshot } from '@radon/bridge/snapshot';
import { contentFormat } from '@radon/bridge/tables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { describeResponse, nodeRequest, readDocument } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const withinMs = 30_000;
const cbor = { contentFormat: contentFormat.CBOR };

describe('a snapshot', () => {
  let project: TestProject;

  beforeEach(async () => {
    project = await openTestProject();
    await project.openBridge();
    await project.startBoard('east', 'posix');
    await project.startBoard('west', 'qemu');
  });
  afterEach(() => project?.close());

  async function nodeWithAgent(name: string): Promise<NodePort> {
    const node = await project.node(name);
    await project.push(node, 'agent');
    return node;
  }

  const say = async (node: NodePort, verb: 'GET' | 'PUT' | 'POST', path: string, body = '') =>
    describeResponse(await node.request(nodeRequest(verb, path, body)));
  const tell = (node: NodePort, body: string) => say(node, 'POST', '/a/agent/do', body);
  const send = (node: NodePort, body: string) => say(node, 'POST', '/m/agent', body);

  async function command(node: NodePort, word: string): Promise<void> {
    const body = encodeFields({ command: word });
    const answer = await node.request(nodeRequest('POST', '/atoms/agent', body, cbor));
    expect(describeResponse(answer)).toBe('2.04');
  }

  async function take(node: NodePort): Promise<Uint8Array> {
    const { payload, contentFormat: format } = await node.request(
      nodeRequest('GET', '/atoms/agent/snapshot'),
    );
    expect(format).toBe(contentFormat.CBOR);
    return new Uint8Array(payload);
  }

  async function put(node: NodePort, snapshot: Uint8Array): Promise<string> {
    return describeResponse(await node.request(nodeRequest('PUT', '/atoms/agent/snapshot', snapshot, cbor)));
  }

  /** Everything in a snapshot but what may differ: how often it was restored. */
  function contents(bytes: Uint8Array): Omit<Snapshot, 'incarnation'> {
    const { incarnation, ...rest } = decodeFields(bytes) as unknown as Snapshot;
    expect(incarnation).toBeLessThan(10);
    return rest;
  }

  /** Freezes the agent, lets `messages` wait, and goes on with it on another node. */
  async function move(from: NodePort, to: NodePort, messages: readonly string[]): Promise<void> {
    await command(from, 'freeze');
    for (const message of messages) expect(await send(from, message)).toBe('2.04');
    const snapshot = await take(from);
    expect(await put(to, snapshot)).toBe('2.04');
    expect(contents(await take(to))).toEqual(contents(snapshot));
    await command(from, 'stop');
    await command(to, 'thaw');
  }

  async function handled(node: NodePort, done: number): Promise<void> {
    const isDone = async () => {
      const { inbox } = (await readDocument(node, '/atoms/agent')) as { inbox: Record<string, number> };
      return inbox.done === done && inbox.waiting === 0;
    };
    await eventually(`${done} events at ${node.name}`, isDone, withinMs);
  }

  it('goes through a board, the host node and another board: nothing is lost and nothing comes twice', async () => {
    const east = await nodeWithAgent('east');
    const host = await nodeWithAgent('bridge');
    const west = await nodeWithAgent('west');
    expect(await tell(east, 'set k kept')).toBe('2.05 0');
    expect(await tell(east, 'publish shown')).toBe('2.05 0');
    expect(await tell(east, 'alias crew')).toBe('2.05 0');
    await handled(east, 3);

    await move(east, host, ['one', 'two']);
    await handled(host, 5);
    await move(host, west, ['three']);
    await handled(west, 6);
    await move(west, east, ['four', 'five', 'six']);
    await handled(east, 9);

    const log = ['one', 'two', 'three', 'four', 'five', 'six'].map((text) => `from : ${text}`);
    expect(await say(east, 'GET', '/a/agent/log')).toBe(`2.05 start|${log.join('|')}`);
    expect(await tell(east, 'get k')).toBe('2.05 kept');
    expect(await say(east, 'GET', '/a/agent/state')).toBe('2.05 shown');
    const state = await readDocument(east, '/atoms/agent');
    expect(state).toMatchObject({ phase: 'SUSPENDED', aliases: ['crew'], inbox: { dropped: 0 } });
  });

  it('stops time: a timer has as much left as it had, wherever it runs', async () => {
    const east = await nodeWithAgent('east');
    const host = await nodeWithAgent('bridge');
    expect(await tell(east, 'after 1500 count')).toBe('2.05 0');
    await handled(east, 1);
    await move(east, host, []);
    expect(await say(host, 'GET', '/a/agent/log')).toBe('2.05 start');
    await handled(host, 3);
    expect(await say(host, 'GET', '/a/agent/log')).toMatch(/^2.05 start\|timer 0/);
  });

  it.each(['east', 'west', 'bridge'])('that is not whole changes nothing at %s', async (name) => {
    const node = await nodeWithAgent(name);
    expect(await tell(node, 'set k kept')).toBe('2.05 0');
    await command(node, 'freeze');
    const snapshot = await take(node);
    await command(node, 'thaw');
    const used = await readDocument(node, '/node');
    expect(await put(node, snapshot.subarray(0, -1))).toBe('4.22 BAD_SNAPSHOT');
    const shorter = contents(snapshot).memory.subarray(1);
    const other = encodeFields({
      ...(decodeFields(snapshot) as Record<string, never>),
      memory: shorter,
      actor: 'x',
    });
    expect(await put(node, other)).toBe('4.22 BAD_SNAPSHOT');
    const tooLong = await put(node, new Uint8Array(100_000));
    expect(tooLong).toBe(name === 'bridge' ? '4.22 BAD_SNAPSHOT' : '4.22 DOES_NOT_FIT');
    expect(await tell(node, 'get k')).toBe('2.05 kept');
    expect((await readDocument(node, '/node')).ram).toEqual(used.ram);
  });
});
