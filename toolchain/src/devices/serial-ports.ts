/** The serial ports of this machine. They are looked at, never opened: opening resets many a board. */
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What is behind a port, as far as its USB vendor tells. */
export type PortRole = 'board' | 'adapter';

export interface SerialPort {
  /** Such as `/dev/ttyACM0`. */
  readonly path: string;
  /** The rest is there for USB devices only. */
  readonly product?: string;
  readonly manufacturer?: string;
  readonly serialNumber?: string;
  /** Four hexadecimal digits. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly role?: PortRole;
  /** What to do where this user may not open it. */
  readonly remedy?: string;
}

/** USB vendors of STM32 boards and of debug probes on boards, and of chips that make a serial line of a USB port. */
const roles: Readonly<Record<string, PortRole>> = {
  '0483': 'board', // STMicroelectronics: ST-Link, STM32
  '0d28': 'board', // Arm: DAPLink
  '1366': 'board', // SEGGER: J-Link
  '0403': 'adapter', // FTDI
  '067b': 'adapter', // Prolific
  '10c4': 'adapter', // Silicon Labs
  '1a86': 'adapter', // WCH
};

/** Where Linux tells of devices; tests give folders of their own. */
export interface DeviceFolders {
  readonly sys: string;
  readonly dev: string;
  /** Names of groups by their number. */
  readonly groups: string;
}

const linuxFolders: DeviceFolders = { sys: '/sys/class/tty', dev: '/dev', groups: '/etc/group' };

/** Sorted by path. Rejects where the system cannot be asked. */
export async function listSerialPorts(): Promise<readonly SerialPort[]> {
  return process.platform === 'linux' ? listLinuxPorts(linuxFolders) : listOtherPorts();
}

/** From sysfs: the npm package `serialport` needs udev, which containers lack, and does not tell the product. */
export function listLinuxPorts(folders: DeviceFolders): readonly SerialPort[] {
  if (!existsSync(folders.sys)) return [];
  return readdirSync(folders.sys)
    .filter((name) => isPort(name, folders))
    .sort(byNumber)
    .map((name) => {
      const path = join(folders.dev, name);
      return { path, ...usbDevice(join(folders.sys, name, 'device')), ...accessOf(path, folders) };
    });
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/** Terminals are no ports, nor is a line that the kernel has a name but no hardware for (type 0). */
function isPort(name: string, { sys, dev }: DeviceFolders): boolean {
  if (!/^(tty(ACM|AMA|MFD|O|S|THS|USB|WCH|XRUSB|mxc)|rfcomm)\d+$/.test(name)) return false;
  return (
    existsSync(join(sys, name, 'device')) && textOf(sys, name, 'type') !== '0' && existsSync(join(dev, name))
  );
}

function textOf(...path: string[]): string | undefined {
  try {
    return readFileSync(join(...path), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The USB device is some levels above the port: interface, device. */
const usbLevels = 5;

function usbDevice(device: string): Partial<SerialPort> {
  let folder = realpathSync(device);
  for (let level = 0; level < usbLevels; level += 1) {
    const vendorId = textOf(folder, 'idVendor');
    if (vendorId !== undefined) {
      return withoutGaps({
        product: textOf(folder, 'product'),
        manufacturer: textOf(folder, 'manufacturer'),
        serialNumber: textOf(folder, 'serial'),
        vendorId,
        productId: textOf(folder, 'idProduct'),
        role: roles[vendorId],
      });
    }
    folder = dirname(folder);
  }
  return {};
}

async function listOtherPorts(): Promise<readonly SerialPort[]> {
  const { SerialPort } = await import('serialport');
  const ports = await SerialPort.list();
  return ports.map(({ path, manufacturer, serialNumber, vendorId, productId }) => ({
    path,
    ...withoutGaps({
      manufacturer,
      serialNumber,
      vendorId,
      productId,
      role: roles[vendorId?.toLowerCase() ?? ''],
    }),
    ...accessOf(path, linuxFolders),
  }));
}

function withoutGaps(port: { readonly [Key in keyof SerialPort]?: SerialPort[Key] | undefined }) {
  return Object.fromEntries(
    Object.entries(port).filter(([, value]) => value !== undefined),
  ) as Partial<SerialPort>;
}

function accessOf(path: string, { groups }: DeviceFolders): { readonly remedy?: string } {
  // On Windows a port is no file.
  if (process.platform === 'win32') return {};
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return {};
  } catch {
    return { remedy: remedyFor(path, groups) };
  }
}

/** Distributions give serial ports to a group: `dialout`, `uucp`. Root's own need a rule of udev. */
function remedyFor(path: string, groups: string): string {
  const { gid, mode } = statSync(path);
  const group = textOf(groups)
    ?.split('\n')
    .map((line) => line.split(':'))
    .find(([, , id]) => id === String(gid))?.[0];
  const isGroupsOwn = gid !== 0 && (mode & 0o060) === 0o060;
  if (group === undefined || !isGroupsOwn)
    return `To open ${path}, let your user read and write it with a rule of udev.`;
  return `To open ${path}, join the group ${group} (sudo usermod -aG ${group} $USER) and log in again.`;
}
