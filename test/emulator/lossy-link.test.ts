import { join } from 'node:path';
import { type CoapContext, createCoapContext, createHop, runLoad } from '@radon/bridge/coap';
import { openStreamLink, openUdpClient, openUdpServer } from '@radon/bridge/link';
import { contentFormat, method } from '@radon/bridge/tables';
import type { EmulatedBoard } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRelay } from '../support/lossy-relay.ts';
import { createRandom, testSeed } from '../support/random.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const baud = 115_200;
const clients = 12;
const rounds = 15;

describe('one board, many clients, a bad line', () => {
  let project: TestProject;
  let board: EmulatedBoard;

  beforeAll(async () => {
    project = await openTestProject();
    const bridge = await project.openBridge();
    board = await project.startBoard('gauge');
    await project.push(await project.node('gauge'), 'echo');
    await bridge.close();
  });
  afterAll(() => project?.close());

  it(`answers ${clients} clients ${rounds} times each at ${baud} baud with one byte in 2,000 lost`, {
    timeout: 120_000,
  }, async () => {
    const path = join(project.workspace.folder('run'), 'relay.sock');
    const random = createRandom(testSeed('lossy link'));
    const relay = await openRelay({ path, to: board.socket, baud, lossOneIn: 2000, random });
    const upstream: CoapContext = createCoapContext(await openStreamLink({ to: path, baud }), { nstart: 1 });
    const port = await openUdpServer();
    const hop = createHop(port, upstream, { name: 'gauge' });
    try {
      const result = await runLoad({
        clients,
        rounds,
        connect: async () =>
          createCoapContext(await openUdpClient({ host: '127.0.0.1', port: port.localPort })),
        request: {
          method: method.POST,
          path: '/a/echo/say',
          contentFormat: contentFormat.TEXT,
          payload: new TextEncoder().encode('x'.repeat(80)),
        },
      });
      const { retransmissions } = upstream.counters;
      const { lost } = relay.counters;
      console.log(
        `${result.answered} answers in ${Math.round(result.elapsedMs)} ms, ${lost} bytes lost, ${retransmissions} retransmissions`,
      );
      expect(result).toMatchObject({ sent: clients * rounds, answered: clients * rounds, lost: 0 });
      expect(result.codes).toEqual({ '2.05': clients * rounds });
      expect(lost).toBeGreaterThan(0);
      expect(retransmissions).toBeGreaterThan(0);
    } finally {
      await hop.close();
      await upstream.close();
      await relay.close();
    }
  });
});
