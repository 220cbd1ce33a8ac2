import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeProvisioning } from '@radon/bridge/image';
import type { Board } from '../boards.ts';
import { CommandFailure } from '../failure.ts';
import type { GdbRemote } from '../gdb/remote.ts';
import { keysForNodes, openKeyStore } from '../keys/key-store.ts';
import type { Workspace } from '../workspace.ts';

/** The parts of a board's flash that flashing writes. Atoms and what they stored are elsewhere and stay. */
export interface FirmwareImage {
  readonly boot: Uint8Array;
  readonly firmware: Uint8Array;
}

/** Reads what `npm run build:firmware` made. Throws a `CommandFailure` when it is missing or too large. */
export function readFirmware(workspace: Workspace, board: Board): FirmwareImage {
  const folder = join(workspace.distribution, 'firmware', 'build', board.name);
  const read = (part: 'boot' | 'firmware') => {
    const file = join(folder, part === 'boot' ? 'boot.bin' : 'radon.bin');
    if (!existsSync(file)) {
      throw new CommandFailure(`There is no firmware for ${board.name} yet.`, {
        remedy: 'Build it with: npm run build:firmware',
      });
    }
    const bytes = new Uint8Array(readFileSync(file));
    const room = board.segments[part].size;
    if (bytes.length > room) {
      throw new CommandFailure(`${file} has ${bytes.length} bytes, its place in flash ${room}.`, {
        remedy: 'Build the firmware again: npm run build:firmware',
      });
    }
    return bytes;
  };
  return { boot: read('boot'), firmware: read('firmware') };
}

/** The board's 64-bit identity: drawn once, kept beside its flash image (or under `.radon/devices/` for real boards). */
export function boardIdentity(folder: string): Uint8Array {
  const file = join(folder, 'id');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(8).toString('hex')}\n`, { mode: 0o600 });
  return new Uint8Array(Buffer.from(readFileSync(file, 'utf8').trim(), 'hex'));
}

/** The provisioning record of a board: who it is and whose signatures it accepts (the keys trusted here). */
export function provisioningRecord(
  workspace: Workspace,
  board: Board,
  name: string,
  id: Uint8Array,
): Uint8Array {
  const keys = keysForNodes(openKeyStore(workspace));
  return encodeProvisioning({ id, name, board: board.name, keys });
}

/** What to write where; `total` counts bytes. */
export interface FlashPlan {
  readonly parts: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly total: number;
}

export function planFlash(board: Board, image: FirmwareImage, provisioning: Uint8Array): FlashPlan {
  const parts = [
    { address: board.segments.boot.address, bytes: image.boot },
    { address: board.segments.firmware.address, bytes: image.firmware },
    { address: board.segments.provisioning.address, bytes: erasedTail(provisioning, board) },
  ];
  return { parts, total: parts.reduce((sum, part) => sum + part.bytes.length, 0) };
}

/** A shorter record must not leave the end of a longer one behind it. */
function erasedTail(record: Uint8Array, board: Board): Uint8Array {
  const sector = new Uint8Array(Math.min(1024, board.segments.provisioning.size)).fill(0xff);
  sector.set(record);
  return sector;
}

/** Writes a plan through a debug stub and reads it back. Throws `CommandFailure` when the flash holds something else. */
export async function writePlan(
  gdb: GdbRemote,
  plan: FlashPlan,
  progress?: (done: number) => void,
): Promise<void> {
  let before = 0;
  for (const { address, bytes } of plan.parts) {
    const start = before;
    await gdb.write(address, bytes, (done) => progress?.(start + done));
    before += bytes.length;
    const there = await gdb.readMemory(address, bytes.length);
    if (!there.equals(bytes)) {
      throw new CommandFailure(`The flash at 0x${address.toString(16)} does not hold what was written.`, {
        remedy: 'Try again; if it stays so, the flash is write-protected or worn out.',
      });
    }
  }
}

/** Has QEMU write its flash to the board's image file, so that what a debugger wrote survives a power cycle. */
export async function saveQemuFlash(gdb: GdbRemote, board: Board, file: string): Promise<void> {
  const base = `0x${board.flash.base.toString(16)}`;
  const printed = await gdb.monitor(`pmemsave ${base} ${board.flash.size} "${file}"`);
  if (printed.trim() !== '')
    throw new CommandFailure('QEMU cannot save the flash image.', { cause: new Error(printed) });
}
