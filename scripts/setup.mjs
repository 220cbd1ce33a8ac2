// Installs and builds what `npm start` or `npm test` needs and is missing. Plain Node.js, no dependencies.
//
//   node scripts/setup.mjs [check|start|test|bench]
//
// Exit code 3: something is missing that this script may not or cannot install; it then prints the one command to run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const log = join(root, '.radon', 'setup.log');
const oldestCargo = [1, 85];

/** Set-up cannot go on; the message is for the user. */
export class SetupError extends Error {}

const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function cargoVersion() {
  const { stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
  const match = /^cargo (\d+)\.(\d+)/.exec(stdout ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

function cargoIsNew() {
  const version = cargoVersion();
  return version !== undefined && (version[0] > oldestCargo[0] || version[1] >= oldestCargo[1]);
}

const thirdPartyIsFetched = () => {
  const pins = JSON.parse(readFileSync(join(root, 'firmware/third_party/checksums.json'), 'utf8'));
  return Object.keys(pins)
    .filter((name) => !name.startsWith('$'))
    .every((name) => existsSync(join(root, 'firmware/third_party/vendor', name, '.cargo-checksum.json')));
};

function compilesFor(args, source) {
  return (
    spawnSync('sh', ['-c', `printf '%s' '${source}' | ${args} -x c - -o /dev/null`], { stdio: 'ignore' })
      .status === 0
  );
}

/** Each needs what the ones before it need. */
const purposes = ['start', 'test', 'bench'];

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
    why: `fetches the pinned C sources (cargo ${oldestCargo.join('.')} or newer; no Rust is compiled)`,
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
    package: 'iproute2',
    why: 'a network of its own for multicast',
    present: () => runs('ip', '-Version'),
  },
  {
    for: 'bench',
    package: 'wrk',
    why: 'puts load on the HTTP face',
    present: () => spawnSync('wrk', ['--version']).error === undefined,
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
export const venvPython = join(venv, 'bin', 'python');
const aiocoapVersion = '0.4.17';
const venvIsReady = () =>
  existsSync(venvPython) &&
  runs(
    venvPython,
    '-c',
    `import importlib.metadata as m; assert m.version("aiocoap") == "${aiocoapVersion}"`,
  );

function missingFor(purpose) {
  const wanted = requirements.filter((r) => purposes.indexOf(r.for) <= purposes.indexOf(purpose));
  return wanted.filter((r) => !r.present());
}

function isDebian() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(text);
  } catch {
    return false;
  }
}

function ask(question) {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    reader.question(question, (answer) => {
      reader.close();
      resolve(/^(y|yes|)$/i.test(answer.trim()));
    });
    reader.on('close', () => resolve(false));
  });
}

/** Runs a command with a moving line on a terminal; its output goes to `.radon/setup.log`. */
function runQuietly(title, command, args, options = {}) {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a');
  const started = Date.now();
  const terminal = process.stderr.isTTY === true;
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const draw = () => process.stderr.write(`\r\x1b[2K… ${title}  ${seconds()}`);
  const timer = terminal ? setInterval(draw, 200) : undefined;
  if (!terminal) process.stderr.write(`… ${title}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output], ...options });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[2K');
      if (code === 0) {
        process.stderr.write(`✔ ${title}  ${seconds()}\n`);
        resolve();
        return;
      }
      const words = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12).join('\n  ');
      reject(
        new SetupError(
          `${title} failed (${signal ?? `exit ${code}`}).\n  ${words}\n  The whole log: .radon/setup.log`,
        ),
      );
    });
  });
}

function installCommand(packages) {
  return ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
}

/** Names of installed Debian packages that `cargo-web` would push out. */
function conflictingCargo() {
  return ['cargo', 'rustup', 'cargo-mozilla'].filter((name) => {
    const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
    return (stdout ?? '').includes('Status: install ok installed');
  });
}

function explainMissing(missing) {
  const width = Math.max(...missing.map((r) => r.package.length));
  return missing.map((r) => `  ${r.package.padEnd(width)}  ${r.why}`).join('\n');
}

async function installPackages(missing) {
  const packages = missing.map((r) => r.package);
  const isRoot = process.getuid?.() === 0;
  const command = [...(isRoot ? [] : ['sudo']), ...installCommand(packages)];
  if (!isDebian()) {
    throw new SetupError(
      `These are missing (Debian package names; your system's may differ):\n${explainMissing(missing)}\n  Install them, then run the command again.`,
    );
  }
  process.stderr.write(`These packages are missing:\n${explainMissing(missing)}\n`);
  const conflicts = packages.includes('cargo-web') ? conflictingCargo() : [];
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (conflicts.length > 0) {
    const question = `cargo-web replaces ${conflicts.join(', ')}, which is too old for the pinned sources. Replace it? [Y/n] `;
    if (!interactive || !(await ask(question))) {
      throw new SetupError(
        `cargo ${oldestCargo.join('.')} or newer is needed; installed is ${conflicts.join(', ')}. Update it (rustup update), or run: ${command.join(' ')}`,
      );
    }
  } else if (interactive) {
    if (!(await ask(`Install them with "${command.join(' ')}"? [Y/n] `))) {
      throw new SetupError(`Nothing was installed. To do it yourself:\n  ${command.join(' ')}`);
    }
  } else if (!isRoot && process.env.RADON_SETUP !== '1') {
    throw new SetupError(`Run this, or set RADON_SETUP=1 to have it run:\n  ${command.join(' ')}`);
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!isRoot && spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status !== 0) {
    throw new SetupError(`sudo was refused. As root, run:\n  ${installCommand(packages).join(' ')}`);
  }
  const privileged = (args) => (isRoot ? [args[0], args.slice(1)] : ['sudo', ['-n', ...args]]);
  await runQuietly('package lists', ...privileged(['apt-get', 'update']), { env: environment });
  await runQuietly(`${packages.length} packages`, ...privileged(installCommand(packages)), {
    env: environment,
  });
  const still = missing.filter((r) => !r.present());
  if (still.length > 0) throw new SetupError(`Installed, but still not usable:\n${explainMissing(still)}`);
}

const newerThan = (file, other) => !existsSync(other) || statSync(file).mtimeMs > statSync(other).mtimeMs;

async function installNodeModules() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!newerThan(lock, installed)) return;
  await runQuietly('npm packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
  });
}

async function createVenv() {
  if (venvIsReady()) return;
  await runQuietly('Python environment', 'python3', ['-m', 'venv', '--clear', venv]);
  await runQuietly('aiocoap', venvPython, ['-m', 'pip', 'install', '--quiet', `aiocoap==${aiocoapVersion}`]);
}

/** Builds what sources changed; prints nothing when all is up to date. */
async function buildAll(purpose) {
  const projects = purpose === 'start' ? ['toolchain', 'bridge/dashboard'] : ['.'];
  await runQuietlyUnlessDone('TypeScript', join(root, 'node_modules', '.bin', 'tsc'), ['-b', ...projects]);
  if (purpose === 'check') return;
  const targets = purpose === 'start' ? ['device', 'measure'] : ['device', 'measure', 'posix'];
  await runQuietlyUnlessDone('firmware', process.execPath, ['scripts/firmware.mjs', ...targets]);
}

/** The first build of a tree shows its title; later ones, which take a moment, are silent unless they fail. */
async function runQuietlyUnlessDone(title, command, args) {
  const stamp = join(root, '.radon', `built-${title.toLowerCase()}`);
  if (!existsSync(stamp)) {
    await runQuietly(title, command, args);
    writeFileSync(stamp, '');
    return;
  }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`${title} does not build:\n${stdout}${stderr}`);
}

/** Makes the tree ready for `check` (unit tests), `start` (boards and bridge), `test` or `bench`. */
export async function setUp(purpose) {
  if (purpose !== 'check') {
    const missing = missingFor(purpose);
    if (missing.length > 0) await installPackages(missing);
  }
  await installNodeModules();
  if (purpose !== 'check' && !thirdPartyIsFetched()) {
    await runQuietly('third-party sources', process.execPath, ['scripts/third-party.mjs']);
  }
  if (purpose === 'test') await createVenv();
  await buildAll(purpose);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const purpose = process.argv[2] ?? 'start';
  try {
    await setUp(purpose);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 3;
  }
}
