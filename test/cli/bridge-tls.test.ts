import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openScratch, type RunningCommand, type Scratch } from './command.ts';

const given = fileURLToPath(new URL('../support/tls/', import.meta.url));

let project: Scratch;
let bridge: RunningCommand;
beforeAll(async () => {
  project = openScratch();
  place('first');
  project.write('bridge.json', '{"port": 0, "coapPort": 0, "tlsCert": "cert.pem", "tlsKey": "key.pem"}');
  bridge = project.start('bridge');
});
afterAll(() => project.close());

function place(name: string): void {
  for (const kind of ['cert', 'key'])
    copyFileSync(join(given, `${name}.${kind}.pem`), join(project.folder, `${kind}.pem`));
}

/** Name in the certificate of the server. */
function nameAt(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      resolve(typeof CN === 'string' ? CN : undefined);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

it('serves HTTPS with the files that its configuration names, and reads them again at SIGHUP', async () => {
  const [, port = ''] = await bridge.until(/^HTTP +https:\/\/127\.0\.0\.1:(\d+)\/$/m);
  expect(await nameAt(Number(port))).toBe('first');
  place('second');
  bridge.process.kill('SIGHUP');
  await bridge.until(/TLS: certificate and key read again/);
  expect(await nameAt(Number(port))).toBe('second');
});

it('logs what is changed', async () => {
  const [, port = ''] = await bridge.until(/^CoAP +coap:\/\/127\.0\.0\.1:(\d+)\//m);
  await project.radon('post', `coap://127.0.0.1:${port}/m/nobody`, '--data', 'x');
  const lines = readFileSync(join(project.folder, '.radon', 'audit.log'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      time: expect.stringMatching(/^20/),
      client: '127.0.0.1',
      method: 'POST',
      path: '/m/nobody',
      status: '4.04',
    },
  ]);
});
