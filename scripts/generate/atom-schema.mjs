// The JSON schema of `atom.json`.
import { abi, notice } from './tables.mjs';

/** JSON schema of atom.json: what an author may write; the ranges of docs/atom-abi.json, nothing required but the name. */
export function atomSchema() {
  const text = (maxLength, pattern) => ({
    type: 'string',
    minLength: 1,
    maxLength,
    ...(pattern && { pattern }),
  });
  const list = (items, maxItems, uniqueItems = true) => ({
    type: 'array',
    items,
    maxItems,
    ...(uniqueItems && { uniqueItems }),
  });
  const object = (properties, required) => ({
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required && { required }),
  });
  const rule = ({ values, default: standard, min, max, multiple, doc, unit }) => {
    if (values) return { enum: values, default: standard };
    const description = [doc, unit].filter(Boolean).join(', in ');
    return {
      type: 'integer',
      minimum: min,
      maximum: max,
      ...(multiple && { multipleOf: multiple }),
      default: standard,
      description,
    };
  };
  const rules = (table) =>
    Object.fromEntries(
      Object.entries(table).map(([key, row]) => [key, 'default' in row ? rule(row) : object(rules(row))]),
    );
  const { limits } = abi;
  const name = text(limits.nameBytes, '^[a-z][a-z0-9-]*$');
  const place = text(limits.pathBytes);
  const formats = Object.keys(abi.formats).filter(
    (key) => !['COSE_SIGN1', 'PROBLEM_DETAILS', 'RADON_MESSAGE'].includes(key),
  );
  const format = {
    enum: formats.map((key) => key.toLowerCase().replace('senml_', 'senml+').replace('_', '-')),
  };
  const path = text(limits.pathBytes, '^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$');
  const resource = {
    path,
    rt: place,
    if: place,
    ct: list(format, 8),
    obs: { type: 'boolean' },
    title: place,
  };
  const { limits: limitTable, ...rest } = abi.configuration;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'atom.json',
    description: notice('docs/atom-abi.json'),
    ...object(
      {
        $schema: { type: 'string' },
        name,
        version: { ...text(16), default: '1' },
        ...rules(rest),
        limits: object(rules(limitTable)),
        io: list(name, limits.ioChannels),
        resources: list(object(resource, ['path']), limits.resources, false),
        aliases: list(name, 8),
        send: list(place, 8),
        request: list(place, 8),
        hosts: object({ require: list(name, 8), avoid: list(name, 8) }),
      },
      ['name'],
    ),
  };
}
