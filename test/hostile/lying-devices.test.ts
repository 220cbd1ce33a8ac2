/** CoAP servers that lie when they register, and in what they answer. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import {
  createCoapContext,
  encodeMessage,
  formatCode,
  ParsedMessage,
  parseMessage,
  parseOutcome,
  ReceivedMessage,
} from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from '../cli/command.ts';
import { eventually } from '../support/deadline.ts';
import { type HttpPeer, openHttpPeer } from '../support/http-client.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const uint = (number: number, ...bytes: number[]) => ({ number, value: Uint8Array.from(bytes) });
const format = (value: number) => uint(12, value);

interface Lie {
  readonly code: number;
  readonly options?: readonly { readonly number: number; readonly value: Uint8Array }[];
  readonly payload?: Uint8Array;
}

const content = 0x45;
/** What the device answers, by the first segment of the path; `block` is the number of the block that is asked for. */
const lies: Readonly<Record<string, (block: number) => Lie>> = {
  endless: (block) => ({
    code: content,
    options: [format(0), uint(23, block >> 12, (block >> 4) & 0xff, ((block & 15) << 4) | 8 | 6)],
    payload: new Uint8Array(1024),
  }),
  repeating: () => ({ code: content, options: [uint(23, 8 | 6)], payload: new Uint8Array(1024) }),
  oversized: (block) => ({
    code: content,
    options: [uint(23, (block << 4) | 8 | 2)],
    payload: new Uint8Array(1024),
  }),
  'no-cbor': () => ({ code: content, options: [format(60)], payload: Uint8Array.of(0xff, 0xff) }),
  'deep-cbor': () => ({ code: content, options: [format(60)], payload: new Uint8Array(1000).fill(0x81) }),
  'long-cbor': () => ({
    code: content,
    options: [format(60)],
    payload: Uint8Array.of(0x9b, 0x7f, 255, 255, 255, 255, 255, 255, 255),
  }),
  'no-senml': () => ({ code: content, options: [format(112)], payload: Uint8Array.of(0x81, 0xa1, 0, 0) }),
  critical: () => ({ code: content, options: [uint(9999, 1)] }),
  'code-7.31': () => ({ code: 0xff }),
  stray: () => ({ code: 0x5f }),
  valid: () => ({ code: 0x43, options: [uint(4, 1, 2)] }),
  escape: () => ({ code: 0x41, options: [{ number: 8, value: utf8('..') }] }),
};

let project: Scratch;
let bridge: RunningCommand;
let http: HttpPeer;
let coapPort: number;
let port: number;
const socket = createSocket('udp4');

beforeAll(async () => {
  project = openScratch();
  bridge = project.start('bridge', '--port', '0', '--coap-port', '0');
  const [url] = await bridge.until(/http:\/\/127\.0\.0\.1:\d+/);
  coapPort = Number((await bridge.until(/coap:\/\/127\.0\.0\.1:(\d+)/))[1]);
  http = openHttpPeer(url);
  socket.on('message', answer);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  port = socket.address().port;
});
afterAll(async () => {
  http?.close();
  socket.close();
  await project?.close();
});

function answer(bytes: Uint8Array, { port: to, address }: RemoteInfo): void {
  const parsed = new ParsedMessage();
  if (parseMessage(bytes, parsed) !== parseOutcome.ok) return;
  const request = new ReceivedMessage(bytes, parsed.payloadStart);
  const { messageId, token, code } = request;
  const [name = ''] = request.pathSegments;
  const lie: Lie =
    code === 0 ? { code: 0 } : (lies[name]?.((request.uintOf(23) ?? 0) >> 4) ?? { code: 0x84 });
  const type = code === 0 ? 3 : 2;
  const message = { type, messageId, token: code === 0 ? new Uint8Array(0) : token, code: lie.code };
  socket.send(
    encodeMessage({ ...message, options: lie.options ?? [], payload: lie.payload ?? new Uint8Array(0) }),
    to,
    address,
  );
}

/** Code of the answer to a request of the directory. */
async function register(query: readonly string[], links = '</x>;rt=x', path = '/rd'): Promise<string> {
  const client = createCoapContext(await openUdpClient({ host: '127.0.0.1', port: coapPort }));
  try {
    const request = {
      method: 2,
      path: path.split('/').slice(1),
      query,
      contentFormat: 40,
      payload: utf8(links),
    };
    return formatCode((await client.request(request)).code);
  } finally {
    await client.close();
  }
}

describe('a registration', () => {
  it.each([
    ['of the bridge itself', () => [`base=coap://127.0.0.1:${coapPort}`]],
    ['of the bridge by another name', () => [`base=coap://127.0.0.1:${coapPort}/`]],
    ['of another host', () => ['base=coap://192.0.2.1']],
    ['of a name for this machine', () => ['base=coap://localhost']],
    ['of the address for any', () => ['base=coap://0.0.0.0']],
    ['over another protocol', () => ['base=http://127.0.0.1']],
    ['for no time', () => ['lt=0']],
    ['for longer than a week', () => ['lt=604801']],
    ['for a time that is none', () => ['lt=1e3']],
  ])('%s is refused', async (_, query) => {
    expect(await register(['ep=liar-1', ...query()])).toBe('4.00');
    expect((await http.ask('/nodes/liar-1')).status).toBe(404);
  });

  it('of a name that ends a line does not end one of the log', async () => {
    expect(await register(['ep=a\nINFO all is well'])).toBe('4.00');
    expect(await register(['ep=x'], '', '/rd/\u001b[31m\nall is well')).not.toBe('2.04');
    await bridge.until(/registration from \S+ refused: .*all is well/);
    expect(bridge.text()).not.toMatch(/^(INFO )?all is well/m);
    expect(bridge.text()).not.toContain('\u001b');
  });

  it('by hundreds from one address ends with its lifetime', async () => {
    const codes = new Map<string, number>();
    for (let count = 0; count < 300; count += 1) {
      const code = await register([`ep=many-${count}`, 'lt=1', `base=coap://127.0.0.1:${port}`]);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes.keys()].every((code) => code === '2.01' || code === '5.03')).toBe(true);
    expect((await http.ask('/nodes/bridge/node')).status).toBe(200);
    await eventually('the registrations end', async () => {
      const { body } = await http.ask('/nodes');
      return !body.includes('many-');
    });
  });
});

describe('a device that answers', () => {
  beforeAll(async () => {
    const links = Object.keys(lies).map((name) => `</${name}>;rt=${name}`);
    expect(await register(['ep=liar', `base=coap://127.0.0.1:${port}`], links.join())).toBe('2.01');
    await bridge.until(/liar: up/);
  });

  it.each(Object.keys(lies))('%s harms nobody but itself', async (name) => {
    const asked = http.ask(`/nodes/liar/${name}`, { headers: { accept: 'application/json, */*' } });
    // What has begun can only be cut.
    const told = await asked.then(
      (reply) => reply.status,
      () => 'cut',
    );
    expect([502, 'cut']).toContain(told);
    expect((await http.ask('/nodes/bridge/node')).status).toBe(200);
    const { body } = await http.ask(`/services/${name}?all`);
    expect(JSON.parse(body)).toMatchObject({ rt: name, providers: [{ href: `/nodes/liar/${name}` }] });
  });

  it('never keeps the bridge from ending', async () => {
    http.close();
    const { code, stderr } = await bridge.interrupt();
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/Error|at .*\.[jt]s:/);
  });
});
