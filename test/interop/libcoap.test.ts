import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFields, toHex } from '@radon/bridge/fields';
import { decodeProblem } from '@radon/bridge/problem';
import type { NodePort } from '@radon/bridge/registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { coapClient, coapObserve } from '../support/coap-client.ts';
import { describeWith, libcoap } from '../support/peers.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

/** Where the client talks to, and how the paths of a node begin there. */
const faces = [
  {
    face: "a board's UDP port",
    atom: 'rain',
    base: (project: TestProject) => boardOf(project).state().coap ?? '',
  },
  {
    face: "the bridge's CoAP face",
    atom: 'blink',
    base: (project: TestProject) => `${project.bridge.coap}/nodes/gauge`,
  },
] as const;

const boardOf = (project: TestProject): NodePort => {
  const node = project.bridge.registry.get('gauge');
  if (node === undefined) throw new Error('the bridge has lost the board');
  return node;
};

describeWith(libcoap, "libcoap's client", () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
    await project.push(node, 'echo');
  });
  afterAll(() => project?.close());

  it('discovers the board on its port', async () => {
    const { codes, body } = await coapClient(`${node.state().coap}/.well-known/core`);
    expect(codes.at(-1)).toBe('2.05');
    expect(body.toString()).toContain('</a/echo/say>;title="answers with the body of a POST"');
  });

  it('discovers every node on the bridge, filtered by a query', async () => {
    const { codes, body } = await coapClient(`${project.bridge.coap}/.well-known/core?rt=radon.node`);
    expect(codes.at(-1)).toBe('2.05');
    const links = body.toString().split(',<');
    expect(links.map((link) => link.replace(/^<?([^>]*)>.*/s, '$1'))).toEqual([
      '/nodes/bridge',
      '/nodes/bridge/node',
      '/nodes/gauge',
      '/nodes/gauge/node',
    ]);
  });

  it.each(faces)('gets the state of the board as JSON at $face', async ({ base }) => {
    const { codes, body } = await coapClient(`${base(project)}/node`, '-A', '50');
    expect(codes.at(-1)).toBe('2.05');
    expect(JSON.parse(body.toString())).toMatchObject({ name: 'gauge', board: 'netduinoplus2' });
  });

  it.each(faces)('puts a long representation together from blocks of 64 bytes at $face', async ({ base }) => {
    const { codes, blocks, body } = await coapClient(`${base(project)}/node`, '-A', '50', '-b', '64');
    expect(new Set(codes)).toEqual(new Set(['2.05']));
    expect(blocks).toBe(Math.ceil(body.length / 64));
    expect(blocks).toBeGreaterThan(3);
    expect(JSON.parse(body.toString())).toMatchObject({ name: 'gauge' });
  });

  it.each(faces)('posts to an atom at $face, confirmable and not', async ({ base }) => {
    for (const type of [[], ['-N']]) {
      const answer = await coapClient(
        `${base(project)}/a/echo/say`,
        '-m',
        'post',
        '-t',
        '0',
        '-e',
        'hi',
        ...type,
      );
      expect([answer.codes, answer.body.toString()]).toEqual([['2.05'], 'hi']);
    }
  });

  it.each(faces)('is told what is wrong, as problem details, at $face', async ({ base }) => {
    const missing = await coapClient(`${base(project)}/a/nobody/here`);
    expect(missing.codes).toEqual(['4.04']);
    expect(missing.log).toContain('Content-Format:257');
    const method = await coapClient(`${base(project)}/a/echo/say`, '-m', 'put', '-e', 'x');
    expect(method.codes).toEqual(['4.05']);
  });

  it("is refused control requests at the board's port, which the bridge's face passes", async () => {
    const put = ['-m', 'put', '-t', '0', '-e', '2.5'];
    const refused = await coapClient(`${node.state().coap}/io/rain0`, ...put);
    expect(refused.codes).toEqual(['4.03']);
    const done = await coapClient(`${project.bridge.coap}/nodes/gauge/io/rain0`, ...put);
    expect(done.codes).toEqual(['2.04']);
  });

  it.each(faces)('deploys a signed atom block by block at $face', async ({ base, atom }) => {
    const image = await project.image(atom);
    const manifest = join(project.workspace.root, 'manifest.cose');
    const code = join(project.workspace.root, 'code.wasm');
    writeFileSync(manifest, image.manifestFile);
    writeFileSync(code, image.code);
    const { digest, size } = image.manifest.payloads[0];

    const announced = await coapClient(
      `${base(project)}/atoms/${atom}`,
      '-m',
      'put',
      '-t',
      '18',
      '-f',
      manifest,
    );
    expect(announced.codes).toEqual(['2.01']);
    expect(decodeFields(announced.body)).toEqual({ missing: [{ digest, size, have: 0 }] });
    expect(await readDocument(node, `/atoms/${atom}`)).toMatchObject({ phase: 'WAITING' });

    const put = ['-m', 'put', '-t', '42', '-b', '256', '-f', code];
    const sent = await coapClient(`${base(project)}/images/${toHex(digest)}`, ...put);
    expect(sent.codes).toEqual([...new Array(Math.ceil(size / 256) - 1).fill('2.31'), '2.01']);
    expect(await readDocument(node, `/atoms/${atom}`)).toMatchObject({ phase: 'SUSPENDED' });
  });

  it.each(faces)('is refused code that nobody signed at $face', async ({ base }) => {
    const file = join(project.workspace.root, 'stray');
    writeFileSync(file, Buffer.alloc(300, 1));
    const { codes, log } = await coapClient(
      `${base(project)}/images/${'ab'.repeat(32)}`,
      ...['-m', 'put', '-t', '42', '-b', '128', '-f', file],
    );
    expect(codes.at(-1), log).toBe('4.03');
  });

  it.each(faces)('observes the readings of an atom at $face', async ({ base }) => {
    const observer = coapObserve(`${base(project)}/a/rain/level`, '-A', '110');
    try {
      const latest = (line: string) => (JSON.parse(line) as { v: number }[])[0]?.v;
      await observer.next();
      for (const reading of [0.3, 1.5, 22.1]) {
        await setChannel(node, 'rain0', reading);
        expect(latest(await observer.next())).toBe(reading);
      }
    } finally {
      await observer.close();
    }
  });

  it.each(faces)('gets through a lossy network at $face', async ({ base }) => {
    // The client leaves out its first datagram, and the server's answer to the second meets a repeat of the request.
    const { codes, body } = await coapClient(
      `${base(project)}/a/echo/say`,
      ...['-m', 'post', '-t', '0', '-e', 'again', '-l', '1'],
    );
    expect([codes, body.toString()]).toEqual([['2.05'], 'again']);
  });

  it('reads problem details that the bridge wrote', async () => {
    const { codes, log } = await coapClient(`${project.bridge.coap}/nodes/nobody`);
    expect(codes).toEqual(['4.04']);
    const hex = /<<([0-9a-f]+)>>/.exec(log)?.[1] ?? '';
    expect(decodeProblem(new Uint8Array(Buffer.from(hex, 'hex')))).toMatchObject({
      title: 'NO_SUCH_NODE',
      details: { name: 'nobody' },
    });
  });
});
