import { lookup } from 'node:dns/promises';
import {
  type CoapClient,
  type CoapError,
  type CoapResponse,
  createCoapContext,
  formatCode,
} from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import { errorOfResponse } from '@radon/bridge/problem';
import { method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { readBody, showAnswer } from '../exchange.ts';
import { CommandFailure, unreachable, usageFailure } from '../failure.ts';
import { numberOption, wholeNumberOption } from '../number-option.ts';
import { isSuccess, parseFormatOption } from '../representation.ts';

/** A `coap:` URI taken apart (RFC 7252 section 6.4). */
export interface CoapTarget {
  readonly host: string;
  readonly port: number;
  /** Decoded segments: `%2F` stays inside one. */
  readonly path: readonly string[];
  readonly query: readonly string[];
}

const defaultPort = 5683;
/** Longer than an atom may take for its answer (`replyWithinMs`) and two retransmissions. */
const defaultTimeoutS = 15;

/** Throws a usage failure for anything but a `coap:` URI without user and fragment. */
export function parseCoapUri(text: string): CoapTarget {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usageFailure(`"${text}" is no URI.`, 'For example: coap://127.0.0.1:5701/node');
  }
  if (url.protocol !== 'coap:' || url.hostname === '' || url.hash !== '' || url.username !== '') {
    throw usageFailure(`"${text}" is no coap: URI.`, 'For example: coap://127.0.0.1:5701/node');
  }
  try {
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (path.length > 0 && path[path.length - 1] === '') path.pop();
    const query = url.search === '' ? [] : url.search.slice(1).split('&').map(decodeURIComponent);
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || defaultPort),
      path,
      query,
    };
  } catch {
    throw usageFailure(`"${text}" has a broken percent-encoding.`);
  }
}

interface RequestOptions {
  readonly accept?: number;
  readonly format?: number;
  readonly data?: string;
  readonly file?: string;
  readonly non?: boolean;
  readonly timeout: number;
}

/** The same with an address for the host's name. */
export async function resolveTarget(target: CoapTarget): Promise<CoapTarget> {
  try {
    return { ...target, host: (await lookup(target.host)).address };
  } catch (cause) {
    throw unreachable(`The host ${target.host} is not known.`, 'Check the name, or use an address.', cause);
  }
}

async function openClient(target: CoapTarget): Promise<CoapClient> {
  const { host, port } = await resolveTarget(target);
  return createCoapContext(await openUdpClient({ host, port }));
}

function clientRequest(verb: keyof typeof method, target: CoapTarget, options: RequestOptions) {
  const payload = readBody(options);
  return {
    method: method[verb],
    path: target.path,
    query: target.query,
    confirmable: options.non !== true,
    ...(options.accept === undefined ? {} : { accept: options.accept }),
    ...(payload === undefined ? {} : { payload }),
    ...(options.format === undefined ? {} : { contentFormat: options.format }),
  };
}

export function noAnswer(target: CoapTarget, cause: unknown): CommandFailure {
  return unreachable(
    `${target.host}:${target.port} does not answer CoAP.`,
    'Check that the bridge or the board runs (radon ls).',
    cause,
  );
}

async function exchange(
  verb: keyof typeof method,
  uri: string,
  options: RequestOptions,
  context: CommandContext,
): Promise<void> {
  const target = parseCoapUri(uri);
  const client = await openClient(target);
  try {
    const request = clientRequest(verb, target, options);
    const response = await withDeadline(options.timeout * 1000, context.signal, (signal) =>
      client.request(request, { signal }),
    ).catch((cause: unknown) => {
      throw context.signal.aborted ? cause : noAnswer(target, cause);
    });
    if (!isSuccess(response.code)) throw refusal(target, response);
    showAnswer(response, context.output);
  } finally {
    await client.close();
  }
}

/** Follows a resource until Ctrl-C, or until `count` notifications came; the first has to come in time. */
async function observe(
  uri: string,
  options: RequestOptions & { readonly count?: number },
  context: CommandContext,
): Promise<void> {
  const target = parseCoapUri(uri);
  const client = await openClient(target);
  const ending = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      let seen = 0;
      const timer = setTimeout(() => reject(noAnswer(target, undefined)), options.timeout * 1000);
      ending.signal.addEventListener('abort', () => clearTimeout(timer));
      const observation = client.observe(clientRequest('GET', target, options), {
        next(response) {
          clearTimeout(timer);
          if (!isSuccess(response.code)) return reject(refusal(target, response));
          showAnswer(response, context.output);
          seen += 1;
          if (seen === options.count) resolve();
        },
        lost(reason) {
          if (seen === 0 && !(reason instanceof Error)) reject(refusal(target, reason));
          else context.output.note(`lost: ${whatEnded(reason)}`);
        },
      });
      const stop = () => {
        observation.cancel();
        reject(context.signal.reason);
      };
      context.signal.addEventListener('abort', stop, { signal: ending.signal });
    });
  } finally {
    ending.abort();
    await client.close();
  }
}

const whatEnded = (reason: CoapError | CoapResponse) =>
  reason instanceof Error ? reason.message : formatCode(reason.code);

/** What a node says when it does not do what was asked. */
function refusal(target: CoapTarget, response: CoapResponse): CommandFailure {
  const error = errorOfResponse(response, `${target.host}:${target.port}`);
  const details = { code: formatCode(response.code) };
  return new CommandFailure(error.message, { remedy: error.remedy, details, cause: error });
}

const verbs = {
  get: { method: 'GET', description: 'Read a resource.', body: false, example: 'coap://127.0.0.1:5701/node' },
  put: {
    method: 'PUT',
    description: 'Replace a resource.',
    body: true,
    example: 'coap://127.0.0.1:5683/nodes/gauge-1/io/led0 --data 1',
  },
  post: {
    method: 'POST',
    description: 'Post to a resource.',
    body: true,
    example: 'coap://127.0.0.1:5701/a/echo/say --data hello',
  },
  delete: {
    method: 'DELETE',
    description: 'Delete a resource.',
    body: false,
    example: 'coap://127.0.0.1:5683/nodes/gauge-1/atoms/echo',
  },
} as const;

const register: CommandModule = (program, context) => {
  for (const [name, verb] of Object.entries(verbs)) {
    const command = program
      .command(name)
      .description(verb.description)
      .argument('<uri>', 'coap://HOST[:PORT]/PATH[?QUERY]')
      .option(
        '--accept <format>',
        'content-format wanted: json, cbor, text, … or a number',
        parseFormatOption,
      )
      .option('--non', 'non-confirmable')
      .option(
        '--timeout <s>',
        'give up after so many seconds',
        numberOption('--timeout', 0.001, 3600),
        defaultTimeoutS,
      )
      .addHelpText('after', `\nExample: ${invocation} ${name} ${verb.example}`);
    if (verb.body) {
      command
        .option('--data <text>', 'body')
        .option('--file <file>', 'body from a file, - for standard input')
        .option('--format <format>', 'content-format of the body', parseFormatOption);
    }
    command.action((uri: string, options: RequestOptions) => exchange(verb.method, uri, options, context));
  }
  program
    .command('observe')
    .description('Follow a resource until Ctrl-C.')
    .argument('<uri>', 'coap://HOST[:PORT]/PATH[?QUERY]')
    .option('--accept <format>', 'content-format wanted', parseFormatOption)
    .option(
      '--timeout <s>',
      'wait so many seconds for the first answer',
      numberOption('--timeout', 0.001, 3600),
      defaultTimeoutS,
    )
    .option('--count <n>', 'end after so many notifications', wholeNumberOption('--count', 1, 1e9))
    .addHelpText(
      'after',
      `\nExample: ${invocation} observe coap://127.0.0.1:5701/a/rain/level --accept senml+json`,
    )
    .action((uri: string, options: RequestOptions & { count?: number }) => observe(uri, options, context));
};

export default register;
