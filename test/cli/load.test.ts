import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { code, createCoapContext } from '@radon/bridge/coap';
import { openUdpServer } from '@radon/bridge/link';
import type { LoadResult } from '@radon/bridge/load';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startCoapServer } from '../support/coap-server.ts';
import { describeWith, libcoap } from '../support/peers.ts';
import { type CommandResult, openScratch, type RunningCommand, type Scratch } from './command.ts';

type Report = LoadResult & { readonly ports?: number; readonly busy?: number };

let project: Scratch;
beforeAll(() => {
  project = openScratch();
});
afterAll(() => project.close());

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const load = (...args: string[]) => project.radon('load', ...args);
const reportOf = ({ stdout }: CommandResult) => JSON.parse(stdout.split('\n')[0] ?? '') as Report;

/** A CoAP server in this process; answers with the URI of its resources' parent. */
async function startCoap(handler: Parameters<typeof createCoapContext>[1]): Promise<string> {
  const link = await openUdpServer();
  const context = createCoapContext(link, handler);
  ends.push(() => context.close());
  return `coap://127.0.0.1:${link.localPort}`;
}

describe('load on a CoAP server', () => {
  it('asks with method, body and formats, counts codes, and ends with 1 for errors', async () => {
    const seen = new Set<string>();
    const base = await startCoap({
      handler: ({ code: method, path, body, contentFormat, accept }) => {
        seen.add(JSON.stringify([method, path, body.length, contentFormat, accept]));
        return path === '/gone' ? { code: code.notFound } : { code: code.changed, payload: body };
      },
    });
    const asked = await load(
      `${base}/x`,
      '--data',
      'hello',
      '--format',
      'json',
      '--accept',
      'cbor',
      '--clients',
      '3',
      '--rounds',
      '7',
      '--json',
    );
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect([...seen]).toEqual(['[2,"/x",5,50,60]']);
    const report = reportOf(asked);
    expect(report).toMatchObject({
      uri: `${base}/x`,
      method: 'POST',
      clients: 3,
      ports: 3,
      sent: 21,
      answered: 21,
      lost: 0,
      unfinished: 0,
      errors: 0,
      bytes: 105,
      codes: { '2.04': 21 },
      failures: {},
    });
    expect(report.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(21);
    expect(report.series.points.reduce((sum, { answered }) => sum + answered, 0)).toBe(21);
    expect(report.busy).toBeGreaterThan(0);

    const refused = await load(`${base}/gone`, '--method', 'delete', '--non', '--rounds', '2');
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('answers: 2 × 4.04') });
  });

  it('keeps to a rate, and draws it', async () => {
    const base = await startCoap({ handler: () => ({ code: code.content }) });
    const drawn = await load(
      `${base}/x`,
      '--rate',
      '100',
      '--duration',
      '1.5',
      '--plot',
      'load.svg',
      '--json',
    );
    expect(drawn).toMatchObject({ code: 0 });
    expect(reportOf(drawn)).toMatchObject({
      answered: 150,
      openLoop: { ratePerSecond: 100, due: 150, unsent: 0 },
    });
    const svg = readFileSync(join(project.folder, 'load.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*100 requests\/s due[\s\S]*<\/svg>\n$/);
    const reference = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');
    const { openLoop = {}, latency, series, ...others } = reportOf(drawn);
    const fields = [others, openLoop, latency, series, series.points[0] ?? {}].flatMap(Object.keys);
    expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(reference))).toEqual([]);
  });

  it('goes beyond the message IDs of a port with further ones, and ends when there may be none', async () => {
    const base = await startCoap({ handler: () => ({ code: code.content }) });
    const one = ['--clients', '1', '--rounds', '66000', '--json'];
    const [free, bound] = await Promise.all([
      load(`${base}/x`, ...one),
      load(`${base}/x`, ...one, '--ports', '1'),
    ]);
    expect(free).toMatchObject({ code: 0 });
    expect(reportOf(free)).toMatchObject({ answered: 66_000, lost: 0, ports: 2 });
    expect(bound).toMatchObject({
      code: 1,
      stderr:
        'radon load: The message IDs of a source port are spent, and no more than 1 may be used.\n  Allow more with --ports, or ask less: each is good for 60,000 requests in 247 s.\n',
    });
    expect(reportOf(bound)).toMatchObject({ answered: 60_000, lost: 0, ports: 1 });
  });

  it('tells retransmissions and losses', async () => {
    const base = await startForgetfulServer(1);
    const repeated = await load(`${base}/x`, '--rounds', '3', '--json');
    expect(repeated).toMatchObject({ code: 0 });
    expect(reportOf(repeated)).toMatchObject({ answered: 3, lost: 0, retransmissions: 1 });
    expect(reportOf(repeated).latency.max).toBeGreaterThan(1_900);
    const other = await startForgetfulServer(1);
    const lost = await load(`${other}/x`, '--rounds', '3', '--non', '--timeout', '0.5', '--json');
    expect(lost).toMatchObject({ code: 1 });
    expect(reportOf(lost)).toMatchObject({ sent: 3, answered: 2, lost: 1, failures: { TIMEOUT: 1 } });
  });

  it('ends at Ctrl-C with what there is', async () => {
    let asked = 0;
    let reached = () => {};
    const under = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const base = await startCoap({
      handler: () => {
        asked += 1;
        // Both clients wait for an answer that does not come: they have those before it.
        if (asked === 102) reached();
        return asked > 100 ? new Promise(() => undefined) : { code: code.content };
      },
    });
    const args = [`${base}/x`, '--duration', '60', '--clients', '2', '--plot', 'cut.svg', '--json'];
    const command = project.start('load', ...args);
    await under;
    const ended = await command.interrupt();
    expect(ended).toMatchObject({ code: 130, stderr: '' });
    expect(reportOf(ended)).toMatchObject({ answered: 100, lost: 0 });
    expect(reportOf(ended).unfinished).toBeGreaterThan(0);
    expect(readFileSync(join(project.folder, 'cut.svg'), 'utf8')).toContain('100 answered');
  });
});

/** A server of a few lines: takes no notice of the first requests, answers all others with 2.05 and pings with RST. */
async function startForgetfulServer(forgotten: number): Promise<string> {
  const socket = createSocket('udp4');
  let left = forgotten;
  socket.on('message', (request, { port, address }) => {
    const tokenEnd = 4 + ((request[0] ?? 0) & 15);
    const isPing = request[1] === 0;
    if (!isPing && left-- > 0) return;
    const answer = Buffer.from(request.subarray(0, tokenEnd));
    const isConfirmable = ((request[0] ?? 0) & 0x30) === 0;
    answer[0] = ((request[0] ?? 0) & 0xcf) | (isPing ? 0x30 : isConfirmable ? 0x20 : 0x10);
    answer[1] = isPing ? 0 : 0x45;
    socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  ends.push(() => socket.close());
  return `coap://127.0.0.1:${socket.address().port}`;
}

describeWith(libcoap, "load on libcoap's server", () => {
  it('is answered in both loops, confirmable or not', async () => {
    const server = await startCoapServer();
    ends.push(() => server.close());
    const closed = await load(`${server.base}/`, '--clients', '8', '--rounds', '50', '--json');
    expect(reportOf(closed)).toMatchObject({ answered: 400, lost: 0, ports: 8, codes: { '2.05': 400 } });
    const open = await load(`${server.base}/time`, '--rate', '200', '--duration', '1', '--non', '--json');
    expect(open).toMatchObject({ code: 0 });
    expect(reportOf(open)).toMatchObject({ answered: 200, lost: 0, openLoop: { due: 200, unsent: 0 } });
    // Its root is GET only.
    const refused = await load(`${server.base}/`, '--data', 'x', '--rounds', '3', '--json');
    expect(refused).toMatchObject({ code: 1 });
    expect(reportOf(refused)).toMatchObject({ errors: 3, codes: { '4.05': 3 } });
  });
});

describe('load on the HTTP face of a bridge', () => {
  let bridge: RunningCommand;
  let url = '';
  beforeAll(async () => {
    bridge = project.start(
      ...['bridge', '--require-token', '--rate-limit', '30', '--port', '0', '--coap-port', '0'],
    );
    [, url = ''] = await bridge.until(/^HTTP +(\S+)\/$/m);
    const token = await project.radon('tokens', 'create', '--right', 'read', 'load');
    project.write('token.txt', token.stdout);
    project.write('empty.txt', '\n');
  });
  afterAll(() => bridge?.interrupt());

  it('has the token of a file, and meets the rate limit', async () => {
    const asked = await load(
      `${url}/nodes`,
      '--token-file',
      'token.txt',
      '--clients',
      '4',
      '--rounds',
      '10',
      '--json',
    );
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(asked)).toMatchObject({ method: 'GET', clients: 4, answered: 40, codes: { '200': 40 } });
    expect(reportOf(asked).ports).toBeUndefined();
    const limited = await load(
      `${url}/nodes`,
      '--token-file',
      'token.txt',
      '--clients',
      '8',
      '--rounds',
      '100',
      '--json',
    );
    expect(limited.code).toBe(1);
    const { codes, answered, errors } = reportOf(limited);
    expect(codes['200']).toBeGreaterThan(10);
    expect([answered, codes['429']]).toEqual([800, errors]);
  });

  it('is refused without a token, and says so', async () => {
    const refused = await load(`${url}/nodes`, '--rounds', '3');
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('answers: 3 × 401') });
    expect(await load(`${url}/nodes`, '--token-file', 'empty.txt')).toMatchObject({
      code: 2,
      stderr:
        'radon load: The file empty.txt holds no token.\n  One line, as radon tokens create prints it.\n',
    });
  });
});

describe('load from a machine with few files', () => {
  it.each(['coap', 'http'])('ends with what there is (%s)', async (scheme) => {
    const coap = await startCoap({ handler: () => ({ code: code.content }) });
    const server = createServer((_request, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const http = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const launcher = fileURLToPath(new URL('../../toolchain/bin/radon.js', import.meta.url));
    const args = ['load', `${scheme === 'coap' ? coap : http}/x`, '--clients', '200', '--duration', '20'];
    const script = 'ulimit -n 100; exec "$@"';
    const run = promisify(execFile)('sh', ['-c', script, 'sh', process.execPath, launcher, ...args]);
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^radon load: No .* can be opened .*\n {2}Raise the limit of open files \(ulimit -n\)/,
      ),
    });
  });
});

describe('load on an HTTP server', () => {
  it('shows a stall of one second in the percentiles of a rate', async () => {
    let asked = 0;
    let stall = Promise.resolve();
    const server = createServer((_request, response) => {
      asked += 1;
      if (asked === 200) stall = sleep(1_000);
      void stall.then(() => response.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const result = await load(url, '--rate', '200', '--duration', '3', '--clients', '300', '--json');
    expect(result).toMatchObject({ code: 0 });
    const { latency, openLoop } = reportOf(result);
    expect(openLoop).toMatchObject({ due: 600, unsent: 0 });
    expect(latency.p99).toBeGreaterThan(900);
    expect(latency.p50).toBeLessThan(500);
  });

  it("is not begun when the certificate is nobody's", async () => {
    const [key, cert] = ['key', 'cert'].map((kind) =>
      readFileSync(fileURLToPath(new URL(`../support/tls/first.${kind}.pem`, import.meta.url))),
    );
    const server = createTlsServer({ key, cert }, (_request, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await load(`https://127.0.0.1:${port}/`)).toMatchObject({
      code: 3,
      stderr: `radon load: The certificate of 127.0.0.1:${port} cannot be verified.\n  Name one to trust in the environment: NODE_EXTRA_CA_CERTS=FILE.\n`,
    });
  });
});
