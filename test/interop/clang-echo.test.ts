import { readFileSync, writeFileSync } from 'node:fs';
import { formatCode } from '@radon/bridge/coap';
import { pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { packModule, signImage } from '@radon/toolchain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clang, compileCEcho } from '../support/c-atoms.ts';
import { describeWith } from '../support/peers.ts';
import { nodeRequest, readDocument } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

describeWith(clang, 'the echo in C', () => {
  let project: TestProject;
  let module: string;
  const nodes = new Map<string, NodePort>();
  beforeAll(async () => {
    project = await openTestProject();
    await project.startBoard('gauge-1', 'posix');
    await project.openBridge();
    module = compileCEcho(project.workspace.root);
    const built = await packModule(module, { measure: project.workspace });
    console.info(`echo in C: ${built.sizes.total} bytes of wasm, ${built.need?.run} bytes of RAM to run`);
    for (const name of ['gauge-1', 'bridge']) {
      const node = await project.node(name);
      await project.push(node, 'echo');
      await pushImage(node, signImage(project.workspace, built));
      nodes.set(name, node);
    }
  });
  afterAll(() => project?.close());

  async function say(name: string, atom: string, verb: 'POST' | 'PUT' | 'GET', body: Uint8Array) {
    const more = { contentFormat: contentFormat.CBOR };
    const response = await nodes.get(name)?.request(nodeRequest(verb, `/a/${atom}/say`, body, more));
    const { code = 0, contentFormat: format, payload } = response ?? {};
    return { code: formatCode(code), format, payload: payload && Buffer.from(payload).toString('hex') };
  }

  const bodies = [0, 1, 100, 256].map((length) =>
    Uint8Array.from({ length }, (_, place) => (place * 7) & 0xff),
  );

  it.each(['gauge-1', 'bridge'])('answers on %s as the one in AssemblyScript', async (name) => {
    for (const body of bodies) {
      const answer = await say(name, 'echo-c', 'POST', body);
      expect(answer).toMatchObject({ code: '2.05', payload: Buffer.from(body).toString('hex') });
      expect(answer).toEqual(await say(name, 'echo', 'POST', body));
    }
    const nothing = new Uint8Array(0);
    for (const verb of ['PUT', 'GET'] as const)
      expect(await say(name, 'echo-c', verb, nothing)).toEqual(await say(name, 'echo', verb, nothing));
    const tooLarge = new Uint8Array(257);
    expect(await say(name, 'echo-c', 'POST', tooLarge)).toMatchObject({ code: '4.13' });
  });

  it.each(['gauge-1', 'bridge'])('is alive on %s after a thousand requests', async (name) => {
    for (let turn = 0; turn < 1000; turn += 1) await say(name, 'echo-c', 'POST', Uint8Array.of(turn & 0xff));
    expect(await readDocument(nodes.get(name) as NodePort, '/atoms/echo-c')).toMatchObject({
      restarts: 0,
      phase: 'SUSPENDED',
    });
  });

  it('is refused with numbers where its memory does not hold stack and data', async () => {
    const file = `${module}.small.json`;
    const atom = JSON.parse(readFileSync(module.replace('echo.wasm', 'atom.json'), 'utf8'));
    writeFileSync(file, JSON.stringify({ ...atom, limits: { ...atom.limits, memory: 512 } }));
    await expect(packModule(module, { configurationFile: file })).rejects.toThrow(
      /^Stack and static data take 528 bytes; limits.memory in atom.json is 512\.$/,
    );
  });
});
