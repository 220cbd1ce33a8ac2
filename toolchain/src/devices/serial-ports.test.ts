import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DeviceFolders, listLinuxPorts } from './serial-ports.ts';

const fs = vi.hoisted(() => ({ denied: new Set<string>() }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const accessSync = (path: string, mode?: number) => {
    // The superuser may open everything.
    if (fs.denied.has(path)) throw new Error('EACCES');
    real.accessSync(path, mode);
  };
  return { ...real, accessSync };
});

let root: string;
let folders: DeviceFolders;

/** A device of sysfs: folders with files, and the entry in `class/tty` that leads to it. */
function plug(name: string, at: string, files: Readonly<Record<string, string>>, type?: string): void {
  const device = join(root, 'devices', at);
  const tty = join(device, 'tty', name);
  mkdirSync(tty, { recursive: true });
  symlinkSync(device, join(tty, 'device'));
  symlinkSync(tty, join(folders.sys, name));
  if (type !== undefined) writeFileSync(join(tty, 'type'), `${type}\n`);
  const usb = join(root, 'devices', at.split('/')[0] ?? '');
  for (const [file, text] of Object.entries(files)) writeFileSync(join(usb, file), `${text}\n`);
  writeFileSync(join(folders.dev, name), '');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radon-ports-'));
  folders = { sys: join(root, 'tty'), dev: join(root, 'dev'), groups: join(root, 'group') };
  mkdirSync(folders.sys);
  mkdirSync(folders.dev);
  writeFileSync(folders.groups, 'root:x:0:\ndialout:x:20:ada\n');
});
afterEach(() => {
  fs.denied.clear();
  rmSync(root, { recursive: true, force: true });
});

const stLink = {
  idVendor: '0483',
  idProduct: '374b',
  product: 'STM32 STLink',
  manufacturer: 'STMicroelectronics',
  serial: '0669FF31',
};

test('a USB device is told with all it says of itself, and whether it is a board', () => {
  plug('ttyACM0', '1-2/1-2:1.2', stLink);
  plug('ttyUSB0', '1-3/1-3:1.0/ttyUSB0', { idVendor: '1a86', idProduct: '7523', product: 'USB Serial' });
  expect(listLinuxPorts(folders)).toEqual([
    {
      path: join(folders.dev, 'ttyACM0'),
      product: 'STM32 STLink',
      manufacturer: 'STMicroelectronics',
      serialNumber: '0669FF31',
      vendorId: '0483',
      productId: '374b',
      role: 'board',
    },
    {
      path: join(folders.dev, 'ttyUSB0'),
      product: 'USB Serial',
      vendorId: '1a86',
      productId: '7523',
      role: 'adapter',
    },
  ]);
});

test('names without hardware, terminals and what has no file are no ports; ports are in the order of numbers', () => {
  plug('ttyS10', 'serial/10', {}, '4');
  plug('ttyS9', 'serial/9', {}, '4');
  plug('ttyS1', 'serial/1', {}, '0');
  plug('tty1', 'terminal/1', {});
  plug('ttyACM7', 'gone/7', {});
  rmSync(join(folders.dev, 'ttyACM7'));
  const paths = listLinuxPorts(folders).map(({ path }) => path);
  expect(paths).toEqual([join(folders.dev, 'ttyS9'), join(folders.dev, 'ttyS10')]);
});

test('no ports where the system has none', () => {
  expect(listLinuxPorts(folders)).toEqual([]);
  expect(listLinuxPorts({ ...folders, sys: join(root, 'none') })).toEqual([]);
});

test.runIf(process.getuid?.() === 0)('a port of a group is joined', () => {
  plug('ttyACM0', '1-2/1-2:1.2', stLink);
  const path = join(folders.dev, 'ttyACM0');
  chownSync(path, 0, 20);
  chmodSync(path, 0o660);
  fs.denied.add(path);
  expect(listLinuxPorts(folders)[0]?.remedy).toBe(
    `To open ${path}, join the group dialout (sudo usermod -aG dialout $USER) and log in again.`,
  );
});

test('a port that no group may open needs a rule', () => {
  plug('ttyACM0', '1-2/1-2:1.2', stLink);
  const path = join(folders.dev, 'ttyACM0');
  chmodSync(path, 0o600);
  fs.denied.add(path);
  expect(listLinuxPorts(folders)[0]?.remedy).toBe(
    `To open ${path}, let your user read and write it with a rule of udev.`,
  );
});
