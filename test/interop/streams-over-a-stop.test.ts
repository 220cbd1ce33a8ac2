/** A board is switched off and on again: whoever listens through the bridge sees that, on the connection it has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { NodePort } from '@radon/bridge/registry';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { coapObserve } from '../support/coap-client.ts';
import { createMailbox } from '../support/deadline.ts';
import { curl, describeWith, libcoap } from '../support/peers.ts';
import { setChannel } from '../support/requests.ts';
import { openTestProject, startWithinMs, type TestProject } from '../support/test-project.ts';

let project: TestProject;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Lines of `curl -N`, until it ends. */
function openCurl(path: string) {
  const lines = createMailbox<string>(`a line of ${path}`);
  const accept = ['-H', 'Accept: text/event-stream'];
  const child = spawn(curl.command, ['-sN', ...accept, `${project.bridge.url}${path}`]);
  const ended = once(child, 'close').then(([code]) => lines.put(`curl ended with ${code}`));
  createInterface(child.stdout).on('line', (line) => line !== '' && lines.put(line));
  closers.push(() => {
    child.kill('SIGKILL');
    return ended;
  });
  return lines;
}

function openWebSocket(path: string) {
  const messages = createMailbox<string>(`a message of ${path}`);
  const socket = new WebSocket(`${project.bridge.url.replace('http', 'ws')}${path}`);
  socket.on('message', (data) => messages.put(String(data)));
  socket.on('close', (code) => messages.put(`closed with ${code}`));
  closers.push(() => socket.terminate());
  return messages;
}

/** Everything up to what is looked for, and that. */
async function upTo(mailbox: { take(withinMs?: number): Promise<string> }, wanted: RegExp) {
  const passed: string[] = [];
  while (!wanted.test(passed.at(-1) ?? '')) {
    const text = await mailbox.take(startWithinMs).catch((cause: unknown) => {
      throw new Error(`no ${wanted} after ${passed.join(' | ')}`, { cause });
    });
    passed.push(text);
  }
  return passed;
}

const count = (texts: readonly string[], wanted: RegExp) => texts.filter((text) => wanted.test(text)).length;
const latest = (mm: number) => new RegExp(`"latest"[^{}]*"v":${mm}\\b`);

describeWith(libcoap, 'through the bridge, beside coap-client', () => {
  describeWith(curl, 'curl and a WebSocket', () => {
    beforeAll(async () => {
      project = await openTestProject();
      await project.openBridge();
    });
    afterAll(() => project?.close());

    /** Pushes the rain gauge to a new board. */
    async function startGauge(name: string, emulator: 'qemu' | 'posix') {
      const board = await project.startBoard(name, emulator);
      const node = await project.node(name);
      await project.push(node, 'rain');
      await setChannel(node, 'rain0', 3);
      return { board, node };
    }

    const providerIn = (lines: readonly string[]) => /"href":"([^"]*)"/.exec(lines.join())?.[1] ?? 'none';
    const stateOf = async (node: NodePort) =>
      (await fetch(`${project.bridge.url}/nodes/${node.name}`)).json();

    it.each(['qemu', 'posix'] as const)('see a board go and come back (%s)', async (emulator) => {
      const { board, node } = await startGauge(`gauge-${emulator}`, emulator);
      const path = `/nodes/${node.name}/a/rain/level`;
      const lines = openCurl(path);
      const messages = openWebSocket(path);
      const observer = coapObserve(`${project.bridge.coap}${path}`, '-A', '110');
      closers.push(() => observer.close());
      const notifications = { take: () => observer.next() };
      const first = [await upTo(lines, latest(3)), await upTo(messages, latest(3))];
      await upTo(notifications, latest(3));

      await project.stopBoard(board);
      const lost = [await upTo(lines, /^event: lost/), await upTo(messages, /"event":"lost"/)];
      expect(await stateOf(node)).toMatchObject({ link: 'lost', lastError: expect.any(String) });
      const started = await project.startBoard(node.name, emulator);
      const back = [await upTo(lines, /^event: back/), await upTo(messages, /"event":"back"/)];
      await setChannel(node, 'rain0', 9);
      const last = [await upTo(lines, latest(9)), await upTo(messages, latest(9))];
      await upTo(notifications, latest(9));

      for (const index of [0, 1]) {
        const all = [first, lost, back, last].flatMap((part) => part[index] ?? []);
        expect([count(all, /\blost\b/), count(all, /\bback\b/), count(all, /ended|closed/)]).toEqual([
          1, 1, 0,
        ]);
        const ids = all.flatMap((text) => /^(?:id: |\{"id":)(\d+)/.exec(text)?.[1] ?? []).map(Number);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      }
      await project.stopBoard(started);
    });

    it('go on with another board, where they asked for a service', async () => {
      const gauges = [await startGauge('a-1', 'posix'), await startGauge('a-2', 'posix')];
      const lines = openCurl('/services/rainfall');
      const all = openCurl('/services/rainfall?all');
      const observer = coapObserve(`${project.bridge.coap}/services/rainfall`, '-A', '110');
      closers.push(() => observer.close());
      const notifications = { take: () => observer.next() };
      const provider = providerIn(await upTo(lines, latest(3)));
      await upTo(notifications, latest(3));
      await upTo(all, /"count":2/);

      const [lost, next] = gauges.sort((a) => (provider.includes(a.node.name) ? -1 : 1));
      if (lost === undefined || next === undefined) throw new Error('no boards');
      await project.stopBoard(lost.board);
      const events = await upTo(lines, latest(3));
      expect(events.filter((line) => line.startsWith('event'))).toEqual([
        'event: lost',
        'event: back',
        'event: provider',
      ]);
      expect(providerIn(events)).toBe(`/nodes/${next.node.name}/a/rain/level`);
      await upTo(all, new RegExp(`"${provider}","error":{"title":"NODE_UNREACHABLE"`));
      await setChannel(next.node, 'rain0', 8);
      await upTo(lines, latest(8));
      await upTo(notifications, latest(8));
      await project.startBoard(lost.board.name, 'posix');
      await upTo(all, new RegExp(`"${provider}","value"`));
    });
  });
});
