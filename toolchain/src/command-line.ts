import { Command } from 'commander';
import type { Output } from './output.ts';
import type { Workspace } from './workspace.ts';

/** What every command gets. */
export interface CommandContext {
  readonly workspace: Workspace;
  readonly output: Output;
  /** Aborts on Ctrl-C; whatever a command waits for or started ends with it. */
  readonly signal: AbortSignal;
}

/** Default export of each file in commands/: adds the command and its actions to the program. */
export type CommandModule = (program: Command, context: CommandContext) => void;

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ default: CommandModule }>;
}

/** Every command, in the order `radon --help` lists them; each is loaded only when it is used. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'make a project of your own, outside the repository',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'new',
    summary: 'make an atom folder that builds, with a test',
    load: () => import('./commands/new.ts'),
  },
  {
    name: 'build',
    summary: 'compile an atom; print its size and exact RAM need',
    load: () => import('./commands/build.ts'),
  },
  {
    name: 'pack',
    summary: 'make an atom of a module from clang, Zig or Rust',
    load: () => import('./commands/pack.ts'),
  },
  { name: 'test', summary: "run an atom's tests", load: () => import('./commands/test.ts') },
  {
    name: 'run',
    summary: 'run one atom on this machine alone',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'inspect',
    summary: 'show what a .atom or .wasm file holds',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'keys',
    summary: 'create, list, trust and rotate signing keys',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'sign',
    summary: 'build an atom and write a signed .atom file',
    load: () => import('./commands/sign.ts'),
  },
  { name: 'emu', summary: 'start, list and stop emulated boards', load: () => import('./commands/emu.ts') },
  { name: 'boards', summary: 'list the kinds of board', load: () => import('./commands/boards.ts') },
  {
    name: 'devices',
    summary: 'nodes, boards, serial ports and CoAP servers nearby',
    load: () => import('./commands/devices.ts'),
  },
  {
    name: 'flash',
    summary: 'write firmware and provisioning to a board',
    load: () => import('./commands/flash.ts'),
  },
  {
    name: 'monitor',
    summary: 'show the raw diagnostics of a board',
    load: () => import('./commands/monitor.ts'),
  },
  {
    name: 'push',
    summary: 'build, sign and send an atom to nodes',
    load: () => import('./commands/push.ts'),
  },
  {
    name: 'deploy',
    summary: 'bring a whole application to its nodes, from one file',
    load: () => import('./commands/deploy.ts'),
  },
  {
    name: 'dev',
    summary: 'watch an atom: rebuild, push and show its logs',
    load: () => import('./commands/dev.ts'),
  },
  {
    name: 'feed',
    summary: 'drive a simulated channel from a CSV file',
    load: () => import('./commands/feed.ts'),
  },
  { name: 'stop', summary: 'stop an atom', load: () => import('./commands/control.ts') },
  { name: 'start', summary: 'start a stopped atom', load: () => import('./commands/control.ts') },
  { name: 'restart', summary: 'restart an atom', load: () => import('./commands/control.ts') },
  { name: 'rm', summary: 'remove an atom and what it stored', load: () => import('./commands/control.ts') },
  {
    name: 'reset',
    summary: 'bring an emulated board back to its factory state',
    load: () => import('./commands/reset.ts'),
  },
  {
    name: 'clean',
    summary: 'remove what was built and recorded here',
    load: () => import('./commands/clean.ts'),
  },
  { name: 'ls', summary: 'list nodes and their resources', load: () => import('./commands/ls.ts') },
  { name: 'ps', summary: 'list atoms with phase, queues and memory', load: () => import('./commands/ps.ts') },
  { name: 'top', summary: 'watch nodes and atoms at work', load: () => import('./commands/top.ts') },
  {
    name: 'call',
    summary: 'make a request to an atom, wherever it is',
    load: () => import('./commands/call.ts'),
  },
  {
    name: 'send',
    summary: 'send a message to an atom, an instance or an alias',
    load: () => import('./commands/send.ts'),
  },
  { name: 'get', summary: 'read a resource', load: () => import('./commands/coap.ts') },
  { name: 'put', summary: 'replace a resource', load: () => import('./commands/coap.ts') },
  { name: 'post', summary: 'post to a resource', load: () => import('./commands/coap.ts') },
  { name: 'delete', summary: 'delete a resource', load: () => import('./commands/coap.ts') },
  { name: 'observe', summary: 'follow a resource', load: () => import('./commands/coap.ts') },
  { name: 'logs', summary: 'logs of nodes and atoms', load: () => import('./commands/logs.ts') },
  {
    name: 'load',
    summary: 'put load on a CoAP or HTTP resource and measure the answers',
    load: () => import('./commands/load.ts'),
  },
  { name: 'bridge', summary: 'run the server alone', load: () => import('./commands/bridge.ts') },
  {
    name: 'config',
    summary: 'the configuration of the bridge, and where each value comes from',
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'tokens',
    summary: 'create, list and revoke tokens for HTTP',
    load: () => import('./commands/tokens.ts'),
  },
  { name: 'bench', summary: 'measure what this project promises', load: () => import('./commands/bench.ts') },
  {
    name: 'completion',
    summary: 'print a script that completes commands and names in a shell',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'doctor',
    summary: 'what is installed, what is missing, how to mend it',
    load: () => import('./commands/doctor.ts'),
  },
];

/** How a command is typed, here and outside the repository: the npm name `radon` belongs to another package. */
export const invocation = 'npx --no-install radon';

/** A program with the options every command has. Commander's own errors are thrown, not printed. */
export function createProgram(): Command {
  return new Command(invocation)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .option('--json', 'results as JSON on stdout')
    .option('--verbose', 'technical causes of errors')
    .configureHelp({ showGlobalOptions: true });
}

/** What the help says above these commands. */
const headings: Readonly<Record<string, string>> = {
  init: 'Atoms',
  emu: 'Boards',
  push: 'Running',
  ls: 'Looking',
  bridge: 'The bridge',
  bench: 'The rest',
};

/** `radon --help`, made from the table alone. */
export function topLevelHelp(): string {
  const width = Math.max(...commandTable.map((entry) => entry.name.length));
  const rows = commandTable.flatMap(({ name, summary }) => {
    const heading = headings[name];
    return [...(heading === undefined ? [] : ['', `${heading}:`]), `  ${name.padEnd(width)}  ${summary}`];
  });
  return [
    `Usage: ${invocation} COMMAND [OPTIONS]`,
    '',
    'Signed WebAssembly atoms on STM32-class boards and on the bridge.',
    ...rows,
    '',
    'Options of every command:',
    '  --json     results as JSON on stdout',
    '  --verbose  technical causes of errors',
    '  --help     options and an example',
    '',
    `Example: ${invocation} emu start gauge-1`,
  ].join('\n');
}
