import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AiocoapRegistrant, startAiocoapRegistrant } from '../support/aiocoap-registrant.ts';
import { coapClient, coapObserve } from '../support/coap-client.ts';
import { type CoapServer, startCoapServer } from '../support/coap-server.ts';
import { eventually } from '../support/deadline.ts';
import { openEventStream } from '../support/event-stream.ts';
import { aiocoap, describeWith, libcoap } from '../support/peers.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

let project: TestProject;
const closers: (() => Promise<void>)[] = [];

async function open() {
  project = await openTestProject();
  await project.openBridge({ requestHosts: ['127.0.0.1'] });
}

async function close() {
  for (const closeOne of closers.splice(0)) await closeOne();
  await project?.close();
}

async function statusOf(path: string) {
  return (await fetch(`${project.bridge.url}${path}`)).status;
}

function post(path: string, ...options: string[]) {
  return coapClient(`${project.bridge.coap}${path}`, '-m', 'post', ...options);
}

/** The path a 2.01 named. */
function locationOf(log: string): string {
  return `/${[...log.matchAll(/Location-Path:([^,\s]+)/g)].map(([, segment]) => segment).join('/')}`;
}

describeWith(libcoap, "libcoap's server, registered with libcoap's client", () => {
  let server: CoapServer;
  const links = '</time>;rt="ticks";if="clock",</example_data>;ct=0';
  const register = (ep: string, ...further: string[]) =>
    post(`/rd?${[`ep=${ep}`, `base=${server.base}`, ...further].join('&')}`, '-t', '40', '-e', links);

  beforeAll(async () => {
    server = await startCoapServer();
    closers.push(() => server.close());
    await open();
  });
  afterAll(close);

  it('finds the directory', async () => {
    const { body } = await coapClient(`${project.bridge.coap}/.well-known/core?rt=core.rd*`);
    expect(body.toString()).toBe(
      '</rd>;rt="core.rd";ct=40,</rd-lookup/ep>;rt="core.rd-lookup-ep";ct=40;obs,</rd-lookup/res>;rt="core.rd-lookup-res";ct=40;obs',
    );
  });

  it('is a node from then on, with its links, until it is removed', async () => {
    const { codes, log } = await register('Clock.1');
    expect(codes).toEqual(['2.01']);
    await project.node('clock-1');
    expect(await statusOf('/nodes/clock-1/time')).toBe(200);
    const state = await (await fetch(`${project.bridge.url}/nodes/clock-1`)).json();
    expect(state).toMatchObject({ name: 'clock-1', kind: 'foreign', link: 'up', coap: server.base });
    const { body } = await coapClient(`${project.bridge.coap}/.well-known/core?rt=ticks`);
    expect(body.toString()).toBe('</nodes/clock-1/time>;rt="ticks";if="clock"');
    expect(await statusOf('/services/ticks')).toBe(200);
    expect((await coapClient(`${project.bridge.coap}/services/ticks`)).codes).toEqual(['2.05']);

    expect((await coapClient(`${project.bridge.coap}${locationOf(log)}`, '-m', 'delete')).codes).toEqual([
      '2.02',
    ]);
    expect(await statusOf('/nodes/clock-1')).toBe(404);
  });

  it('is written to, and observed through the bridge', async () => {
    await register('clock-2');
    await project.node('clock-2');
    const observer = coapObserve(`${project.bridge.coap}/nodes/clock-2/example_data`);
    try {
      await observer.next();
      const put = await coapClient(
        `${project.bridge.coap}/nodes/clock-2/example_data`,
        ...['-m', 'put', '-t', '0', '-e', 'new'],
      );
      expect(put.codes).toEqual(['2.04']);
      expect(await observer.next()).toBe('new');
    } finally {
      await observer.close();
    }
  });

  it('is found by lookup, in pages', async () => {
    await register('clock-3', 'd=hall', 'et=clock');
    const look = async (query: string) =>
      (await coapClient(`${project.bridge.coap}/rd-lookup/${query}`)).body.toString();
    expect(await look('res?ep=clock-3&rt=ticks')).toBe(`<${server.base}/time>;rt="ticks";if="clock"`);
    expect(await look('ep?et=clock')).toMatch(
      new RegExp(
        `^</rd/[0-9a-f]{8}>;et="clock";base="${server.base}";ep="clock-3";d="hall";rt="core.rd-ep"$`,
      ),
    );
    expect(await look('res?ep=clock-3&count=1&page=1')).toBe(`<${server.base}/example_data>;ct=0`);
  });

  it('goes when its lifetime is over, and stays while it is renewed', async () => {
    const { log } = await register('clock-4', 'lt=1');
    expect(await statusOf('/nodes/clock-4')).toBe(200);
    expect((await post(`${locationOf(log)}?lt=60`)).codes).toEqual(['2.04']);
    await register('clock-5', 'lt=1');
    await eventually('the end of the lifetime', async () => (await statusOf('/nodes/clock-5')) === 404);
    expect(await statusOf('/nodes/clock-4')).toBe(200);
  });

  it('is streamed as a service; the end of its lifetime is a loss, a new registration its return', async () => {
    const only = '</time>;rt="uptime";obs';
    const registerFor = (ep: string, seconds: number) =>
      post(`/rd?ep=${ep}&base=${server.base}&lt=${seconds}`, '-t', '40', '-e', only);
    await registerFor('clock-6', 3);
    await project.node('clock-6');
    const stream = await openEventStream(`${project.bridge.url}/services/uptime`);
    closers.push(async () => stream.close());
    const provider = (ep: string) => ({ event: 'provider', data: `{"href":"/nodes/${ep}/time"}` });
    const upTo = async (wanted: string) => {
      const passed = [];
      do passed.push(await stream.next());
      while (passed.at(-1)?.event !== wanted);
      return passed;
    };
    expect(await stream.next()).toEqual(provider('clock-6'));
    const values = (await upTo('lost')).slice(0, -1);
    expect(values.length).toBeGreaterThanOrEqual(2);
    expect(new Set(values.map(({ data }) => data)).size).toBe(values.length);
    expect(await statusOf('/services/uptime')).toBe(404);
    await registerFor('clock-7', 60);
    expect((await upTo('provider')).slice(-2)).toEqual([{ event: 'back', data: '{}' }, provider('clock-7')]);
    expect(await stream.next()).toMatchObject({ event: 'message' });
  });

  it('is streamed without a registration, where it is listed', async () => {
    const stream = await openEventStream(`${project.bridge.url}/hc/${server.base}/time`);
    closers.push(async () => stream.close());
    const first = await stream.next();
    expect(await stream.next()).not.toEqual(first);
    const refused = await fetch(`${project.bridge.url}/hc/coap://192.0.2.1/time`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(refused.status).toBe(403);
  });

  it('that lies is refused, and nothing else is affected', async () => {
    const before = project.bridge.registry.list().length;
    const refused = async (path: string, ...options: string[]) => (await post(path, ...options)).codes.at(-1);
    const body = ['-t', '40', '-e', '</x>'];
    expect(await refused('/rd?ep=evil&base=coap://192.0.2.1', ...body)).toBe('4.00');
    expect(await refused('/rd?ep=bridge', ...body)).toBe('4.09');
    expect(await refused('/rd?ep=evil&lt=99999999', ...body)).toBe('4.00');
    expect(await refused('/rd?ep=evil', '-t', '40', '-e', '</x')).toBe('4.00');
    expect(await refused('/rd?ep=evil', '-t', '50', '-e', '[]')).toBe('4.15');
    expect(await refused('/rd/00000000')).toBe('4.04');
    expect(project.bridge.registry.list()).toHaveLength(before);
    expect(await statusOf('/nodes/bridge/node')).toBe(200);
  });
});

describeWith(aiocoap, 'aiocoap', () => {
  let registrant: AiocoapRegistrant | undefined;
  const start = (way: 'registerer' | 'simple') => startAiocoapRegistrant(project.bridge.coap, way);

  beforeAll(open);
  afterAll(close);
  beforeEach(() => {
    registrant = undefined;
    closers.push(async () => registrant?.close());
  });

  it.each(['registerer', 'simple'] as const)('registers its own server (%s)', async (way) => {
    registrant = start(way);
    await project.node('aiocoap-1');
    expect(await statusOf('/nodes/aiocoap-1/whoami')).toBe(200);
    const links = await fetch(`${project.bridge.url}/.well-known/core?rt=who`, {
      headers: { accept: 'application/json' },
    });
    expect(await links.json()).toMatchObject([{ href: '/nodes/aiocoap-1/whoami', rt: 'who' }]);
    await registrant.close();
    if (way === 'registerer')
      await eventually('its removal', async () => (await statusOf('/nodes/aiocoap-1')) === 404);
  });
});
