import { decodeFields, toHex } from '@radon/bridge/fields';
import { decodeProblem } from '@radon/bridge/problem';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAiocoap, startAiocoap } from '../support/aiocoap-client.ts';
import { aiocoap, describeWith } from '../support/peers.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

describeWith(aiocoap, 'aiocoap', () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
    await project.push(node, 'echo');
  });
  afterAll(() => project?.close());

  const faces = [
    { face: "a board's UDP port", atom: 'rain', base: () => node.state().coap ?? '' },
    { face: "the bridge's CoAP face", atom: 'blink', base: () => `${project.bridge.coap}/nodes/gauge` },
  ] as const;

  it('discovers resources at both', async () => {
    const board = await askAiocoap({ method: 'GET', uri: `${node.state().coap}/.well-known/core` });
    expect([board.code, board.format]).toEqual(['2.05', contentFormat.LINK_FORMAT]);
    expect(board.body.toString()).toContain('</node>;rt="radon.node"');
    const bridge = await askAiocoap({ method: 'GET', uri: `${project.bridge.coap}/.well-known/core` });
    expect(bridge.body.toString()).toContain('</nodes/gauge/a/echo/say>');
    expect(bridge.body.toString()).toContain('</nodes/bridge/node>');
  });

  it.each(faces)('gets the state of the board as JSON at $face', async ({ base }) => {
    const answer = await askAiocoap({ method: 'GET', uri: `${base()}/node`, accept: contentFormat.JSON });
    expect([answer.code, answer.format]).toEqual(['2.05', contentFormat.JSON]);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ name: 'gauge', safeMode: false });
  });

  it.each(faces)('puts a long representation together from blocks of 64 bytes at $face', async ({ base }) => {
    const uri = `${base()}/node`;
    const { code, body } = await askAiocoap({ method: 'GET', uri, accept: contentFormat.JSON, block: 64 });
    expect(code).toBe('2.05');
    expect(JSON.parse(body.toString())).toMatchObject({ name: 'gauge' });
  });

  it('asks the board for each block that its port is asked for', async () => {
    const messagesIn = async () =>
      ((await readDocument(node, '/node')).counters as { messagesIn: number }).messagesIn;
    const before = await messagesIn();
    const uri = `${node.state().coap}/node`;
    const { body } = await askAiocoap({ method: 'GET', uri, accept: contentFormat.JSON, block: 64 });
    expect((await messagesIn()) - before).toBeGreaterThan(body.length / 64);
  });

  it.each(faces)('posts to an atom at $face, confirmable and not', async ({ base }) => {
    for (const confirmable of [true, false]) {
      const uri = `${base()}/a/echo/say`;
      const answer = await askAiocoap({ method: 'POST', uri, format: 0, payload: 'grüße', confirmable });
      expect([answer.code, answer.format, answer.body.toString()]).toEqual(['2.05', 0, 'grüße']);
    }
  });

  it.each(faces)('is told what is wrong, as problem details, at $face', async ({ base }) => {
    const answer = await askAiocoap({ method: 'GET', uri: `${base()}/a/nobody/here` });
    expect([answer.code, answer.format]).toEqual(['4.04', contentFormat.PROBLEM_DETAILS]);
    expect(decodeProblem(answer.body)).toMatchObject({ title: 'NO_SUCH_ATOM', details: { name: 'nobody' } });
  });

  it("is refused control requests at the board's port, which the bridge's face passes", async () => {
    const put = { method: 'PUT', format: 0, payload: '2.5' } as const;
    const refused = await askAiocoap({ ...put, uri: `${node.state().coap}/io/rain0` });
    expect([refused.code, decodeProblem(refused.body)?.title]).toEqual(['4.03', 'FORBIDDEN_HERE']);
    const done = await askAiocoap({ ...put, uri: `${project.bridge.coap}/nodes/gauge/io/rain0` });
    expect(done.code).toBe('2.04');
  });

  it.each(faces)('deploys a signed atom block by block at $face', async ({ base, atom }) => {
    const { manifestFile, manifest, code } = await project.image(atom);
    const { digest, size } = manifest.payloads[0];
    const announced = await askAiocoap({
      method: 'PUT',
      uri: `${base()}/atoms/${atom}`,
      format: contentFormat.COSE_SIGN1,
      payload: manifestFile,
    });
    expect(announced.code).toBe('2.01');
    expect(decodeFields(announced.body)).toEqual({ missing: [{ digest, size, have: 0 }] });
    const sent = await askAiocoap({
      method: 'PUT',
      uri: `${base()}/images/${toHex(digest)}`,
      format: contentFormat.OCTET_STREAM,
      payload: code,
      block: 512,
    });
    expect(sent.code).toBe('2.01');
    expect(await readDocument(node, `/atoms/${atom}`)).toMatchObject({ phase: 'SUSPENDED' });
  });

  it.each(faces)('observes the readings of an atom at $face', async ({ base }) => {
    const readings = [0.3, 1.5, 22.1];
    const observer = startAiocoap({
      method: 'GET',
      uri: `${base()}/a/rain/level`,
      accept: contentFormat.SENML_JSON,
      observe: readings.length,
    });
    try {
      expect((await observer.next()).code).toBe('2.05');
      for (const reading of readings) {
        await setChannel(node, 'rain0', reading);
        const { body } = await observer.next();
        expect(JSON.parse(body.toString())).toMatchObject([{ n: 'latest', v: reading }, {}, {}]);
      }
    } finally {
      await observer.close();
    }
  });
});
