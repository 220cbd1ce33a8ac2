import { type CommandModule, invocation } from '../command-line.ts';
import { addSettingFlags, bridgeOptionsOf, flagsGiven } from '../configuration/bridge-options.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { type SettingValue, settingNames } from '../configuration/settings.ts';

function shown(value: SettingValue): string {
  const text = typeof value === 'object' ? value.join(', ') : String(value);
  return text === '' ? '-' : text;
}

const config: CommandModule = (program, { workspace, output }) => {
  const command = program
    .command('config')
    .description('Check the configuration of the bridge and print it, with where each value comes from.')
    .addHelpText('after', `\nExample: ${invocation} config --port 9000`);
  addSettingFlags(command).action((options: { readonly config?: string }) => {
    const { settings, origins } = readConfiguration({
      root: workspace.root,
      file: options.config,
      environment: process.env,
      flags: flagsGiven(options),
    });
    bridgeOptionsOf(settings);
    output.result(
      Object.fromEntries(settingNames.map((name) => [name, { value: settings[name], from: origins[name] }])),
    );
    output.table(
      ['SETTING', 'VALUE', 'FROM'],
      settingNames.map((name) => [name, shown(settings[name]), origins[name]]),
    );
  });
};

export default config;
