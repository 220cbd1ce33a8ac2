import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultBoard } from '../boards.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { exitCode } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

interface Finding {
  readonly what: string;
  /** Version or state; undefined: missing. */
  readonly found: string | undefined;
  /** The command that cannot do without; undefined where everything goes on without it. */
  readonly neededFor?: string;
  readonly remedy: string;
}

/** One row of what set-up installs (scripts/requirements.mjs). */
interface Requirement {
  readonly for: string;
  readonly package: string;
  readonly why: string;
  present(): boolean;
}

const install = (name: string) => `Debian: apt-get install --no-install-recommends ${name}`;

/** Version a program prints, or undefined when it is not there. */
function versionOf(command: string): string | undefined {
  const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/\d+\.\d+(?:\.\d+)?/.exec(stdout)?.[0] ?? 'present') : undefined;
}

function examineNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  const what = isNew ? 'Node.js' : `Node.js 20.19 or newer (this is ${process.versions.node})`;
  return {
    what,
    found: isNew ? process.versions.node : undefined,
    neededFor: 'start',
    remedy: 'See nodejs.org.',
  };
}

/** In the repository: what set-up would install. An installed package builds no firmware and needs the emulator alone. */
async function examineSetUp({ distribution }: Workspace): Promise<readonly Finding[]> {
  const script = join(distribution, 'scripts', 'requirements.mjs');
  if (!existsSync(script)) return [];
  const { requirements } = (await import(pathToFileURL(script).href)) as {
    requirements: readonly Requirement[];
  };
  return requirements.map((row) => ({
    what: `${row.package} (${row.why.replace(/ \(.*/, '')})`,
    found: row.present() ? 'present' : undefined,
    neededFor: row.for,
    remedy: install(row.package),
  }));
}

async function examineSerial(): Promise<Finding> {
  const found = await import('serialport').then(
    () => 'present',
    () => undefined,
  );
  return { what: 'npm serialport (boards on serial ports)', found, remedy: 'npm install serialport' };
}

function examineExtras(): readonly Finding[] {
  return [
    {
      what: 'gdb-multiarch (emu start --debug)',
      found: versionOf('gdb-multiarch'),
      remedy: install('gdb-multiarch'),
    },
    {
      what: 'renode (another emulator)',
      found: versionOf('renode'),
      remedy: 'Install it from its project; QEMU does without.',
    },
  ];
}

function examineWorkspace(workspace: Workspace): readonly Finding[] {
  const build = join(workspace.distribution, 'firmware', 'build');
  const built = (...path: string[]) => (existsSync(join(build, ...path)) ? 'built' : undefined);
  const boards = listEmulatedBoards(workspace);
  const running = boards.filter((entry) => entry.running).length;
  const remedy = 'npm run build:firmware';
  return [
    { what: 'firmware', found: built(defaultBoard, 'radon.bin'), neededFor: 'start', remedy },
    { what: 'program that measures RAM', found: built('measure', 'measure.elf'), neededFor: 'start', remedy },
    { what: 'emulated boards', found: `${running} of ${boards.length} running`, remedy: '' },
  ];
}

function describe({ what, found, neededFor, remedy }: Finding, width: number): string {
  const mark = found !== undefined ? '✔' : neededFor === 'start' ? '✘' : '·';
  const need =
    neededFor === undefined ? 'optional' : `for npm ${neededFor === 'bench' ? 'run bench' : neededFor}`;
  return `${mark} ${what.padEnd(width)}  ${found ?? `missing, ${need}. ${remedy}`}`;
}

const doctor: CommandModule = (program, { workspace, output }) => {
  program
    .command('doctor')
    .description('What is installed, what is missing, how to mend it.')
    .addHelpText('after', `\nExample: ${invocation} doctor`)
    .action(async () => {
      const findings: readonly Finding[] = [
        examineNode(),
        {
          what: 'QEMU',
          found: versionOf('qemu-system-arm'),
          neededFor: 'start',
          remedy: install('qemu-system-arm'),
        },
        ...(await examineSetUp(workspace)).filter(({ what }) => !what.startsWith('qemu-system-arm')),
        ...examineExtras(),
        await examineSerial(),
        ...examineWorkspace(workspace),
      ];
      output.result(findings.map((finding) => ({ ...finding, found: finding.found ?? null })));
      const width = Math.max(...findings.map(({ what }) => what.length));
      for (const finding of findings) output.line(describe(finding, width));
      if (findings.some(({ neededFor, found }) => neededFor === 'start' && found === undefined))
        process.exitCode = exitCode.unreachable;
    });
};

export default doctor;
