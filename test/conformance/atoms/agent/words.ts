/** The command being carried out, word by word. */
let text: string = "";
let at: i32 = 0;

export function command(line: string): void {
  text = line;
  at = 0;
}

export function nextWord(): string {
  const from = at;
  while (at < text.length && text.charCodeAt(at) != 0x20) at++;
  const word = text.substring(from, at);
  at++;
  return word;
}

/** The next word as a number; 0 where it is none. */
export function nextNumber(): i32 {
  let value = 0;
  for (; at < text.length && text.charCodeAt(at) != 0x20; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  at++;
  return value;
}

/** What stands behind the words that were taken. */
export function rest(): string {
  return text.substring(at);
}
