// The runtime interface for atoms in AssemblyScript.
import { abi, notice } from './tables.mjs';

const asType = { i32: 'i32', ptr: 'usize', ptr8: 'usize', len: 'i32', f64: 'f64' };

export function asAbi() {
  const declarations = abi.functions.map((f) => {
    const params = f.params.map((p) => {
      const [name, type] = p.split(':');
      return `${name}: ${asType[type]}`;
    });
    return `/** ${f.doc} */\n// @ts-ignore: decorator\n@external("${abi.module}", "${f.name}")\nexport declare function ${f.name}(${params.join(', ')}): ${f.result};\n`;
  });
  const namespace = (name, table) =>
    `export namespace ${name} {\n${Object.entries(table)
      .map(([k, v]) => `  // @ts-ignore: decorator\n  @inline export const ${k}: i32 = ${v};`)
      .join('\n')}\n}\n`;
  return [
    `// ${notice('docs/atom-abi.json')}`,
    '',
    ...declarations,
    namespace('EventField', { ...abi.eventFields, ...abi.eventBytes }),
    namespace('EventKind', abi.eventKinds),
    namespace('Handled', abi.handlerResults),
    namespace('ErrorCode', abi.errors),
    namespace('Trap', abi.traps),
    namespace('LogLevel', abi.logLevels),
    namespace('IoEdges', abi.ioEdges),
    namespace('SendFlag', abi.sendFlags),
    namespace('RequestFlag', abi.requestFlags),
    namespace('Outcome', abi.outcomes),
    namespace('StopReason', abi.stopReasons),
    namespace('Method', abi.methods),
    namespace('Format', abi.formats),
  ].join('\n');
}
