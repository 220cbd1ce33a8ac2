// Exercises the runtime: what an atom would keep between two activations, driven from runtime.test.ts.
class Node {
  constructor(public value: i32, public next: Node | null) {}
}

let list: Node | null = null;
let names = new Map<string, i32>();
let numbers = new Set<i32>();
let rows: Array<Array<i32>> = [];
/** Its first buffer is static data; growing moves it to the heap. */
const grown: i32[] = [1, 2, 3];
let raw: usize = 0;

export function mapSet(key: i32, value: i32): void {
  names.set(key.toString(), value);
}

export function mapGet(key: i32): i32 {
  const text = key.toString();
  return names.has(text) ? names.get(text) : -1;
}

export function mapDelete(key: i32): i32 {
  return <i32>names.delete(key.toString());
}

export function mapSize(): i32 {
  return names.size;
}

export function setAdd(value: i32): void {
  numbers.add(value);
}

export function setHas(value: i32): i32 {
  return <i32>numbers.has(value);
}

export function setClear(): void {
  numbers = new Set<i32>();
}

export function listPush(value: i32): void {
  list = new Node(value, list);
}

export function listSum(): i32 {
  let sum = 0;
  let node: Node | null = list;
  while (node) {
    sum += node.value;
    node = node.next;
  }
  return sum;
}

export function listClear(): void {
  list = null;
}

export function rowsPush(length: i32, value: i32): void {
  rows.push(new Array<i32>(length).fill(value));
}

export function rowsDrop(): void {
  rows.shift();
}

export function rowsSum(): i32 {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < rows[i].length; j++) sum += rows[i][j];
  return sum;
}

export function grow(value: i32): i32 {
  grown.push(value);
  let sum = 0;
  for (let i = 0; i < grown.length; i++) sum += grown[i];
  return sum;
}

/** Garbage only: text put together and thrown away. */
export function waste(count: i32): i32 {
  let text = "";
  for (let i = 0; i < count; i++) text = text + i.toString();
  return text.length;
}

export function rawFill(size: i32, value: i32): void {
  if (raw) heap.free(raw);
  raw = heap.alloc(size);
  memory.fill(raw, <u8>value, size);
}

export function rawByte(offset: i32): i32 {
  return load<u8>(raw + offset);
}

/** Two arrays that grow in turn, so that neither can grow in place: what they leave behind must serve again. */
export function weave(count: i32): i32 {
  const first: i32[] = [];
  const second: i32[] = [];
  for (let i = 0; i < count; i++) {
    first.push(i);
    second.push(i);
  }
  let sum = 0;
  for (let i = 0; i < count; i++) sum += first[i] + second[i];
  return sum;
}
