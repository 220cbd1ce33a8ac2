/** Settings as the library takes them, and as flags of a command. */
import { accessSync, constants } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { BridgeOptions, SerialBoard, UdpBoard } from '@radon/bridge/server';
import type { Command } from 'commander';
import { unreadableFile, usageFailure } from '../failure.ts';
import { wholeNumberOption } from '../number-option.ts';
import {
  flagOf,
  type SettingName,
  type Settings,
  type SettingValue,
  settingNames,
  settings,
} from './settings.ts';

/** Adds a flag for each setting and `--config`. */
export function addSettingFlags(command: Command): Command {
  command.option('--config <file>', 'configuration file (default: bridge.json of the project)');
  for (const name of settingNames) {
    const { flag, summary, range } = settings[name];
    if (range === undefined) command.option(flag, summary);
    else command.option(flag, summary, wholeNumberOption(flagOf(name), ...range));
  }
  return command;
}

/** The settings among the parsed options of a command, which commander calls by their flags. */
export function flagsGiven(
  options: Readonly<Record<string, unknown>>,
): Readonly<Partial<Record<SettingName, SettingValue>>> {
  const given: Partial<Record<SettingName, SettingValue>> = {};
  for (const name of settingNames) {
    const key = flagOf(name)
      .slice(2)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const value = options[key];
    if (value !== undefined) given[name] = value as SettingValue;
  }
  return given;
}

export function bridgeOptionsOf(values: Settings): Omit<BridgeOptions, 'radonFolder'> {
  const { serial, udp, tags, tlsCert, tlsKey, ...rest } = values;
  if ((tlsCert === '') !== (tlsKey === ''))
    throw usageFailure('tlsCert and tlsKey go together.', 'Give both files, or none.');
  for (const file of [tlsCert, tlsKey]) if (file !== '') checkReadable(file);
  for (const host of [...rest.allowedHosts, ...rest.requestHosts]) checkHost(host);
  return {
    ...rest,
    serialBoards: serial.map(parseSerial),
    udpBoards: udp.map(parseUdp),
    tags: parseTags(tags),
    ...(tlsCert !== '' && { tls: { cert: tlsCert, key: tlsKey } }),
  };
}

function checkReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

/** A name or address, with a port or without; nothing in it stands for others. */
function checkHost(text: string): void {
  if (isIPv6(text) || /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?$/i.test(text)) return;
  throw usageFailure(`"${text}" is no host.`, 'For example: gateway.example, 192.0.2.7:5683');
}

/** `NAME=/dev/ttyACM0` or `NAME=/dev/ttyACM0@115200`. */
function parseSerial(text: string): SerialBoard {
  const match = /^([a-z][a-z0-9-]{0,31})=([^@]+)(?:@(\d+))?$/.exec(text);
  if (match === null)
    throw usageFailure(`"${text}" is no serial board.`, 'For example: gauge-2=/dev/ttyACM0@115200');
  const [, name = '', path = '', baud] = match;
  return { name, path, ...(baud === undefined ? {} : { baud: Number(baud) }) };
}

/** `NODE=TAG`, once for each tag. */
function parseTags(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const tags = new Map<string, readonly string[]>();
  for (const text of texts) {
    const match = /^([a-z][a-z0-9-]{0,31})=([a-z][a-z0-9-]{0,31})$/.exec(text);
    if (match === null) throw usageFailure(`"${text}" is no tag of a node.`, 'For example: gauge-2=roof');
    const [, node = '', tag = ''] = match;
    tags.set(node, [...new Set([...(tags.get(node) ?? []), tag])]);
  }
  return tags;
}

/** `NAME=HOST:PORT`. */
function parseUdp(text: string): UdpBoard {
  const match = /^([a-z][a-z0-9-]{0,31})=(.+?)(?::(\d+))?$/.exec(text);
  if (match === null) throw usageFailure(`"${text}" is no UDP node.`, 'For example: gauge-3=192.0.2.7:5683');
  const [, name = '', host = '', port] = match;
  return {
    name,
    host,
    ...(port === undefined ? {} : { port: wholeNumberOption('the port', 1, 65_535)(port) }),
  };
}
