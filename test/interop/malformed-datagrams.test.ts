import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createCoapContext } from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import type { NodePort } from '@radon/bridge/registry';
import { method } from '@radon/bridge/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailbox } from '../support/deadline.ts';
import { bytesOfHex, describeMessage, hostileMessages, pingMessage } from '../support/malformed.ts';
import { createRandom, randomBytes, testSeed } from '../support/random.ts';
import { readDocument } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const pingId = 0x7001;

describe('datagrams that are wrong', () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
  });
  afterAll(() => project?.close());

  const faces = [
    {
      face: "a board's UDP port",
      isPort: true,
      port: () => portOf(node.state().coap),
      path: '/node',
    },
    {
      face: "the bridge's CoAP face",
      isPort: false,
      port: () => portOf(project.bridge.coap),
      path: '/nodes/gauge/node',
    },
  ] as const;
  const portOf = (uri = '') => Number(new URL(uri).port);

  async function openSocket(port: number) {
    const socket = createSocket('udp4');
    const answers = createMailbox<string>('a datagram');
    socket.on('message', (bytes) => answers.put(describeMessage(bytes)));
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return {
      send: (bytes: Uint8Array) => socket.send(bytes),
      next: answers.take,
      close: () => socket.close(),
    };
  }

  /** Something the bridge and the board work for: the node is there, and nothing was restarted. */
  async function expectHealth(port: number, path: string) {
    const client = createCoapContext(await openUdpClient({ host: '127.0.0.1', port }));
    try {
      expect((await client.request({ method: method.GET, path })).code).toBe(0x45);
    } finally {
      await client.close();
    }
    expect(await readDocument(node, '/node')).toMatchObject({ reset: 'power', safeMode: false });
  }

  describe.each(faces)('at $face', ({ port, path, isPort }) => {
    it.each(hostileMessages)('$title: $answer', async ({ hex, answer, atPort = answer }) => {
      const expected = isPort ? atPort : answer;
      const socket = await openSocket(port());
      try {
        socket.send(bytesOfHex(hex));
        if (expected !== 'silence') expect(await socket.next()).toBe(`${expected} 1234`);
        // What came before a ping is answered before it, or never.
        socket.send(pingMessage(pingId));
        expect(await socket.next()).toBe('RST 7001');
      } finally {
        socket.close();
      }
    });

    it('an empty datagram and one above every limit: silence', async () => {
      const socket = await openSocket(port());
      try {
        socket.send(new Uint8Array(0));
        socket.send(new Uint8Array(60_000).fill(0x40, 0, 1));
        socket.send(pingMessage(pingId));
        let answer = await socket.next();
        if (answer === 'RST 0000') answer = await socket.next();
        expect(answer).toBe('RST 7001');
      } finally {
        socket.close();
      }
    });

    it('answers as before after a thousand random datagrams', async () => {
      const random = createRandom(testSeed('random datagrams'));
      const socket = await openSocket(port());
      try {
        for (let round = 0; round < 1000; round += 1) {
          const bytes = randomBytes(random, Math.floor(random() * 64));
          // Half of them pass for version 1, so that they are looked at.
          if (bytes.length > 0 && random() < 0.5) bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
          socket.send(bytes);
        }
      } finally {
        socket.close();
      }
      await expectHealth(port(), path);
    });
  });
});
