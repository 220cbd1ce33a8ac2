// npm run pack: the packages as they would be published, as tarballs in dist/packages.
//
//   npm run pack -- FOLDER    in another folder
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { root } from './root.mjs';
import { setUp, tellSetupErrors } from './setup.mjs';

/** What the toolchain takes along from the repository, beside the prebuilt firmware (docs/decisions/0006-packages.md). */
const fromRepository = ['boards', 'atoms-as/examples', 'atoms-c'];
const firmwareParts = ['boot.bin', 'radon.bin', 'radon.elf'];
const licences = {
  WAMR: 'wamrx-sys/wasm-micro-runtime/LICENSE',
  Monocypher: 'monocypher-sys/Monocypher/LICENCE.md',
  'mbed-TLS': 'mbedtls-sys-auto/vendor/LICENSE',
};

function copyFirmware(stage) {
  for (const board of readdirSync(join(root, 'boards'))) {
    for (const part of firmwareParts) copyInto(stage, join('firmware', 'build', board, part));
  }
  copyInto(stage, join('firmware', 'build', 'measure', 'measure.elf'));
  for (const [name, path] of Object.entries(licences)) {
    const file = join(root, 'firmware', 'third_party', 'vendor', path);
    cpSync(file, join(stage, 'firmware', 'licences', `${name}.txt`));
  }
}

function copyInto(stage, path) {
  cpSync(join(root, path), join(stage, path), { recursive: true });
}

/** The toolchain's own files, and what it takes along, in a folder that can be packed. */
function stageToolchain() {
  const stage = mkdtempSync(join(tmpdir(), 'radon-pack-'));
  for (const name of ['package.json', 'bin', 'completion', 'dist', 'schema', 'src', 'template'])
    cpSync(join(root, 'toolchain', name), join(stage, name), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
  for (const path of fromRepository) if (existsSync(join(root, path))) copyInto(stage, path);
  copyFirmware(stage);
  return stage;
}

/** Answers the tarball's name and size. */
function pack(folder, destination) {
  const args = [
    'pack',
    folder,
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
    '--pack-destination',
    destination,
  ];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  const [{ filename, size, entryCount }] = JSON.parse(stdout);
  const file = filename.replace('@', '').replace('/', '-');
  return { file: relative(process.cwd(), join(destination, file)), size, entryCount };
}

/** Packs what is built, in place of what was packed there before; answers each tarball. */
function packAll(destination) {
  mkdirSync(destination, { recursive: true });
  for (const file of readdirSync(destination))
    if (/^radon-.*\.tgz$/.test(file)) rmSync(join(destination, file));
  const stage = stageToolchain();
  try {
    return [join(root, 'bridge'), join(root, 'atoms-as'), stage].map((folder) => pack(folder, destination));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

await tellSetupErrors(async () => {
  await setUp('start');
  for (const { file, size, entryCount } of packAll(
    resolve(process.argv[2] ?? join(root, 'dist', 'packages')),
  ))
    console.log(`${file}  ${(size / 1024).toFixed(0)} KiB, ${entryCount} files`);
  console.log('Use them elsewhere: npx --no-install radon init FOLDER');
});
