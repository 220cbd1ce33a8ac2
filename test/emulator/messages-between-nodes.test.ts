/** Messages between atoms wherever they run: two boards and the host node on one bridge. */
import type { NodePort } from '@radon/bridge/registry';
import type { EmulatedBoard } from '@radon/toolchain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { nodeRequest, readDocument } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const withinMs = 30_000;
/** Numbers that one courier sends. */
const many = 60;

describe('messages between nodes', () => {
  let project: TestProject;
  const boards = new Map<string, EmulatedBoard>();

  beforeEach(async () => {
    project = await openTestProject();
    await project.openBridge();
    for (const name of ['north', 'south']) boards.set(name, await project.startBoard(name, 'posix'));
  });
  afterEach(() => project?.close());

  /** A node with an atom on it. */
  async function nodeWith(name: string, ...atoms: readonly string[]): Promise<NodePort> {
    const node = await project.node(name);
    for (const atom of atoms) await project.push(node, atom);
    return node;
  }

  const ask = async (node: NodePort, verb: 'GET' | 'PUT' | 'POST', path: string, body = '') =>
    new TextDecoder().decode((await node.request(nodeRequest(verb, path, body))).payload);
  const countersOf = async (node: NodePort) =>
    (await readDocument(node, '/node')).counters as Record<string, number>;
  /** `[last number, gaps]`. */
  const tallyOf = async (node: NodePort) => (await ask(node, 'GET', '/a/tally/state')).split(' ').map(Number);
  /** `[numbers sent, times full, undelivered]`. */
  const courierOf = async (node: NodePort) =>
    (await ask(node, 'GET', '/a/courier/state')).split(' ').map(Number);

  function counted(node: NodePort, last: number): Promise<unknown> {
    const isThere = async () => ((await tallyOf(node))[0] ?? 0) >= last;
    return eventually(`${last} at ${node.name}`, isThere, withinMs);
  }

  it.each([
    ['north', 'south'],
    ['north', 'bridge'],
    ['bridge', 'south'],
  ])(
    'from %s to %s: a full inbox slows the sender, nothing is lost, all stays in order',
    async (from, to) => {
      const sender = await nodeWith(from, 'courier');
      const receiver = await nodeWith(to, 'tally');
      await ask(receiver, 'PUT', '/a/tally/pace', '20');
      await ask(sender, 'POST', '/a/courier/pour', `${many} tally`);
      await counted(receiver, many);
      expect(await tallyOf(receiver)).toEqual([many, 0]);
      const [sent, full = 0, undelivered] = await courierOf(sender);
      expect([sent, undelivered]).toEqual([many, 0]);
      expect(full).toBeGreaterThan(0);
      expect(await countersOf(sender)).toMatchObject({ localMessages: 0 });
      expect((await countersOf(sender)).remoteMessages).toBeGreaterThanOrEqual(many);
      expect(await readDocument(receiver, '/atoms/tally')).toMatchObject({
        inbox: { waiting: 0, dropped: 0 },
      });
    },
  );

  it.each(['north', 'bridge'])('within %s use no datagram', async (name) => {
    const node = await nodeWith(name, 'courier', 'tally');
    await ask(node, 'POST', '/a/courier/pour', `${many} tally`);
    await counted(node, many);
    expect(await tallyOf(node)).toEqual([many, 0]);
    const counters = await countersOf(node);
    expect(counters).toMatchObject({ remoteMessages: 0 });
    expect(counters.localMessages).toBeGreaterThanOrEqual(many);
  });

  it('go both ways at once between two boards', async () => {
    const nodes = [await nodeWith('north', 'courier', 'tally'), await nodeWith('south', 'courier', 'tally')];
    const [north, south] = nodes;
    if (north === undefined || south === undefined) throw new Error('no boards');
    await ask(north, 'POST', '/a/courier/pour', `${many} south/tally`);
    await ask(south, 'POST', '/a/courier/pour', `${many} north/tally`);
    for (const node of nodes) {
      await counted(node, many);
      expect(await tallyOf(node)).toEqual([many, 0]);
      expect((await courierOf(node))[2]).toBe(0);
    }
  });

  it('to a board whose power is cut are told about, and the application goes on', async () => {
    const sender = await nodeWith('north', 'courier');
    const before = await nodeWith('south', 'tally');
    await ask(sender, 'POST', '/a/courier/deliver', '40 tally');
    await counted(before, 5);
    const south = boards.get('south');
    if (south === undefined) throw new Error('no board');
    await project.powerCycle(south);
    const receiver = await project.node('south');
    await counted(receiver, 40);
    expect(await tallyOf(receiver)).toEqual([40, 0]);
    await eventually('the last answer', async () => (await courierOf(sender))[0] === 40, withinMs);
  });

  describe('of agents', () => {
    const names = ['bridge', 'north', 'south'] as const;
    const nodes = new Map<string, NodePort>();
    const tell = (node: string, command: string) => ask(nodeOf(node), 'POST', '/a/agent/do', command);
    const logOf = (node: string) => ask(nodeOf(node), 'GET', '/a/agent/log');
    const logged = (node: string, line: string) =>
      eventually(`"${line}" at ${node}`, async () => (await logOf(node)).split('|').includes(line));

    function nodeOf(name: string): NodePort {
      const node = nodes.get(name);
      if (node === undefined) throw new Error(`no node ${name}`);
      return node;
    }

    beforeEach(async () => {
      for (const name of names) nodes.set(name, await nodeWith(name, 'agent'));
    });

    it('reach every member of an alias once, wherever it is', async () => {
      for (const name of names) expect(await tell(name, 'alias all')).toBe('0');
      await eventually('the names of all', async () => {
        const posted = await fetch(`${project.bridge.url}/m/all`, { method: 'POST', body: 'ping' });
        return (
          posted.status === 204 && (await Promise.all(names.map(logOf))).every((log) => /ping/.test(log))
        );
      });
      for (const name of names) {
        await Promise.all(names.map((other) => tell(other, 'forget')));
        expect(await tell(name, 'send all 0 hello')).not.toMatch('-');
        for (const other of names) {
          const sender = other === name ? 'agent' : `${name}/agent`;
          await logged(other, `from ${sender}: hello`);
          expect((await logOf(other)).match(/hello/g)).toHaveLength(1);
        }
      }
    });

    it('come from outside without a sender, and nobody can pretend to be one', async () => {
      const post = (path: string, format: string) =>
        fetch(`${project.bridge.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': format },
          body: 'hi',
        });
      for (const name of names) {
        expect((await post(`/m/${name}/agent`, 'text/plain')).status).toBe(204);
        await logged(name, 'from : hi');
        for (const path of [`/m/${name}/agent`, `/nodes/${name}/m/agent`])
          expect((await post(path, 'application/coap-payload;cf=65000')).status).toBe(403);
      }
      expect((await post('/m/south/nobody', 'text/plain')).status).toBe(404);
      expect((await post('/m/nowhere/agent', 'text/plain')).status).toBe(404);
    });

    it('are accompanied by requests: reads, what atoms serve, and no control', async () => {
      for (const [from, to] of [
        ['north', 'south'],
        ['south', 'bridge'],
        ['bridge', 'north'],
      ] as const) {
        await tell(to, 'set who me');
        await tell(from, `request 2 //${to}/a/agent/do 0 get who`);
        await logged(from, 'response 1: 69 me');
        await tell(from, `request 2 //${to}/atoms/agent 0 stop`);
        await logged(from, 'response 2: 131');
        await tell(from, 'request 1 //nowhere/node 0');
        await logged(from, 'response 3: 132');
        await tell(from, 'request 1 coap://127.0.0.1:1/x 0');
        await logged(from, 'response 4: 131');
      }
    });

    it('are accompanied by observations across nodes', async () => {
      await tell('south', 'publish one');
      await tell('north', 'request 1 //south/a/agent/state 1');
      await logged('north', 'response 1: 69 one +');
      await tell('south', 'publish two');
      await logged('north', 'response 1: 69 two +');
      expect(await tell('north', 'cancel 1')).toBe('0');
    });
  });
});
