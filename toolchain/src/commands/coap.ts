import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { type CoapClient, type CoapResponse, createCoapContext, formatCode } from '@radon/bridge/coap';
import { formatName } from '@radon/bridge/fields';
import { openUdpClient } from '@radon/bridge/link';
import { method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, exitCode, unreachable, unreadableFile, usageFailure } from '../failure.ts';
import { isSuccess, jsonRepresentation, parseFormatOption, prettyRepresentation } from '../representation.ts';

/** A `coap:` URI taken apart (RFC 7252 section 6.4). */
export interface CoapTarget {
  readonly host: string;
  readonly port: number;
  /** Decoded segments: `%2F` stays inside one. */
  readonly path: readonly string[];
  readonly query: readonly string[];
}

const defaultPort = 5683;

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

async function openClient(target: CoapTarget): Promise<CoapClient> {
  let address: string;
  try {
    ({ address } = await lookup(target.host));
  } catch (cause) {
    throw unreachable(`The host ${target.host} is not known.`, 'Check the name, or use an address.', cause);
  }
  return createCoapContext(await openUdpClient({ host: address, port: target.port }));
}

function readPayload(options: RequestOptions): Uint8Array | undefined {
  if (options.data !== undefined) return new TextEncoder().encode(options.data);
  if (options.file === undefined) return undefined;
  try {
    return new Uint8Array(readFileSync(options.file === '-' ? 0 : options.file));
  } catch (cause) {
    throw unreadableFile(options.file, cause);
  }
}

function clientRequest(verb: keyof typeof method, target: CoapTarget, options: RequestOptions) {
  const payload = readPayload(options);
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

function show(response: CoapResponse, { output }: CommandContext): void {
  const format = response.contentFormat === undefined ? '' : ` ${formatName(response.contentFormat)}`;
  output.result({
    code: formatCode(response.code),
    format: response.contentFormat,
    maxAge: response.maxAge,
    body: jsonRepresentation(response),
  });
  output.note(`${formatCode(response.code)}${format}`);
  if (response.payload.length > 0) output.line(prettyRepresentation(response));
}

function noAnswer(target: CoapTarget, cause: unknown): CommandFailure {
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
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(options.timeout * 1000)]);
    const response = await client
      .request(clientRequest(verb, target, options), { signal })
      .catch((cause: unknown) => {
        throw context.signal.aborted ? cause : noAnswer(target, cause);
      });
    show(response, context);
    if (!isSuccess(response.code)) process.exitCode = exitCode.failed;
  } finally {
    await client.close();
  }
}

async function observe(
  uri: string,
  options: RequestOptions & { readonly count?: number },
  context: CommandContext,
): Promise<void> {
  const target = parseCoapUri(uri);
  const client = await openClient(target);
  try {
    await new Promise<void>((resolve, reject) => {
      let seen = 0;
      const observation = client.observe(clientRequest('GET', target, options), {
        next(response) {
          show(response, context);
          seen += 1;
          if (!isSuccess(response.code)) reject(new CommandFailure(`${uri} ended the observation.`));
          else if (seen === options.count) resolve();
        },
        lost(reason) {
          context.output.note(`lost: ${reason instanceof Error ? reason.message : formatCode(reason.code)}`);
        },
      });
      context.signal.addEventListener('abort', () => {
        observation.cancel();
        reject(context.signal.reason);
      });
    });
  } finally {
    await client.close();
  }
}

const seconds = (text: string) => {
  const value = Number(text);
  if (!(value > 0)) throw usageFailure('--timeout takes seconds.');
  return value;
};

const verbs = {
  get: { method: 'GET', description: 'Read a resource.', body: false },
  put: { method: 'PUT', description: 'Replace a resource.', body: true },
  post: { method: 'POST', description: 'Post to a resource.', body: true },
  delete: { method: 'DELETE', description: 'Delete a resource.', body: false },
} as const;

const register: CommandModule = (program, context) => {
  for (const [name, verb] of Object.entries(verbs)) {
    const example = verb.body
      ? `put coap://127.0.0.1:5701/a/rain/threshold --data 25`
      : `${name} coap://127.0.0.1:5701/node`;
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
      .option('--timeout <s>', 'give up after', seconds, 60)
      .addHelpText(
        'after',
        `\nExample: ${invocation} ${verb.body && name === 'post' ? `post coap://127.0.0.1:5701/a/echo/echo --data hello` : example}`,
      );
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
    .option('--count <n>', 'end after so many notifications', Number)
    .addHelpText(
      'after',
      `\nExample: ${invocation} observe coap://127.0.0.1:5701/a/rain/level --accept senml+json`,
    )
    .action((uri: string, options: RequestOptions & { count?: number }) => observe(uri, options, context));
};

export default register;
