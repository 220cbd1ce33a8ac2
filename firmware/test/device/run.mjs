// Runs the device tests named on the command line in QEMU, each from a flash image as a board is started from it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const build = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build');
const flashBytes = 512 * 1024;
const firmwareOffset = 0x10000;
const timeoutMs = 60_000;

/** The 512 KiB from 0x08000000: boot program, firmware, all else erased. */
function writeImage(path, firmware) {
  const image = Buffer.alloc(flashBytes, 0xff);
  readFileSync(join(build, 'netduinoplus2', 'boot.bin')).copy(image);
  readFileSync(firmware).copy(image, firmwareOffset);
  writeFileSync(path, image);
}

/** `sleepless` tests skip emulated time in which the board sleeps; the serial line needs the host's pace. */
function startBoard(image, socket, sleepless) {
  const board = spawn('qemu-system-arm', [
    ...[
      '-M',
      'netduinoplus2',
      '-icount',
      sleepless ? 'shift=0,sleep=off' : 'shift=0',
      '-display',
      'none',
      '-monitor',
      'none',
    ],
    ...['-semihosting-config', `enable=on,target=native,arg=radon,arg=${image}`],
    ...['-device', `loader,file=${image},addr=0x08000000,force-raw=on`],
    ...['-serial', `unix:${socket},server=on,wait=off`],
  ]);
  let output = '';
  let heard = () => {};
  const listening = new Promise((resolve) => {
    heard = () => output.includes('listening') && resolve();
  });
  for (const stream of [board.stdout, board.stderr]) {
    stream.on('data', (text) => {
      output += text;
      heard();
    });
  }
  const timer = setTimeout(() => board.kill('SIGKILL'), timeoutMs);
  const ended = new Promise((resolve) => {
    board.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, output: signal === null ? output : `${output}ended by ${signal}\n` });
    });
  });
  return { ended, listening };
}

/** 20,000 bytes of every value, as fast as they go, must come back unchanged. QEMU drops what comes before the USART is on. */
async function driveSerial(board, socket) {
  await Promise.race([board.listening, board.ended]);
  const sent = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 0xff));
  const line = createConnection(socket);
  let received = Buffer.alloc(0);
  const all = new Promise((resolve) => {
    line.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length >= sent.length) resolve();
    });
    line.on('close', resolve);
  });
  line.write(sent);
  await all;
  if (!received.equals(sent)) return `echo differs: ${received.length} of ${sent.length} bytes\n`;
  line.write('end\n');
  return '';
}

async function runTest(name, folder) {
  const image = join(folder, `${name}.bin`);
  const socket = join(folder, `${name}.sock`);
  writeImage(image, join(build, 'test', 'device', `${name}.bin`));
  const board = startBoard(image, socket, name !== 'serial');
  const complaint = name === 'serial' ? await driveSerial(board, socket) : '';
  let { code, output } = await board.ended;
  if (name === 'flash' && code === 0) ({ code, output } = await startBoard(image, socket, true).ended);
  return { passed: code === 0 && complaint === '', output: output + complaint };
}

const folder = mkdtempSync(join(tmpdir(), 'radon-device-'));
let failed = 0;
const names = process.argv.slice(2);
try {
  for (const name of names) {
    const { passed, output } = await runTest(name, folder);
    failed += passed ? 0 : 1;
    for (const line of output.trim().split('\n')) if (line !== '') console.log(`    ${line}`);
    console.log(`${passed ? 'ok' : 'not ok'} device ${name}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
