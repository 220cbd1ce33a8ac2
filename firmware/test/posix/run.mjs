// Tests of the POSIX port: kills by deadline, many nodes at once, restart after a fault, bad arguments.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';

const build = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build');
const program = join(build, 'posix', 'radon');
const folder = mkdtempSync(join(tmpdir(), 'radon-posix-'));
const nodesAtOnce = 30;
const timeoutMs = 30_000;
const floodMs = 10_000;

/** A flash image with a provisioning record (docs/reference/wire.md) that trusts no key. */
function writeImage(path) {
  const id = Buffer.from('0001020304050607', 'hex');
  const record = Buffer.concat([
    Buffer.from([0xa4, 0x00, 0x61, 0x6e, 0x04, 0x63]),
    Buffer.from('any'),
    Buffer.from([0x18, 50, 0x48]),
    id,
    Buffer.from([0x18, 68, 0x80]),
  ]);
  const image = Buffer.alloc(512 * 1024, 0xff);
  image.write('RDNP', 0xc000, 'latin1');
  image.writeUInt32LE(record.length, 0xc004);
  image.writeUInt32LE(crc32(record), 0xc008);
  record.copy(image, 0xc00c);
  writeFileSync(path, image);
}

/** Starts a node; `next()` waits for its next line of JSON, one for each start. */
function startNode(name, more = []) {
  const flash = join(folder, `${name}.bin`);
  writeImage(flash);
  const child = spawn(program, ['--flash', flash, '--udp', '127.0.0.1:0', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => JSON.parse((await lines.next()).value) };
}

/** CoAP ping (RFC 7252 4.3): an empty confirmable message is answered by a reset. */
async function ping(udp, messageId) {
  const [host, port] = udp.split(':');
  const socket = createSocket('udp4');
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) });
    socket.send(Buffer.from([0x40, 0, messageId >> 8, messageId & 0xff]), Number(port), host);
    const [message] = await answer;
    return message.equals(Buffer.from([0x70, 0, messageId >> 8, messageId & 0xff]));
  } finally {
    socket.close();
  }
}

async function end(child) {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** A slipmux frame (docs/reference/wire.md); no byte of these messages has to be escaped but those of the FCS. */
function frame(message) {
  const bytes = Buffer.concat([Buffer.of(0xa9), message]);
  let fcs = 0xffff;
  for (const byte of bytes) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit += 1) fcs = fcs & 1 ? (fcs >> 1) ^ 0x8408 : fcs >> 1;
  }
  const escapes = { 192: [0xdb, 0xdc], 219: [0xdb, 0xdd] };
  const check = [~fcs & 0xff, (~fcs >> 8) & 0xff].flatMap((byte) => escapes[byte] ?? [byte]);
  return Buffer.concat([Buffer.of(0xc0), bytes, Buffer.from(check), Buffer.of(0xc0)]);
}

/** NON GET /.well-known/core, which takes the network level longer to answer than anybody to send. */
const discovery = Buffer.concat([
  Buffer.of(0x50, 1, 0, 1, 0xbb),
  Buffer.from('.well-known'),
  Buffer.of(4),
  Buffer.from('core'),
]);

/** CON PUT /atoms/x with a manifest of one byte, which the thread level answers with 4.00. */
const badManifest = (id) =>
  Buffer.concat([
    Buffer.of(0x40, 3, id >> 8, id & 0xff, 0xb5),
    Buffer.from('atoms'),
    Buffer.of(1, 0x78, 0x11, 18, 0xff, 0),
  ]);

const tests = {
  async 'calls are killed anywhere, and everything still works'() {
    const child = spawn(join(build, 'test', 'posix', 'guard'), ['--flash', join(folder, 'guard.bin')]);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    return code === 0 ? '' : output;
  },

  async 'many nodes run at once'() {
    const nodes = Array.from({ length: nodesAtOnce }, (_, i) => startNode(`node-${i}`));
    const ready = await Promise.all(nodes.map((node) => node.next()));
    const answers = await Promise.all(ready.map(({ udp }, i) => ping(udp, i + 1)));
    await Promise.all(nodes.map(({ child }) => end(child)));
    return answers.every(Boolean) ? '' : `answers: ${answers}`;
  },

  async 'a fault restarts the node under the same address'() {
    const node = startNode('fault');
    const first = await node.next();
    node.child.kill('SIGSEGV');
    const second = await node.next();
    const answered = await ping(second.udp, 7);
    await end(node.child);
    const same = first.udp === second.udp && first.pid === second.pid;
    return first.reset === 'power' && second.reset === 'fault' && same && answered
      ? ''
      : JSON.stringify(second);
  },

  async 'a flooded link leaves the thread level its turn'() {
    const path = join(folder, 'flood.sock');
    const node = startNode('flood', ['--serial', path]);
    await node.next();
    const line = createConnection(path);
    let refused = false;
    let tail = Buffer.alloc(0);
    line.on('data', (bytes) => {
      const text = Buffer.concat([tail, bytes]);
      refused ||= text.includes(Buffer.of(0xa9, 0x60, 0x80)) || text.includes(Buffer.of(0xa9, 0x40, 0x80));
      tail = text.subarray(-2);
    });
    const burst = Buffer.concat(Array.from({ length: 500 }, () => frame(discovery)));
    const started = performance.now();
    for (let id = 0; !refused && performance.now() < started + floodMs; id += 1) {
      if (performance.now() > started + floodMs / 4) line.write(frame(badManifest(id)));
      if (!line.write(burst)) await once(line, 'drain');
    }
    line.destroy();
    await end(node.child);
    return refused ? '' : 'no manifest was looked at';
  },

  async 'a flash image is made where there is none'() {
    const flash = join(folder, 'new.bin');
    const child = spawn(program, ['--flash', flash], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    await end(child);
    const image = readFileSync(flash);
    return image.length === 512 * 1024 && image.every((byte) => byte === 0xff) ? '' : `${image.length} bytes`;
  },

  async 'bad arguments end with a sentence'() {
    const cases = [
      [],
      ['--flash'],
      ['--baud', '9600'],
      ['--flash', folder],
      ['--flash', join(folder, 'x'), '--udp', 'nowhere'],
    ];
    for (const args of cases) {
      const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let text = '';
      child.stderr.on('data', (chunk) => (text += chunk));
      const [code] = await once(child, 'close');
      if (code === 0 || text === '') return `${args.join(' ')}: ${code} ${text}`;
    }
    return '';
  },
};

let failed = 0;
try {
  for (const [name, test] of Object.entries(tests)) {
    const complaint = await test().catch((error) => `${error}`);
    failed += complaint === '' ? 0 : 1;
    if (complaint !== '') console.log(`    ${complaint}`);
    console.log(`${complaint === '' ? 'ok' : 'not ok'} posix ${name}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
