/** What a bridge that was killed or ended has again when it is started anew: docs/reference/restart.md. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CoapContext, createCoapContext } from '@radon/bridge/coap';
import { openUdpClient, openUdpServer } from '@radon/bridge/link';
import { contentFormat, method } from '@radon/bridge/tables';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

let project: Scratch;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  project = openScratch();
  project.write('bridge.json', '{"port": 0, "coapPort": 0}');
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await project.close();
});

interface Running {
  readonly command: RunningCommand;
  readonly http: string;
  readonly coap: CoapContext;
}

async function startBridge(): Promise<Running> {
  const command = project.start('bridge');
  const [, http = ''] = await command.until(/^HTTP +(http:\/\/[\d.:]+)\/$/m);
  const [, port] = await command.until(/^CoAP +coap:\/\/127\.0\.0\.1:(\d+)\//m);
  const coap = createCoapContext(await openUdpClient({ host: '127.0.0.1', port: Number(port) }));
  closers.push(() => coap.close());
  return { command, http, coap };
}

/** A CoAP server of other make; the result is its base. */
async function openLamp(contentFormat = 0, text = '7'): Promise<string> {
  const link = await openUdpServer();
  const server = createCoapContext(link, {
    handler: () => ({
      code: 0x45,
      payload: new TextEncoder().encode(text),
      contentFormat,
      subscribe: () => () => undefined,
    }),
  });
  closers.push(() => server.close());
  return `coap://127.0.0.1:${link.localPort}`;
}

function register({ coap }: Running, ...query: string[]) {
  const payload = new TextEncoder().encode('</light>;rt=lux');
  const request = { method: method.POST, path: ['rd'], query, payload };
  return coap.request({ ...request, contentFormat: contentFormat.LINK_FORMAT });
}

async function lookup({ coap }: Running): Promise<string> {
  const { payload } = await coap.request({ method: method.GET, path: ['rd-lookup', 'ep'] });
  return new TextDecoder().decode(payload);
}

const textOf = async (url: string) => (await fetch(url)).text();

it.each(['SIGKILL', 'SIGINT'] as const)(
  'after %s what registered is there, at its location',
  async (signal) => {
    const first = await startBridge();
    const base = await openLamp();
    expect((await register(first, 'ep=lamp', `base=${base}`, 'lt=600')).code).toBe(0x41);
    const before = await lookup(first);
    await first.command.kill(signal);

    const second = await startBridge();
    expect(await textOf(`${second.http}/nodes/lamp/light`)).toBe('7');
    expect(await lookup(second)).toBe(before);
    const [, id = ''] = /<\/rd\/(\w+)>/.exec(before) ?? [];
    expect((await second.coap.request({ method: method.DELETE, path: ['rd', id] })).code).toBe(0x42);
    await second.command.kill(signal);

    expect(await lookup(await startBridge())).toBe('');
  },
);

it('goes without a registration whose file is damaged, and says so once', async () => {
  const first = await startBridge();
  const base = await openLamp();
  for (const name of ['one', 'two']) await register(first, `ep=${name}`, `base=${base}`);
  await first.command.kill('SIGKILL');
  const folder = join(project.folder, '.radon', 'registrations');
  const [damaged = ''] = readdirSync(folder);
  writeFileSync(join(folder, damaged), '{"endpoint":');

  const second = await startBridge();
  expect(second.command.text()).toContain(`${join(folder, damaged)} cannot be read and is`);
  expect((await lookup(second)).split(',</')).toHaveLength(1);
  await second.command.kill('SIGKILL');
  expect((await startBridge()).command.text()).not.toContain('cannot be read');
});

it('has what it answered, whenever it is killed', async () => {
  const first = await startBridge();
  const base = await openLamp();
  const answered: string[] = [];
  const registering = (async () => {
    for (let index = 0; index < 200; index += 1) {
      const { code } = await register(first, `ep=n${index}`, `base=${base}`);
      if (code === 0x41) answered.push(`n${index}`);
    }
  })().catch(() => undefined);
  await eventually('some registrations', () => answered.length > 20 || undefined);
  await first.command.kill('SIGKILL');
  await first.coap.close();
  await registering;

  const kept = await lookup(await startBridge());
  for (const name of answered) expect(kept).toContain(`ep="${name}"`);
});

it('numbers events on, and gives who comes back the value of now', async () => {
  async function firstEvent({ http }: Running, headers: Record<string, string> = {}) {
    const response = await fetch(`${http}/nodes/bridge/names`, {
      headers: { accept: 'text/event-stream', ...headers },
    });
    const reader = response.body?.getReader();
    const text = new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    const [, id, data] = /^id: (\d+)\ndata: (.*)\n\n$/.exec(text) ?? [];
    return { id: Number(id), data };
  }
  const first = await startBridge();
  const before = await firstEvent(first);
  await first.command.kill('SIGKILL');
  const after = await firstEvent(await startBridge(), { 'last-event-id': String(before.id) });
  expect(after.id).toBeGreaterThan(before.id);
  expect(after.data).toBe(before.data);
});

it('goes on telling observers of its CoAP face', async () => {
  const spare = await openUdpServer();
  project.write('bridge.json', JSON.stringify({ port: 0, coapPort: spare.localPort }));
  await spare.close();
  const first = await startBridge();
  const base = await openLamp();
  const heard: string[] = [];
  first.coap.observe(
    { method: method.GET, path: '/rd-lookup/ep' },
    { next: ({ payload }) => heard.push(new TextDecoder().decode(payload)) },
  );
  await expect.poll(() => heard).toEqual(['']);
  const file = join(project.folder, '.radon', 'observations', '_coap.json');
  await eventually('the observer on disk', () => existsSync(file));
  await first.command.kill('SIGKILL');

  const second = await startBridge();
  await expect.poll(() => heard).toEqual(['', '']);
  await register(second, 'ep=lamp', `base=${base}`);
  await expect.poll(() => heard.at(-1)).toContain('ep="lamp"');
});

it('keeps the readings of listed resources', async () => {
  project.write('bridge.json', JSON.stringify({ port: 0, coapPort: 0, history: ['lamp/light'] }));
  const first = await startBridge();
  await register(first, 'ep=lamp', `base=${await openLamp(110, '[{"n":"lux","v":7,"t":1700000000}]')}`);
  const readings = async ({ http }: Running) => (await fetch(`${http}/nodes/lamp/light?limit=9`)).json();
  const expected = [{ n: 'lux', v: 7, t: 1_700_000_000 }];
  await expect.poll(() => readings(first)).toEqual(expected);
  await first.command.kill('SIGKILL');
  await closers.pop()?.();
  expect(await readings(await startBridge())).toEqual(expected);
});

it('ends when it is interrupted while it starts', async () => {
  const command = project.start('bridge');
  await eventually('the host node', () => existsSync(join(project.folder, '.radon', 'host', 'lock')));
  expect((await command.interrupt()).code).toBe(130);
});

it('starts after a kill that left the identity of its node empty', async () => {
  project.write('.radon/host/id', '');
  const { http } = await startBridge();
  const node = (await (await fetch(`${http}/nodes/bridge/node`)).json()) as { readonly id: string };
  expect(node.id).toMatch(/^[0-9a-f]{16}$/);
});
