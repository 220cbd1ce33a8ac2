import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAiocoap } from '../support/aiocoap-client.ts';
import { coapClient } from '../support/coap-client.ts';
import { type CoapServer, startCoapServer } from '../support/coap-server.ts';
import { aiocoap, describeWith, libcoap } from '../support/peers.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

let project: TestProject;
let server: CoapServer;

async function open() {
  server = await startCoapServer();
  project = await openTestProject();
  await project.openBridge({ requestHosts: [server.authority] });
}

async function close() {
  await project?.close();
  await server?.close();
}

describeWith(libcoap, "the bridge as libcoap's proxy", () => {
  beforeAll(open);
  afterAll(close);

  it('reaches a node by its name', async () => {
    const { codes, body } = await coapClient('coap://bridge/node', '-A', '50', '-P', project.bridge.coap);
    expect(codes.at(-1)).toBe('2.05');
    expect(JSON.parse(body.toString())).toMatchObject({ name: 'bridge' });
  });

  it("reaches libcoap's server, which is listed", async () => {
    const { codes, body } = await coapClient(`${server.base}/`, '-P', project.bridge.coap);
    expect(codes.at(-1)).toBe('2.05');
    expect(body.toString()).toContain('libcoap');
  });

  it('is no proxy for other hosts and schemes', async () => {
    const other = await coapClient('coap://meter.example/x', '-P', project.bridge.coap);
    expect(other.codes).toEqual(['5.05']);
  });
});

describeWith(aiocoap, "the bridge as aiocoap's proxy", () => {
  beforeAll(open);
  afterAll(close);

  it('reaches a node and a listed server', async () => {
    const ask = (uri: string) => askAiocoap({ uri, method: 'GET', proxy: project.bridge.coap });
    expect(await ask('coap://bridge/node')).toMatchObject({ code: '2.05' });
    expect((await ask(`${server.base}/`)).body.toString()).toContain('libcoap');
    expect(await ask('coap://meter.example/x')).toMatchObject({ code: '5.05' });
  });
});
