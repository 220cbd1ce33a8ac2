import { method } from '@radon/bridge/tables';
import { Option } from 'commander';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { parseMethod, readBody, showAnswer } from '../exchange.ts';
import { unreachable, usageFailure } from '../failure.ts';
import { atomTargets, withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';
import { numberOption } from '../number-option.ts';
import { parseFormatOption } from '../representation.ts';

interface Options {
  readonly method?: keyof typeof method;
  readonly accept?: number;
  readonly format?: number;
  readonly file?: string;
  readonly on?: string;
  readonly timeout: number;
}

/** `worker~2/level?unit=mm` taken apart. */
export function parseAtomPath(text: string): {
  readonly atom: string;
  readonly instance: string;
  readonly path: readonly string[];
  readonly query: readonly string[];
} {
  const [, instance, atom, path, query] =
    /^(([a-z][a-z0-9-]*)(?:~\d+)?)\/([^?]+)(?:\?(.*))?$/.exec(text) ?? [];
  if (instance === undefined || atom === undefined || path === undefined)
    throw usageFailure(`"${text}" is no resource of an atom.`, 'For example: rain/level');
  return { atom, instance, path: path.split('/'), query: query === undefined ? [] : query.split('&') };
}

async function call(
  resource: string,
  data: string | undefined,
  options: Options,
  context: CommandContext,
): Promise<void> {
  const { atom, instance, path, query } = parseAtomPath(resource);
  const payload = readBody({ data, file: options.file });
  const { accept, format: contentFormat, timeout } = options;
  const verb = options.method ?? (payload === undefined ? 'GET' : 'POST');
  await withSession(context, async (session) => {
    const on = options.on === undefined ? [] : [options.on];
    const nodes = await atomTargets(session, atom, on, context);
    const [node, ...others] = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (node === undefined) return;
    if (others.length > 0)
      context.output.note(`${node.name} answers; also on ${others.map(({ name }) => name).join(', ')}`);
    const request = nodeRequest({
      method: method[verb],
      path: ['a', instance, ...path],
      query,
      ...(payload !== undefined && { payload }),
      accept,
      contentFormat,
    });
    const answer = await withDeadline(timeout * 1000, context.signal, (deadline) =>
      command(node, request, deadline),
    ).catch((error: unknown) => {
      if (context.signal.aborted || (error as Error).name === 'RadonError') throw error;
      throw unreachable(`${atom} on ${node.name} did not answer within ${timeout} s.`, '', error);
    });
    showAnswer(answer, context.output, { node: node.name });
  });
}

const register: CommandModule = (program, context) => {
  program
    .command('call')
    .description('A request to an atom by its name, wherever it is: GET, or POST with a body.')
    .argument('<resource>', 'ATOM/PATH[?QUERY]; ATOM may be an instance (worker~2)')
    .argument('[body]', 'of the request')
    .addOption(
      new Option('--method <method>', 'another method').choices(Object.keys(method)).argParser(parseMethod),
    )
    .option('--accept <format>', 'content-format wanted', parseFormatOption)
    .option('--format <format>', 'content-format of the body', parseFormatOption)
    .option('--file <file>', 'body from a file, - for standard input')
    .option('--on <node>', 'on this node (default: the first that holds it)')
    .option('--timeout <s>', 'give up after so many seconds', numberOption('--timeout', 0.001, 3600), 15)
    .addHelpText('after', `\nExample: ${invocation} call rain/level --accept text`)
    .action((resource: string, body: string | undefined, options: Options) =>
      call(resource, body, options, context),
    );
};

export default register;
