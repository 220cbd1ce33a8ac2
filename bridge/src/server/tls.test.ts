import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../device/logger.ts';
import { type Bridge, createBridge } from './bridge.ts';
import { readTlsFiles } from './tls.ts';

const given = fileURLToPath(new URL('../../../test/support/tls/', import.meta.url));

let folder: string;
let bridge: Bridge | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-tls-'));
});
afterEach(async () => {
  await bridge?.close();
  bridge = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function place(cert: string, key = cert) {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  copyFileSync(join(given, `${cert}.cert.pem`), files.cert);
  copyFileSync(join(given, `${key}.key.pem`), files.key);
  return files;
}

async function open(tls = place('first')): Promise<Bridge> {
  bridge = await createBridge({ radonFolder: folder, port: 0, coapPort: 0, emulatedBoards: false, tls });
  return bridge;
}

/** Status of `/healthz`, the name in the certificate, the version of TLS. */
function look(url: string) {
  return new Promise<readonly unknown[]>((resolve, reject) => {
    const asked = get(`${url}/healthz`, { rejectUnauthorized: false, agent: false }, (reply) => {
      const socket = reply.socket as TLSSocket;
      resolve([reply.statusCode, socket.getPeerCertificate().subject.CN, socket.getProtocol()]);
      reply.resume();
    });
    asked.once('error', reject);
  });
}

test('HTTP and WebSockets go over TLS, and plain HTTP no more', async () => {
  const { url } = await open();
  expect(url).toMatch(/^https:/);
  expect(await look(url)).toEqual([200, 'first', 'TLSv1.3']);
  await expect(fetch(`${url.replace('https', 'http')}/healthz`)).rejects.toThrow();
  const socket = new WebSocket(`${url.replace('https', 'wss')}/nodes`, { rejectUnauthorized: false });
  const first = await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
  expect(JSON.parse(String(first))).toEqual({ id: expect.any(Number), data: [] });
  socket.terminate();
});

test.each([
  [0o644, [expect.stringContaining('everybody on this machine can read the private key')]],
  [0o640, []],
])('a private key of mode %o is warned of, or not', async (mode, expected) => {
  const tls = place('first');
  chmodSync(tls.key, mode);
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => warnings.push(text) };
  bridge = await createBridge({
    radonFolder: folder,
    port: 0,
    coapPort: 0,
    emulatedBoards: false,
    tls,
    logger,
  });
  expect(warnings).toEqual(expected);
});

test('a replaced certificate is taken over, one that is no good is not', async () => {
  const { url, reloadTls } = await open();
  place('second');
  expect(await look(url)).toContain('first');
  reloadTls();
  expect(await look(url)).toContain('second');
  place('second', 'first');
  expect(reloadTls).toThrow(/^TLS cannot be used with .*cert\.pem and .*key\.pem: .*mismatch/);
  expect(await look(url)).toContain('second');
});

test('files that are none are named', () => {
  const files = place('first');
  writeFileSync(files.key, 'x');
  expect(() => readTlsFiles(files)).toThrow(/key\.pem/);
  expect(() => readTlsFiles({ ...files, cert: join(folder, 'no.pem') })).toThrow(/no\.pem/);
});
