// Builds everything that is C: the board's firmware and boot program, the same node as a Linux program, the program
// that measures modules. Incremental; prints what each takes and fails above a board's budget.
//
//   node scripts/firmware.mjs [device|posix|measure]...   all of them by default
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';
import { ensureThirdParty } from './third-party.mjs';

const firmware = join(root, 'firmware');
const board = 'netduinoplus2';

/** What a build makes; paths from the root of the repository. */
const artifacts = {
  boot: `firmware/build/${board}/boot.bin`,
  firmware: `firmware/build/${board}/radon.bin`,
  firmwareElf: `firmware/build/${board}/radon.elf`,
  posix: 'firmware/build/posix/radon',
  measure: 'firmware/build/measure/measure.elf',
  sizes: `firmware/build/${board}/sizes.json`,
};

const targets = ['device', 'posix', 'measure'];

function run(command, args) {
  const result = spawnSync(command, args, { cwd: firmware, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.error) throw new Error(`${command} cannot be started; radon doctor says how to install it.`);
  if (result.status !== 0)
    throw new Error(`${command} failed:\n${result.stderr}${result.stdout.slice(-4000)}`);
  return result.stdout;
}

/** Address of a symbol of an ELF file. */
function symbols(elf, names) {
  const table = new Map();
  for (const line of run('arm-none-eabi-nm', [elf]).split('\n')) {
    const [address, , name] = line.split(' ');
    if (names.includes(name)) table.set(name, Number.parseInt(address, 16));
  }
  return names.map((name) => {
    const address = table.get(name);
    if (address === undefined) throw new Error(`${elf} has no symbol ${name}`);
    return address;
  });
}

/** Bytes of flash and RAM the firmware takes; RAM is everything below the atom pool. */
function measureDevice() {
  const elf = join(root, artifacts.firmwareElf);
  const [bottom, poolStart, poolEnd] = symbols(elf, [
    'radon_stack_bottom',
    'radon_pool_start',
    'radon_pool_end',
  ]);
  return {
    flash: readFileSync(join(root, artifacts.firmware)).length,
    ram: poolStart - bottom,
    pool: poolEnd - poolStart,
  };
}

function checkBudget(sizes) {
  const budget = JSON.parse(readFileSync(join(root, 'boards', board, 'budget.json'), 'utf8'));
  for (const kind of ['flash', 'ram']) {
    if (sizes[kind] > budget[kind]) {
      throw new Error(`${board} takes ${sizes[kind]} bytes of ${kind}, its budget is ${budget[kind]}.`);
    }
  }
  return budget;
}

/** Builds `wanted` (default: all) and answers the device's sizes where it was built. Throws a sentence. */
function buildFirmware(wanted = targets, log = () => {}) {
  ensureThirdParty(log);
  run('make', ['--no-print-directory', `-j${availableParallelism()}`, ...wanted]);
  if (!wanted.includes('device')) return undefined;
  const sizes = measureDevice();
  const budget = checkBudget(sizes);
  writeFileSync(join(root, artifacts.sizes), `${JSON.stringify(describeSizes(sizes, budget))}\n`);
  return { board, ...sizes, budget };
}

/** What sizes.json holds, for whoever shows it. */
function describeSizes({ flash, ram, pool }, budget) {
  return { board, flash: { used: flash, total: budget.flash }, ram: { used: ram, total: ram + pool }, pool };
}

function kibibytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !targets.includes(name));
  try {
    if (unknown !== undefined)
      throw new Error(`There is no target "${unknown}"; there are ${targets.join(', ')}.`);
    const sizes = buildFirmware(wanted.length > 0 ? wanted : targets, (line) => console.error(line));
    if (sizes) {
      console.log(
        `${board}: flash ${kibibytes(sizes.flash)} of ${kibibytes(sizes.budget.flash)}, ` +
          `static RAM and stack ${kibibytes(sizes.ram)} of ${kibibytes(sizes.budget.ram)}, ` +
          `atom pool ${kibibytes(sizes.pool)}`,
      );
    }
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
