// What has to be on the machine before Radon can be built and tested here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { cargoIsNew, neededCargo, thirdPartyIsFetched } from './third-party.mjs';

const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function compilesFor(args, source) {
  return (
    spawnSync('sh', ['-c', `printf '%s' '${source}' | ${args} -x c - -o /dev/null`], { stdio: 'ignore' })
      .status === 0
  );
}

/**
 * What has to be on the machine: how to see it, the Debian package that brings it, why, and which command needs it.
 * `radon doctor` reads it too.
 */
export const requirements = [
  {
    for: 'start',
    package: 'make',
    why: 'drives the firmware build',
    present: () => runs('make', '--version'),
  },
  {
    for: 'start',
    package: 'qemu-system-arm',
    why: 'emulates the boards',
    present: () => runs('qemu-system-arm', '--version'),
  },
  {
    for: 'start',
    package: 'gcc-arm-none-eabi',
    why: 'compiles the firmware',
    present: () => runs('arm-none-eabi-gcc', '--version'),
  },
  {
    for: 'start',
    package: 'libnewlib-arm-none-eabi',
    why: 'C library of the firmware',
    present: () =>
      compilesFor('arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -fsyntax-only', '#include <string.h>'),
  },
  {
    for: 'start',
    package: 'ca-certificates',
    why: 'lets cargo check whom it fetches from',
    present: hasCertificates,
  },
  {
    for: 'start',
    package: 'cargo-web',
    why: `fetches the pinned C sources (${neededCargo}; no Rust is compiled)`,
    present: () => thirdPartyIsFetched() || cargoIsNew(),
  },
  {
    for: 'test',
    package: 'gcc',
    why: 'compiles the firmware for this machine',
    present: () => runs('gcc', '--version'),
  },
  {
    for: 'test',
    package: 'libc6-dev',
    why: 'C library headers',
    present: () => compilesFor('gcc -fsyntax-only', '#include <stdio.h>'),
  },
  {
    for: 'test',
    package: 'gcc-multilib',
    why: '32-bit build of the firmware for this machine',
    present: () => compilesFor('gcc -m32', 'int main(void){return 0;}'),
  },
  { for: 'test', package: 'clang', why: 'fuzzing, atoms in C', present: () => runs('clang', '--version') },
  { for: 'test', package: 'lld', why: 'atoms in C', present: () => runs('wasm-ld', '--version') },
  {
    for: 'test',
    package: 'libclang-rt-14-dev',
    why: 'fuzzing and sanitizers',
    present: () =>
      compilesFor(
        'clang -fsanitize=fuzzer,address',
        'int LLVMFuzzerTestOneInput(const char*d,unsigned long n){return !d&&n;}',
      ),
  },
  {
    for: 'test',
    package: 'libcoap3-bin',
    why: 'a CoAP peer to test with',
    present: () => existsSync('/usr/bin/coap-client-notls'),
  },
  {
    for: 'test',
    package: 'python3-venv',
    why: 'a home for the CoAP peer aiocoap',
    present: () => venvIsReady() || runs('python3', '-c', 'import ensurepip, venv'),
  },
  {
    for: 'test',
    package: 'chromium',
    why: 'shows the dashboard to its tests',
    present: () => runs('chromium', '--version'),
  },
  {
    for: 'test',
    package: 'curl',
    why: 'an HTTP peer to test with',
    present: () => runs('curl', '--version'),
  },
  {
    for: 'test',
    package: 'iproute2',
    why: 'a network of its own for multicast',
    present: () => runs('ip', '-Version'),
  },
  {
    for: 'test',
    package: 'zsh',
    why: 'completes commands as users have it',
    present: () => runs('zsh', '--version'),
  },
  {
    for: 'test',
    package: 'fish',
    why: 'completes commands as users have it',
    present: () => runs('fish', '--version'),
  },
];

function hasCertificates() {
  return (
    process.env.SSL_CERT_FILE !== undefined ||
    thirdPartyIsFetched() ||
    existsSync('/etc/ssl/certs/ca-certificates.crt')
  );
}

const venv = join(root, '.radon', 'venv');
/** The CoAP peer of the tests, from PyPI, in a Python environment of its own. */
export const aiocoap = { venv, python: join(venv, 'bin', 'python'), version: '0.4.17' };

export function venvIsReady() {
  const check = `import importlib.metadata as m; assert m.version("aiocoap") == "${aiocoap.version}"`;
  return existsSync(aiocoap.python) && runs(aiocoap.python, '-c', check);
}

/** Each needs what the ones before it need. */
const purposes = ['start', 'test', 'bench'];

/** What is missing for `start`, `test` or `bench`. */
export function missingFor(purpose) {
  const wanted = requirements.filter((row) => purposes.indexOf(row.for) <= purposes.indexOf(purpose));
  return wanted.filter((row) => !row.present());
}
