// Tests of the POSIX port: kills by deadline, many nodes at once, restart after a fault, bad arguments.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
function startNode(name) {
  const flash = join(folder, `${name}.bin`);
  writeImage(flash);
  const child = spawn(program, ['--flash', flash, '--udp', '127.0.0.1:0'], {
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
