/** The configuration of the bridge: flags before the environment, the environment before the file, that before defaults. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createSchemaCheck, parseJsonFile, problemFailure } from '../build/json-file.ts';
import { unreadableFile, usageFailure } from '../failure.ts';
import {
  flagOf,
  type SettingName,
  type Settings,
  type SettingValue,
  settingNames,
  settings,
  variableOf,
} from './settings.ts';

export interface ConfigurationSources {
  /** Where `bridge.json` is looked for. */
  readonly root: string;
  /** Another file, which must be there. */
  readonly file?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Those that were given. */
  readonly flags: Readonly<Partial<Record<SettingName, SettingValue>>>;
}

export interface Configuration {
  readonly settings: Settings;
  /** Where each value comes from: `default`, `bridge.json:3`, `RADON_BRIDGE_PORT`, `--port`. */
  readonly origins: Readonly<Record<SettingName, string>>;
}

/** A value and where it stands. */
interface Given {
  readonly value: SettingValue;
  readonly origin: string;
}

type Source = Readonly<Partial<Record<SettingName, Given>>>;

export const configurationFile = 'bridge.json';
const remedy = 'docs/guide/operating.md explains the settings.';
const checkSchema = createSchemaCheck('bridge.schema.json');

/** Throws CommandFailure, with the place, for whatever is no setting or no value of one. */
export function readConfiguration(sources: ConfigurationSources): Configuration {
  const layers = [readFlags(sources.flags), readEnvironment(sources.environment), readFile(sources)];
  const found = settingNames.map((name): readonly [SettingName, Given] => [
    name,
    layers.find((layer) => layer[name] !== undefined)?.[name] ?? {
      value: settings[name].fallback,
      origin: 'default',
    },
  ]);
  const values: Record<string, SettingValue> = {};
  const origins: Record<string, string> = {};
  for (const [name, { value, origin }] of found) {
    values[name] = value;
    origins[name] = origin;
  }
  return {
    settings: values as unknown as Settings,
    origins: origins as Configuration['origins'],
  };
}

function readFlags(flags: ConfigurationSources['flags']): Source {
  return collect((name) => {
    const value = flags[name];
    return value === undefined ? undefined : { value: placed(name, value, '.'), origin: flagOf(name) };
  });
}

/** Lists are separated by commas, switches are `true` or `false`, an empty variable is as one that is not set. */
function readEnvironment(environment: NodeJS.ProcessEnv): Source {
  return collect((name) => {
    const origin = variableOf(name);
    const text = environment[origin];
    if (text === undefined || text === '') return undefined;
    const value = parseText(text, settings[name].fallback);
    const [problem] = checkSchema({ [name]: value });
    if (problem !== undefined) throw usageFailure(`${origin}: ${problem.message}.`, remedy);
    return { value: placed(name, value, '.'), origin };
  });
}

/** What a text stands for that is of the same kind as another value; itself where it is none. */
function parseText(text: string, like: SettingValue): SettingValue {
  if (typeof like === 'object') return text.split(',').map((item) => item.trim());
  if (typeof like === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof like === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function readFile({ root, file, environment }: ConfigurationSources): Source {
  const named = file ?? (environment.RADON_BRIDGE_CONFIG || undefined);
  const path = named === undefined ? join(root, configurationFile) : resolve(named);
  if (named === undefined && !existsSync(path)) return {};
  const shown = relative(process.cwd(), path);
  const json = parseJsonFile(textOf(path), shown, remedy);
  const problems = checkSchema(json.value);
  if (problems.length > 0) throw problemFailure(json.placed(problems), remedy);
  const values = json.value as Readonly<Partial<Record<SettingName, SettingValue>>>;
  return collect((name) => {
    const value = values[name];
    const [place] = json.placed([{ path: [name], message: '' }]);
    return value === undefined
      ? undefined
      : { value: placed(name, value, dirname(path)), origin: `${shown}:${place?.line}` };
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadableFile(relative(process.cwd(), path), cause);
  }
}

function collect(read: (name: SettingName) => Given | undefined): Source {
  const source: Partial<Record<SettingName, Given>> = {};
  for (const name of settingNames) {
    const given = read(name);
    if (given !== undefined) source[name] = given;
  }
  return source;
}

/** Names of files are told whole. */
function placed(name: SettingName, value: SettingValue, folder: string): SettingValue {
  return settings[name].isFile && typeof value === 'string' && value !== '' ? resolve(folder, value) : value;
}
