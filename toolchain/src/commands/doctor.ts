import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandModule, invocation } from '../command-line.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { exitCode } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

interface Finding {
  readonly what: string;
  /** Version or state; undefined: missing. */
  readonly found?: string | undefined;
  readonly needed: boolean;
  readonly remedy: string;
}

function versionOf(command: string, pattern: RegExp, ...args: string[]): string | undefined {
  const { stdout, status } = spawnSync(command, args.length > 0 ? args : ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return pattern.exec(stdout ?? '')?.[1] ?? 'present';
}

const number = /(\d+\.\d+(?:\.\d+)?)/;
const install = (name: string) => `Debian: apt install --no-install-recommends ${name}`;

function tool(what: string, command: string, needed: boolean, remedy: string, ...args: string[]): Finding {
  return { what, found: versionOf(command, number, ...args), needed, remedy };
}

function examineTools(): readonly Finding[] {
  return [
    { what: 'Node.js', found: process.versions.node, needed: true, remedy: '' },
    tool('QEMU', 'qemu-system-arm', true, install('qemu-system-arm')),
    tool(
      'ARM compiler',
      'arm-none-eabi-gcc',
      true,
      install('gcc-arm-none-eabi libnewlib-arm-none-eabi'),
      '-dumpversion',
    ),
    tool('make', 'make', true, install('make')),
    tool('cargo (third-party sources)', 'cargo', false, install('cargo-web')),
    tool('gdb', 'gdb-multiarch', false, install('gdb-multiarch')),
    tool('Renode', 'renode', false, 'Install it from its project; QEMU does without.'),
    tool('clang (fuzzing)', 'clang', false, install('clang libclang-rt-14-dev')),
    {
      what: 'libcoap client (interoperability tests)',
      found: existsSync('/usr/bin/coap-client-notls') ? 'present' : undefined,
      needed: false,
      remedy: install('libcoap3-bin'),
    },
  ];
}

async function examineSerial(): Promise<Finding> {
  const what = 'serial ports (npm serialport)';
  const remedy = 'npm install serialport';
  try {
    await import('serialport');
    return { what, found: 'present', needed: false, remedy };
  } catch {
    return { what, needed: false, remedy };
  }
}

function examineWorkspace(workspace: Workspace): readonly Finding[] {
  const firmware = join(workspace.distribution, 'firmware', 'build', 'netduinoplus2', 'radon.bin');
  const boards = listEmulatedBoards(workspace);
  const running = boards.filter((entry) => entry.running).length;
  return [
    {
      what: 'firmware',
      found: existsSync(firmware) ? 'built' : undefined,
      needed: true,
      remedy: 'npm run build:firmware',
    },
    { what: 'emulated boards', found: `${running} of ${boards.length} running`, needed: false, remedy: '' },
  ];
}

const doctor: CommandModule = (program, { workspace, output }) => {
  program
    .command('doctor')
    .description('What is installed, what is missing, how to mend it.')
    .addHelpText('after', `\nExample: ${invocation} doctor`)
    .action(async () => {
      const findings = [...examineTools(), await examineSerial(), ...examineWorkspace(workspace)];
      output.result(findings.map((finding) => ({ ...finding, found: finding.found ?? null })));
      for (const { what, found, needed, remedy } of findings) {
        const mark = found !== undefined ? '✔' : needed ? '✘' : '·';
        output.line(`${mark} ${what.padEnd(42)} ${found ?? `missing. ${remedy}`}`);
      }
      if (findings.some((finding) => finding.needed && finding.found === undefined))
        process.exitCode = exitCode.unreachable;
    });
};

export default doctor;
