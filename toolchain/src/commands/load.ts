import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { generateLoad, type LoadEnd } from '@radon/bridge/load';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { exitCode, unreadableFile, usageFailure } from '../failure.ts';
import { openCoapTarget } from '../load/coap-target.ts';
import { openHttpTarget } from '../load/http-target.ts';
import { preciseClock } from '../load/precise-clock.ts';
import { type LoadReport, liveLine, printReport } from '../load/report.ts';
import { drawLoad } from '../load/svg-plot.ts';
import type { LoadRequestOptions, LoadTarget } from '../load/target.ts';
import { numberOption, wholeNumberOption } from '../number-option.ts';
import { replaceFile } from '../replace-file.ts';
import { parseFormatOption } from '../representation.ts';

type Header = readonly [name: string, value: string];

interface Options extends LoadRequestOptions {
  readonly clients?: number;
  readonly rounds?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly timeout: number;
  readonly non?: boolean;
  readonly ports?: number;
  readonly header?: readonly Header[];
  readonly tokenFile?: string;
  readonly plot?: string;
}

const mostClients = 10_000;
const closedLoopRounds = 100;
const openLoopClients = 100;
const openLoopS = 10;
/** As for requests by hand: longer than an atom may take, and two retransmissions. */
const defaultTimeoutS = 15;

async function openTarget(uri: string, options: Options): Promise<LoadTarget> {
  const scheme = /^(coap|https?):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined)
    throw usageFailure(`"${uri}" is no coap: or http: URI.`, 'For example: coap://127.0.0.1:5701/node');
  const { non, ports, header, tokenFile } = options;
  if (scheme === 'coap') {
    if (header !== undefined || tokenFile !== undefined)
      throw usageFailure('--header and --token-file are for HTTP.');
    return openCoapTarget(uri, { ...options, ports: ports ?? mostClients });
  }
  if (non !== undefined || ports !== undefined) throw usageFailure('--non and --ports are for CoAP.');
  const token = tokenFile === undefined ? [] : [['authorization', `Bearer ${readToken(tokenFile)}`] as const];
  return openHttpTarget(uri, { ...options, headers: [...token, ...(header ?? [])] });
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageFailure(`The file ${file} holds no token.`, 'One line, as radon tokens create prints it.');
}

function parseHeader(text: string, before: readonly Header[] = []): readonly Header[] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\r\n\0]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw usageFailure(`"${text}" is no header.`, 'For example: --header "X-Trace: 1"');
  return [...before, [name, value]];
}

/** The loop that the options ask for. */
function loopOf(options: Options) {
  const { rate, rounds, ports = mostClients } = options;
  if (rate !== undefined && rounds !== undefined)
    throw usageFailure('--rounds is for a closed loop; --rate makes an open one.', 'Give --duration.');
  const loop = rate === undefined ? closedLoop(options) : openLoop(options, rate, ports);
  if (loop.clients > ports)
    throw usageFailure(`--ports ${ports} is too few for ${loop.clients} clients: each has its own.`);
  return loop;
}

function closedLoop({ clients = 1, rounds, duration }: Options) {
  if (duration === undefined) return { clients, rounds: rounds ?? closedLoopRounds };
  return { clients, ...(rounds !== undefined && { rounds }), durationMs: 1_000 * duration };
}

function openLoop({ clients, duration = openLoopS }: Options, ratePerSecond: number, ports: number) {
  const most = clients ?? Math.min(openLoopClients, ports);
  return { clients: most, ratePerSecond, durationMs: 1_000 * duration, clock: preciseClock };
}

/** A drawing that cannot be kept is told before the load, not after. */
function checkWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch {
    throw usageFailure(`The file ${file} cannot be written.`, 'Check the folder it is to be in.');
  }
}

async function load(uri: string, options: Options, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  const loop = loopOf(options);
  if (options.plot !== undefined) checkWritable(options.plot);
  const target = await openTarget(uri, options);
  await target.checkAnswers(signal);
  const idle = performance.eventLoopUtilization();
  const end = await generateLoad({
    ...loop,
    timeoutMs: 1_000 * options.timeout,
    connect: (client) => target.connect(client),
    signal,
    onProgress: (progress) => output.progress(liveLine(progress)),
  });
  const { utilization } = performance.eventLoopUtilization(idle);
  output.progress();
  const report = reportOf(uri, target, end, utilization);
  printReport(report, output);
  if (options.plot !== undefined) replaceFile(options.plot, drawLoad(report), 0o644);
  signal.throwIfAborted();
  if (end.cause !== undefined) throw end.cause;
  if (hasFailures(report)) process.exitCode = exitCode.failed;
}

function reportOf(uri: string, target: LoadTarget, { result }: LoadEnd, busy: number): LoadReport {
  const { method, ports } = target;
  return {
    uri,
    method,
    ...(ports !== undefined && { ports }),
    ...result,
    ...(result.openLoop === undefined && { busy }),
  };
}

const hasFailures = ({ lost, errors, openLoop }: LoadReport) => lost + errors + (openLoop?.unsent ?? 0) > 0;

const register: CommandModule = (program, context) => {
  program
    .command('load')
    .description('Put load on a CoAP or HTTP resource and measure the answers.')
    .argument('<uri>', 'coap://HOST[:PORT]/PATH or http[s]://HOST[:PORT]/PATH')
    .option(
      '--clients <n>',
      'concurrent clients (default: 1); with --rate the most requests under way (default: 100)',
      wholeNumberOption('--clients', 1, mostClients),
    )
    .option(
      '--rounds <n>',
      'requests of each client (default: 100, or without end with --duration)',
      wholeNumberOption('--rounds', 1, 1e9),
    )
    .option(
      '--rate <r>',
      'requests a second that are due whether or not others were answered',
      numberOption('--rate', 0.01, 1e6),
    )
    .option(
      '--duration <s>',
      'end after so many seconds (default with --rate: 10)',
      numberOption('--duration', 0.001, 604_800),
    )
    .option(
      '--timeout <s>',
      'a request not answered for so long is lost',
      numberOption('--timeout', 0.001, 3_600),
      defaultTimeoutS,
    )
    .option('--method <method>', 'another than GET, or POST with a body')
    .option('--data <text>', 'body')
    .option('--file <file>', 'body from a file, - for standard input')
    .option('--format <format>', 'format of the body: json, cbor, text, … or a number', parseFormatOption)
    .option('--accept <format>', 'format wanted', parseFormatOption)
    .option('--non', 'CoAP: non-confirmable, what is lost stays lost')
    .option('--ports <n>', 'CoAP: the most source ports', wholeNumberOption('--ports', 1, mostClients))
    .option('--header <header>', 'HTTP: "NAME: VALUE", may be repeated', parseHeader)
    .option('--token-file <file>', 'HTTP: send the token in this file')
    .option('--plot <file.svg>', 'draw rate and latency over time')
    .addHelpText('after', `\nExample: ${invocation} load coap://127.0.0.1:5701/node --clients 12 --rounds 15`)
    .action((uri: string, options: Options) => load(uri, options, context));
};

export default register;
