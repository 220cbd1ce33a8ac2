import { once } from 'node:events';
import type { NodePort } from '@radon/bridge/registry';
import { type IncomingMessage, type ObserveReadStream, request } from 'coap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailbox, eventually, within } from '../support/deadline.ts';
import { setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

describe("npm coap against the bridge's CoAP face", () => {
  let project: TestProject;
  let board: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    board = await project.openBoard('gauge');
    await project.push(board, 'rain');
    await project.push(board, 'echo');
    await project.push(await project.node('bridge'), 'echo');
  });
  afterAll(() => project?.close());

  async function ask(method: 'GET' | 'POST' | 'PUT', path: string, body = '', accept?: string) {
    const { hostname, port } = new URL(project.bridge.coap);
    const outgoing = request({ hostname, port: Number(port), method, pathname: path });
    if (accept !== undefined) outgoing.setOption('Accept', accept);
    if (body !== '') outgoing.setOption('Content-Format', 'text/plain');
    outgoing.end(body);
    const [incoming] = (await within(`${method} ${path}`, 10_000, once(outgoing, 'response'))) as [
      IncomingMessage,
    ];
    return { code: incoming.code, body: incoming.payload.toString() };
  }

  it('gets a state of many blocks', async () => {
    const { code, body } = await ask('GET', '/nodes/gauge/node', '', 'application/json');
    expect(code).toBe('2.05');
    expect(JSON.parse(body)).toMatchObject({ name: 'gauge' });
  });

  it.each(['gauge', 'bridge'])('posts to an atom on %s', async (node) => {
    expect(await ask('POST', `/nodes/${node}/a/echo/say`, 'hello')).toEqual({ code: '2.05', body: 'hello' });
  });

  it('puts a channel and sees what the atom makes of it', async () => {
    expect((await ask('PUT', '/nodes/gauge/io/rain0', '7.5')).code).toBe('2.04');
    await eventually('the reading is counted', async () => {
      const { body } = await ask('GET', '/nodes/gauge/a/rain/level', '', 'application/senml+json');
      return (JSON.parse(body) as { v: number }[])[0]?.v === 7.5;
    });
    expect(await ask('GET', '/nodes/gauge/none')).toMatchObject({ code: '4.04' });
  });

  it('observes the readings of an atom', async () => {
    const { hostname, port } = new URL(project.bridge.coap);
    const outgoing = request({
      hostname,
      port: Number(port),
      method: 'GET',
      pathname: '/nodes/gauge/a/rain/level',
      observe: true,
    });
    outgoing.setOption('Accept', 'application/senml+json').end();
    const [stream] = (await within('the first value', 10_000, once(outgoing, 'response'))) as [
      ObserveReadStream,
    ];
    const values = createMailbox<string>('a notification');
    stream.on('data', (bytes: Buffer) => values.put(bytes.toString()));
    try {
      await values.take();
      for (const reading of [1.5, 3, 4.5]) {
        await setChannel(board, 'rain0', reading);
        expect(JSON.parse(await values.take())).toMatchObject([{ n: 'latest', v: reading }, {}, {}]);
      }
    } finally {
      stream.close();
    }
  });
});
