// Fetches the C sources of other projects into firmware/third_party/vendor/ and proves that they are the pinned ones.
// `node scripts/third-party.mjs` does nothing when they are there already.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

const folder = join(root, 'firmware', 'third_party');
const vendor = join(folder, 'vendor');
const oldestCargo = [1, 85];

export const neededCargo = `cargo ${oldestCargo.join('.')} or newer`;

function pinnedCrates() {
  const { $comment, ...checksums } = JSON.parse(readFileSync(join(folder, 'checksums.json'), 'utf8'));
  return checksums;
}

/** cargo writes the archive's own checksum beside what it unpacked. */
function unpackedChecksums(crate) {
  return JSON.parse(readFileSync(join(crate, '.cargo-checksum.json'), 'utf8'));
}

function isPresent([name, checksum]) {
  const record = join(vendor, name, '.cargo-checksum.json');
  return existsSync(record) && unpackedChecksums(join(vendor, name)).package === checksum;
}

/** Whether the pinned sources are here; they are verified when they are fetched. */
export function thirdPartyIsFetched() {
  return Object.entries(pinnedCrates()).every(isPresent);
}

/** Major and minor number; undefined where there is no cargo. */
function cargoVersion() {
  const { stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
  const match = /^cargo (\d+)\.(\d+)/.exec(stdout ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

export function cargoIsNew() {
  const [major, minor] = cargoVersion() ?? [0, 0];
  return major > oldestCargo[0] || (major === oldestCargo[0] && minor >= oldestCargo[1]);
}

function requireCargo() {
  if (cargoIsNew()) return;
  const found = cargoVersion()?.join('.') ?? 'none';
  throw new Error(
    `${neededCargo} is needed once to fetch third-party sources; found: ${found}. On Debian: apt install cargo-web.`,
  );
}

/** Unpacks the crates and what they depend on into `work`/unpacked; only ours are kept. */
function vendorInto(work, log) {
  copyFileSync(join(folder, 'Cargo.toml'), join(work, 'Cargo.toml'));
  writeFileSync(join(work, 'lib.rs'), '');
  const { status, stderr } = spawnSync('cargo', ['vendor', '--quiet', 'unpacked'], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`cargo could not fetch the third-party sources:\n${stderr}`);
  log('third-party sources fetched');
}

function verify(crate, name, checksum) {
  const record = unpackedChecksums(crate);
  if (record.package !== checksum) {
    throw new Error(
      `crate ${name} has checksum ${record.package}, firmware/third_party/checksums.json pins ${checksum}`,
    );
  }
  for (const [file, expected] of Object.entries(record.files)) {
    const actual = createHash('sha256')
      .update(readFileSync(join(crate, file)))
      .digest('hex');
    if (actual !== expected) throw new Error(`crate ${name}: ${file} is not what its archive held`);
  }
}

/** Makes vendor/<crate> match the pins. Throws a sentence when it cannot. Returns the folder. */
export function ensureThirdParty(log = () => {}) {
  if (thirdPartyIsFetched()) return vendor;
  requireCargo();
  const crates = Object.entries(pinnedCrates());
  const work = join(vendor, '.fetch');
  // What an interrupted fetch left.
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    vendorInto(work, log);
    for (const [name, checksum] of crates) verify(join(work, 'unpacked', name), name, checksum);
    for (const [name] of crates) {
      rmSync(join(vendor, name), { recursive: true, force: true });
      renameSync(join(work, 'unpacked', name), join(vendor, name));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return vendor;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    ensureThirdParty((line) => console.error(line));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 3;
  }
}
