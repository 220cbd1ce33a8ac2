// Installs and builds what `npm start` or `npm test` needs and is missing. Plain Node.js, no dependencies.
//
//   node scripts/setup.mjs [check|start|test|bench]
//
// Exit code 3: something is missing that this script may not or cannot install; it then prints the one command to run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './debian-packages.mjs';
import { nodeVersionProblem } from './node-version.mjs';
import { runQuietly, SetupError } from './quietly.mjs';
import { aiocoap, missingFor, venvIsReady } from './requirements.mjs';
import { root } from './root.mjs';
import { alone } from './setup-lock.mjs';
import { thirdPartyIsFetched } from './third-party.mjs';

const newerThan = (file, other) => !existsSync(other) || statSync(file).mtimeMs > statSync(other).mtimeMs;

async function installNodeModules() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!newerThan(lock, installed)) return;
  // What npm has fetched before needs no network.
  const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await runQuietly('npm packages', 'npm', args, { shell: process.platform === 'win32' });
}

async function createVenv() {
  if (venvIsReady()) return;
  const { venv, python, version } = aiocoap;
  await runQuietly('Python environment', 'python3', ['-m', 'venv', '--clear', venv]);
  await runQuietly('aiocoap', python, ['-m', 'pip', 'install', '--quiet', `aiocoap==${version}`]);
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

function checkGround() {
  const problem = nodeVersionProblem();
  if (problem !== undefined) throw new SetupError(problem);
  for (const folder of [root, join(root, '.radon')].filter(existsSync)) {
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      throw new SetupError(`${folder} cannot be written to by this user, and Radon builds there.`);
    }
  }
}

/** Makes the tree ready for `check` (unit tests), `start` (boards and bridge), `test` or `bench`. */
export async function setUp(purpose) {
  checkGround();
  await alone(async () => {
    const missing = purpose === 'check' ? [] : missingFor(purpose);
    if (missing.length > 0) await installPackages(missing);
    await installNodeModules();
    if (purpose !== 'check' && !thirdPartyIsFetched()) {
      await runQuietly('third-party sources', process.execPath, ['scripts/third-party.mjs']);
    }
    if (purpose === 'test') await createVenv();
    await buildAll(purpose);
  });
}

/** Runs a script's work; where set-up cannot go on, the user is told why: exit code 3. */
export async function tellSetupErrors(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 3;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await tellSetupErrors(() => setUp(process.argv[2] ?? 'start'));
}
