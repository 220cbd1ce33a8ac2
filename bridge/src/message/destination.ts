/** Where a message goes: docs/reference/runtime-interface.md#messages. */

const name = '[a-z][a-z0-9-]{0,31}';
/** An atom, an alias, or an instance `worker~2`. */
const instance = `${name}(?:~[1-9][0-9]{0,9})?`;

const nameForm = new RegExp(`^${name}$`);
const instanceForm = new RegExp(`^${instance}$`);
const destinationForm = new RegExp(`^(?:(${name})/)?(${instance})$`);
const addressForm = new RegExp(`^${name}/${instance}$`);

export interface Destination {
  /** Left out: wherever the name is. */
  readonly node?: string;
  /** Of an atom, an instance or an alias. */
  readonly name: string;
}

/** Reads `<name>` or `<node>/<name>`; undefined for a text that is none. */
export function parseDestination(text: string): Destination | undefined {
  const [, node, target] = destinationForm.exec(text) ?? [];
  if (target === undefined) return undefined;
  return node === undefined ? { name: target } : { node, name: target };
}

/** Whether it can be the name of a node, an atom or an alias. */
export function isName(text: string): boolean {
  return nameForm.test(text);
}

/** Whether it can be the name of an atom, an alias or an instance. */
export function isInstanceName(text: string): boolean {
  return instanceForm.test(text);
}

/** Whether it is the full address of a sender, `<node>/<instance>`. */
export function isAddress(text: string): boolean {
  return addressForm.test(text);
}

/** The atom of an instance: `worker` of `worker~2`. */
export function atomOf(instanceName: string): string {
  const tilde = instanceName.indexOf('~');
  return tilde < 0 ? instanceName : instanceName.slice(0, tilde);
}
