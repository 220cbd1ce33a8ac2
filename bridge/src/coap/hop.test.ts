import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../test/support/virtual-clock.ts';
import {
  createMemoryLinks,
  type MemoryLinkFaults,
  openUdpClient,
  openUdpServer,
  serialTiming,
  udpTiming,
} from '../link/index.ts';
import { decodeProblem } from '../problem/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { code, formatCode } from './codes.ts';
import { createCoapContext } from './context.ts';
import { createHop, type HopOptions } from './hop.ts';
import type { CoapContext, CoapHandler, CoapReply } from './types.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const fromText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function track<T extends { close(): Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

/** Clients over UDP, a hop, and a device behind a memory link. */
async function createSetting(
  device: CoapHandler,
  options: Partial<HopOptions> = {},
  faults: MemoryLinkFaults = {},
): Promise<{ hop: CoapContext; upstream: CoapContext; client(): Promise<CoapContext> }> {
  const [near, far] = createMemoryLinks({ faults, timing: serialTiming(115_200) });
  track(createCoapContext(far, { handler: device }));
  const upstream = track(createCoapContext(near));
  const link = await openUdpServer();
  const hop = track(createHop(link, upstream, { name: 'board', ...options }));
  return {
    hop,
    upstream,
    client: async () =>
      track(createCoapContext(await openUdpClient({ host: '127.0.0.1', port: link.localPort }))),
  };
}

const echo: CoapHandler = (request) => ({
  code: code.content,
  contentFormat: contentFormat.TEXT,
  etag: Uint8Array.of(5),
  payload: text(
    `${formatCode(request.code)} ${request.path} ${request.query.join('&')} ${request.body.length}`,
  ),
});

describe('UDP port of a device', () => {
  it('passes what is allowed, options and all, and forbids the rest', async () => {
    const { client } = await createSetting(echo);
    const coap = await client();
    const ask = async (requestMethod: number, path: string, format?: number): Promise<string> => {
      const response = await coap.request({
        method: requestMethod,
        path,
        query: ['k=v'],
        ...(format !== undefined && { contentFormat: format }),
      });
      return `${formatCode(response.code)} ${decodeProblem(response.payload)?.title ?? fromText(response.payload)}`;
    };
    expect(await ask(method.GET, '/node')).toBe('2.05 GET /node k=v 0');
    expect(await ask(method.FETCH, '/node')).toBe('2.05 FETCH /node k=v 0');
    expect(await ask(method.PUT, '/a/rain/x')).toBe('2.05 PUT /a/rain/x k=v 0');
    expect(await ask(method.POST, '/m/rain')).toBe('2.05 POST /m/rain k=v 0');
    expect(await ask(method.PUT, '/images/00ff')).toBe('2.05 PUT /images/00ff k=v 0');
    expect(await ask(method.PUT, '/atoms/rain', contentFormat.COSE_SIGN1)).toBe('2.05 PUT /atoms/rain k=v 0');
    for (const [forbidden, path, format] of [
      [method.PUT, '/atoms/rain', contentFormat.CBOR],
      [method.PUT, '/atoms/rain', undefined],
      [method.POST, '/atoms/rain', contentFormat.COSE_SIGN1],
      [method.DELETE, '/atoms/rain', undefined],
      [method.POST, '/node', undefined],
      [method.PUT, '/time', undefined],
      [method.PUT, '/io/led', undefined],
      [method.PUT, '/a', undefined],
      [method.POST, '/images/00ff', undefined],
      [method.PUT, '/images', undefined],
      [method.PUT, '/images/00/ff', undefined],
      [method.GET, '/atoms/rain/snapshot', undefined],
      [method.PUT, '/atoms/rain/snapshot', contentFormat.CBOR],
      [method.POST, '/m/rain', contentFormat.RADON_MESSAGE],
    ] as const) {
      expect(await ask(forbidden, path, format)).toBe('4.03 FORBIDDEN_HERE');
    }
  });

  it('passes everything when control over UDP is switched on', async () => {
    const { client } = await createSetting(echo, { udpControl: true });
    const response = await (await client()).request({ method: method.DELETE, path: '/atoms/rain' });
    expect(fromText(response.payload)).toBe('DELETE /atoms/rain  0');
  });

  it('says 5.04 when the device is silent', async () => {
    const clock = createVirtualClock(3);
    const [near, far] = createMemoryLinks({ clock, faults: { loss: 1 } });
    const [clientLink, hopLink] = createMemoryLinks({ clock, timing: udpTiming });
    track(createCoapContext(far, { clock }));
    const upstream = track(createCoapContext(near, { clock }));
    track(createHop(hopLink, upstream, { name: 'board', clock }));
    const client = track(createCoapContext(clientLink, { clock }));
    let title: string | undefined;
    client.request({ method: method.GET, path: '/node' }).then((response) => {
      title = `${formatCode(response.code)} ${decodeProblem(response.payload)?.title}`;
    });
    await clock.run(() => title !== undefined, 120_000);
    expect(title).toBe('5.04 NODE_UNREACHABLE');
  });

  it('brings block-wise bodies through both ways, for several clients at once', async () => {
    const bodies = new Map<string, number>();
    const { client } = await createSetting((request) => {
      bodies.set(fromText(request.body.subarray(0, 1)), request.body.length);
      const isUniform = request.body.every((byte) => byte === request.body[0]);
      return { code: isUniform ? code.content : code.badRequest, payload: request.body };
    });
    const upload = async (letter: string): Promise<number> => {
      const coap = await client();
      const payload = text(letter.repeat(3_000));
      const response = await coap.request({ method: method.POST, path: '/a/x', payload, blockSize: 256 });
      expect(fromText(response.payload)).toBe(letter.repeat(3_000));
      return response.code;
    };
    expect(await Promise.all(['p', 'q', 'r', 's'].map(upload))).toEqual(new Array(4).fill(code.content));
    expect([...bodies.values()]).toEqual([3_000, 3_000, 3_000, 3_000]);
  });

  it('shares one upstream observation among clients and ends it with the last', async () => {
    let subscriptions = 0;
    let notify: (reply?: CoapReply) => void = () => undefined;
    let value = 1;
    const current = (): CoapReply => ({
      code: code.content,
      payload: text(String(value)),
      subscribe(changed) {
        subscriptions += 1;
        notify = changed;
        return () => {
          subscriptions -= 1;
        };
      },
    });
    const { client, hop } = await createSetting(current);
    const seen: string[][] = [[], [], []];
    const observations = await Promise.all(
      seen.map(async (list) =>
        (await client()).observe(
          { method: method.GET, path: '/a/x' },
          { next: ({ payload }) => list.push(fromText(payload)) },
        ),
      ),
    );
    await expect.poll(() => hop.observers).toBe(3);
    expect(subscriptions).toBe(1);
    value = 2;
    notify();
    await expect.poll(() => seen.map((list) => list.at(-1))).toEqual(['2', '2', '2']);
    for (const observation of observations) observation.cancel();
    await expect.poll(() => hop.observers).toBe(0);
    await expect.poll(() => subscriptions).toBe(0);
  });
});
