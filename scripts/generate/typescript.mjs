// Tables of the bridge and the toolchain, in TypeScript.
import { abi, coapByte, errors, fields, notice } from './tables.mjs';

function tsConst(name, value, doc) {
  return `/** ${doc} */\nexport const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}

export function tsAbi() {
  return [
    `// ${notice('docs/atom-abi.json')}`,
    '',
    tsConst('abiVersion', abi.version, 'Version of the runtime interface.'),
    tsConst('abiModule', abi.module, 'The one module an atom may import.'),
    tsConst('abiFunctions', abi.functions, 'The functions an atom may import, by fixed number.'),
    tsConst(
      'eventField',
      { ...abi.eventFields, ...abi.eventBytes },
      'Fields of event_get (< 16) and event_read.',
    ),
    tsConst('eventKind', abi.eventKinds, 'What woke an instance.'),
    tsConst('abiExports', abi.exports, 'Functions a module may export, and the event each handles.'),
    tsConst('handlerResult', abi.handlerResults, 'What a handler answers.'),
    tsConst('abiError', abi.errors, 'Errors a runtime function returns.'),
    tsConst('trap', abi.traps, 'Why an activation ended in ERROR.'),
    tsConst('phase', abi.phases, 'Phase of an instance.'),
    tsConst('logLevel', abi.logLevels, 'Level of a log line.'),
    tsConst('ioEdges', abi.ioEdges, 'Edges of io_watch.'),
    tsConst('sendFlag', abi.sendFlags, 'Flags of send.'),
    tsConst('requestFlag', abi.requestFlags, 'Flags of request.'),
    tsConst('outcome', abi.outcomes, 'What became of a message: REASON of an UNDELIVERED event.'),
    tsConst('stopReason', abi.stopReasons, 'REASON of a STOP event.'),
    tsConst('method', abi.methods, 'CoAP method codes.'),
    tsConst('contentFormat', abi.formats, 'CoAP content-formats in use.'),
    tsConst('abiFeatures', abi.features, 'WebAssembly features nodes accept and refuse.'),
    tsConst('abiLimits', abi.limits, 'Fixed limits of the interface, in the unit of their name.'),
    tsConst('configurationTable', abi.configuration, 'Values, defaults and ranges of a configuration.'),
  ].join('\n');
}

export function tsFields() {
  return `// ${notice('docs/fields.json')}\n\n${tsConst('fieldKeys', fields, 'CBOR integer key of each field name.')}`;
}

export function tsErrors() {
  const table = Object.fromEntries(
    errors.map(({ name, coap, ...rest }) => [name, { coap: coapByte(coap), ...rest }]),
  );
  return `// ${notice('docs/errors.json')}\n\n${tsConst('errorTable', table, 'Every user-visible error: CoAP code byte, HTTP status, exit code, sentence, remedy.')}\nexport type ErrorName = keyof typeof errorTable;\n`;
}
