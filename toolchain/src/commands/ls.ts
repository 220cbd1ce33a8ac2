import { parseLinks } from '@radon/bridge/coap';
import { method } from '@radon/bridge/tables';
import { type CommandModule, invocation } from '../command-line.ts';
import { withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';
import { formatDuration } from '../output.ts';

const ls: CommandModule = (program, context) => {
  const { output, signal } = context;
  program
    .command('ls')
    .description('Nodes with their link, or the resources of the named nodes.')
    .argument('[nodes...]')
    .addHelpText('after', `\nExample: ${invocation} ls gauge-1`)
    .action((names: string[]) =>
      withSession(context, async (session) => {
        if (names.length === 0) {
          const states = await session.list();
          output.result(states);
          if (states.length === 0) output.line(`No nodes: ${invocation} emu start NAME`);
          else {
            output.table(
              ['NODE', 'KIND', 'LINK', 'SINCE', 'ADDRESS', 'COAP'],
              states.map((state) => [
                state.name,
                state.kind,
                state.link,
                formatDuration(Date.now() - state.since),
                state.address,
                state.coap ?? '-',
              ]),
            );
          }
          return;
        }
        for (const name of names) {
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
      }),
    );
};

export default ls;
