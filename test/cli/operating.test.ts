/** The texts of docs/guide/operating.md as an operator uses them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../support/deadline.ts';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = readFileSync(join(root, 'docs/guide/operating.md'), 'utf8');

function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)?.[1];
  if (found === undefined) throw new Error(`the guide has no ${language}`);
  return found;
}

/** What is not there is skipped loudly: set-up does not install it. */
function isInstalled(program: string, ...args: string[]): boolean {
  const found = spawnSync(program, args).status === 0;
  if (!found) console.warn(`SKIPPED what needs ${program}: it is not installed`);
  return found;
}

const hasNginx = isInstalled('nginx', '-v');
const hasSystemd = isInstalled('systemd-analyze', '--version');

let project: Scratch;
let bridge: RunningCommand;
let port: string;
let token: string;
beforeAll(async () => {
  project = openScratch();
  bridge = project.start(
    ...['bridge', '--port', '0', '--coap-port', '0', '--require-token', '--allow-host', 'bridge.example'],
  );
  port = (await bridge.until(/^HTTP +http:\/\/127\.0\.0\.1:(\d+)\/$/m))[1] ?? '';
  token = (await bridge.until(/^token (\S+)$/m))[1] ?? '';
});
afterAll(() => project.close());

describe('the configuration', () => {
  it('is accepted, and its commands do what is said', async () => {
    for (const name of ['cert.pem', 'key.pem']) project.write(name, '');
    project.write('lan.json', block('json'));
    const { code, stdout } = await project.radon('config', '--config', 'lan.json', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      host: { value: '0.0.0.0', from: expect.stringMatching(/lan\.json/) },
      serial: { value: ['gauge-2=/dev/ttyACM0@115200'] },
    });
  });

  // `init` makes the project of the unit, on a machine that has none.
  const commands = /^(?:(\w+)=(\S+) )?npx --no-install radon (?!init)(.*)$/gm;
  it.each([...guide.matchAll(commands)].map((match) => [...match]))(
    '%s',
    async (_, name, value, args = '') => {
      const variables = name === undefined ? {} : { [name]: value };
      expect(await project.radonWith(variables, ...args.split(' '))).toMatchObject({ code: 0 });
    },
  );
});

describe('the unit of systemd', () => {
  it.skipIf(!hasSystemd)('is understood without a complaint', () => {
    // Neither the user nor the project is on this machine; what runs is.
    const unit = block('ini').replace('/usr/bin/node', process.execPath);
    project.write('radon-bridge.service', unit);
    const result = spawnSync('systemd-analyze', ['verify', './radon-bridge.service'], {
      cwd: project.folder,
      encoding: 'utf8',
    });
    const complaints = result.stderr.split('\n').filter((line) => line.includes('radon-bridge'));
    expect({ status: result.status, complaints }).toEqual({ status: 0, complaints: [] });
  });
});

describe('the container', () => {
  const recipe = block('dockerfile');
  const listOf = (instruction: string) =>
    JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(recipe)?.[1] ?? '[]') as string[];

  it('starts what is in the packages', () => {
    const [program, launcher = '', command] = listOf('ENTRYPOINT');
    expect([program, command]).toEqual(['node', 'bridge']);
    const args = [join(project.folder, launcher), 'bridge', '--help'];
    expect(spawnSync(process.execPath, args).status).toBe(0);
  });

  it('has a health check that knows a bridge that runs from one that does not', () => {
    const [, ...args] = listOf('HEALTHCHECK CMD');
    const checkAt = (at: string) =>
      spawnSync(
        process.execPath,
        args.map((arg) => arg.replace('8080', at)),
      ).status;
    expect([checkAt(port), checkAt('9')]).toEqual([0, 1]);
  });
});

describe.skipIf(!hasNginx)('behind nginx', () => {
  let outside: number;
  let nginx: ReturnType<typeof spawn>;

  beforeAll(async () => {
    outside = await freePort();
    project.write('nginx.conf', configuration());
    nginx = spawn('nginx', ['-p', project.folder, '-c', 'nginx.conf', '-e', 'nginx-error.log'], {
      stdio: 'inherit',
    });
    await eventually('nginx answers', () => ask('GET', '/healthz'));
  });
  afterAll(async () => {
    nginx.kill('SIGQUIT');
    await once(nginx, 'exit');
  });

  /** The text of the guide, on ports and with files of this test. */
  function configuration(): string {
    const tls = join(root, 'test/support/tls');
    const server = block('nginx')
      .replace('listen 443', `listen 127.0.0.1:${outside}`)
      .replace('http://127.0.0.1:8080', `http://127.0.0.1:${port}`)
      .replace('/etc/nginx/bridge.example.pem', join(tls, 'first.cert.pem'))
      .replace('/etc/nginx/bridge.example.key', join(tls, 'first.key.pem'));
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${kind};`,
    );
    return `daemon off; pid nginx.pid; events {}\nhttp { access_log off; ${paths.join(' ')}\n${server}\n}\n`;
  }

  const host = () => `bridge.example:${outside}`;

  function open(
    method: string,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    const all = { host: host(), authorization: `Bearer ${token}`, ...headers };
    return new Promise((resolve, reject) => {
      const options = {
        method,
        path,
        port: outside,
        host: '127.0.0.1',
        headers: all,
        rejectUnauthorized: false,
      };
      request(options, resolve).once('error', reject).end();
    });
  }

  async function ask(method: string, path: string, headers: Record<string, string> = {}) {
    const response = await open(method, path, headers);
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, headers: response.headers, body };
  }

  it('answers over TLS, asks for a token, and passes paths on as they are', async () => {
    expect(await ask('GET', '/nodes')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/nodes', { authorization: '' })).toMatchObject({ status: 401 });
    expect(await ask('GET', '/nodes', { host: 'elsewhere.example' })).toMatchObject({ status: 421 });
    const { body } = await ask('GET', '/nodes/a%2Fb/node');
    expect(JSON.parse(body)).toMatchObject({ title: 'NO_SUCH_NODE', details: { name: 'a/b' } });
    expect(await ask('GET', '/hc/coap://meter.example/x')).toMatchObject({ status: 403 });
  });

  it('lets pages of the bridge change something, no others', async () => {
    const own = await ask('POST', '/m/nobody', { origin: `https://${host()}` });
    expect(JSON.parse(own.body)).toMatchObject({ title: 'NO_SUCH_ATOM' });
    const other = await ask('POST', '/m/nobody', { origin: 'https://elsewhere.example' });
    expect(JSON.parse(other.body)).toMatchObject({ title: 'ORIGIN_NOT_ALLOWED' });
  });

  it('marks the cookie of the dashboard as one for TLS', async () => {
    const { status, headers } = await ask('POST', '/session');
    expect(status).toBe(204);
    expect(headers['set-cookie']?.[0]).toMatch(/HttpOnly.*SameSite=Strict.*; secure$/i);
  });

  it('hands on events as they come', async () => {
    const stream = await open('GET', '/nodes', { accept: 'text/event-stream' });
    const [first] = (await once(stream, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^id: \d+\ndata: \[/m);
    stream.destroy();
  });

  it('carries WebSockets', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${outside}/nodes`, {
      headers: { host: host(), authorization: `Bearer ${token}`, origin: `https://${host()}` },
      rejectUnauthorized: false,
    });
    const [text] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(text.toString())).toMatchObject({ data: [{ name: 'bridge' }] });
    socket.terminate();
  });
});

/** nginx takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
