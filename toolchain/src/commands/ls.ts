import { parseLinks } from '@radon/bridge/coap';
import { hasTags, type NodeState } from '@radon/bridge/registry';
import { method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { usageFailure } from '../failure.ts';
import { type NodeSession, withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';
import { formatDuration } from '../output.ts';

interface Options {
  readonly tag?: readonly string[];
}

async function listNodes(session: NodeSession, wanted: readonly string[], { output }: CommandContext) {
  const states = (await session.list()).filter(({ tags }) => hasTags(tags, wanted));
  output.result(states);
  if (states.length > 0) printNodes(states, output);
  else if (wanted.length > 0) output.line(`No node has the tags ${wanted.join(', ')}.`);
  else output.line(`No nodes: ${invocation} emu start NAME`);
}

function printNodes(states: readonly NodeState[], output: CommandContext['output']): void {
  output.table(
    ['NODE', 'KIND', 'LINK', 'SINCE', 'ADDRESS', 'COAP', 'TAGS'],
    states.map(({ name, kind, link, since, address, coap = '-', tags = [] }) => [
      name,
      kind,
      link,
      formatDuration(Date.now() - since),
      address,
      coap,
      tags.join(' ') || '-',
    ]),
  );
}

async function listResources(session: NodeSession, name: string, { output, signal }: CommandContext) {
  const node = await session.node(name);
  const request = nodeRequest({ method: method.GET, path: ['.well-known', 'core'] });
  const { payload } = await command(node, request, signal);
  const links = parseLinks(new TextDecoder().decode(payload));
  output.result({ node: name, links });
  output.table(
    ['NODE', 'RESOURCE', 'RT', 'IF', 'FORMATS', 'OBS', 'TITLE'],
    links.map(({ href, attributes: { rt, if: interfaces, ct, obs, title } }) => [
      name,
      href,
      String(rt ?? ''),
      String(interfaces ?? ''),
      String(ct ?? ''),
      obs === undefined ? '' : 'yes',
      String(title ?? ''),
    ]),
  );
}

const ls: CommandModule = (program, context) => {
  program
    .command('ls')
    .description('Nodes with their link and tags, or the resources of the named nodes.')
    .argument('[nodes...]')
    .option('--tag <tag...>', 'only the nodes that have all these tags')
    .addHelpText('after', `\nExample: ${invocation} ls gauge-1`)
    .action(async (names: string[], { tag = [] }: Options) => {
      if (names.length > 0 && tag.length > 0)
        throw usageFailure('--tag chooses nodes, and nodes are named.', 'Leave one of them out.');
      await withSession(context, async (session) => {
        if (names.length === 0) await listNodes(session, tag, context);
        for (const name of names) await listResources(session, name, context);
      });
    });
};

export default ls;
