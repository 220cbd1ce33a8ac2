// Installs Debian packages that are missing, where the user lets it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runQuietly, SetupError } from './quietly.mjs';
import { neededCargo } from './third-party.mjs';

const lockTimeoutS = 120;

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

/** Names of installed Debian packages that `cargo-web` would push out. */
function conflictingCargo() {
  return ['cargo', 'rustup', 'cargo-mozilla'].filter((name) => {
    const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
    return (stdout ?? '').includes('Status: install ok installed');
  });
}

function explainMissing(missing) {
  const width = Math.max(...missing.map((row) => row.package.length));
  return missing.map((row) => `  ${row.package.padEnd(width)}  ${row.why}`).join('\n');
}

const isRoot = () => process.getuid?.() === 0;

/** Resolves when the user lets `command` run; SetupError with what to do otherwise. */
async function askLeave(missing, command) {
  process.stderr.write(`These packages are missing:\n${explainMissing(missing)}\n`);
  const conflicts = missing.some((row) => row.package === 'cargo-web') ? conflictingCargo() : [];
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (conflicts.length > 0) {
    const question = `cargo-web replaces ${conflicts.join(', ')}, which is too old for the pinned sources. Replace it? [Y/n] `;
    if (interactive && (await ask(question))) return;
    throw new SetupError(
      `${neededCargo} is needed; installed is ${conflicts.join(', ')}. Update it (rustup update), or run: ${command}`,
    );
  }
  if (interactive) {
    if (await ask(`Install them with "${command}"? [Y/n] `)) return;
    throw new SetupError(`Nothing was installed. To do it yourself:\n  ${command}`);
  }
  if (!isRoot() && process.env.RADON_SETUP !== '1') {
    throw new SetupError(`Run this, or set RADON_SETUP=1 to have it run:\n  ${command}`);
  }
}

async function runAsRoot(title, args) {
  const [command, ...rest] = isRoot() ? args : ['sudo', '-n', ...args];
  await runQuietly(title, command, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** Installs what is missing, when the user lets it; SetupError with the command to run otherwise. */
export async function installPackages(missing) {
  if (!isDebian()) {
    throw new SetupError(
      `These are missing (Debian package names; your system's may differ):\n${explainMissing(missing)}\n  Install them, then run the command again.`,
    );
  }
  const install = [
    'apt-get',
    'install',
    '-y',
    '--no-install-recommends',
    ...missing.map((row) => row.package),
  ];
  await askLeave(missing, [...(isRoot() ? [] : ['sudo']), ...install].join(' '));
  if (!isRoot() && spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status !== 0) {
    throw new SetupError(`sudo was refused. As root, run:\n  ${install.join(' ')}`);
  }
  await runAsRoot('package lists', ['apt-get', 'update']);
  // A fresh machine often updates itself: dpkg's lock is waited for.
  await runAsRoot('Debian packages', [...install, '-o', `DPkg::Lock::Timeout=${lockTimeoutS}`]);
  const still = missing.filter((row) => !row.present());
  if (still.length > 0) throw new SetupError(`Installed, but still not usable:\n${explainMissing(still)}`);
}
