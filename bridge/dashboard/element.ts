/** Makes elements. Text is always text: what nodes send is never parsed as HTML. */

export type Child = Node | string;

/** Attributes by name; `true` is an empty one, `false` none. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(made, key, value);
  made.append(...children);
  return made;
}

export function setAttribute(of: Element, name: string, value: string | number | boolean): void {
  if (value === false) of.removeAttribute(name);
  else of.setAttribute(name, value === true ? '' : String(value));
}

/** Leaves the text alone where it is the same, so that a selection in it stays. */
export function setText(of: Element, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Makes the children of a parent these, in this order, moving only what is elsewhere: focus stays where it is. */
export function setChildren(parent: Element, wanted: readonly Element[]): void {
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}
