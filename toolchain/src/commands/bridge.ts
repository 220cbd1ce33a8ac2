import type { Bridge } from '@radon/bridge/server';
import { type CommandModule, invocation } from '../command-line.ts';
import { addSettingFlags, bridgeOptionsOf, flagsGiven } from '../configuration/bridge-options.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import type { Output } from '../output.ts';

const bridge: CommandModule = (program, { workspace, output, signal }) => {
  const command = program
    .command('bridge')
    .description('Run the server alone: boards, host node, HTTP and CoAP, until Ctrl-C.')
    .addHelpText('after', `\nExample: ${invocation} bridge --serial gauge-2=/dev/ttyACM0`);
  addSettingFlags(command).action(async (options: { readonly config?: string }) => {
    const { settings } = readConfiguration({
      root: workspace.root,
      file: options.config,
      environment: process.env,
      flags: flagsGiven(options),
    });
    const chosen = bridgeOptionsOf(settings);
    const { openBridge } = await import('../bridge/open-bridge.ts');
    const opened = await openBridge(workspace, { ...chosen, logger: loggerOf(output) });
    const ignoreHangups = chosen.tls === undefined ? () => {} : reloadTlsAtHangup(opened, output);
    try {
      output.result({ url: opened.url, coap: opened.coap, token: opened.token });
      output.line(`HTTP  ${opened.url}/`);
      output.line(`CoAP  ${opened.coap}/.well-known/core`);
      if (opened.token !== undefined) output.line(`token ${opened.token}`);
      signal.throwIfAborted();
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    } finally {
      ignoreHangups();
      await opened.close();
    }
  });
};

function loggerOf(output: Output) {
  return {
    debug: (text: string) => (output.verbose ? output.note(text) : undefined),
    info: (text: string) => output.note(text),
    warn: (text: string) => output.note(text),
    error: (text: string) => output.note(text),
  };
}

/** The result ends it. */
function reloadTlsAtHangup(opened: Bridge, output: Output): () => void {
  const reload = () => {
    try {
      opened.reloadTls();
      output.note('TLS: certificate and key read again');
    } catch (error) {
      output.note(error instanceof Error ? error.message : String(error));
    }
  };
  process.on('SIGHUP', reload);
  return () => process.off('SIGHUP', reload);
}

export default bridge;
