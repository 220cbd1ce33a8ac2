/** The logs of all nodes, newest line at the end. */
import { element, setText } from './element.ts';
import type { Live } from './live.ts';

export interface LogPanel {
  /** The result ends it. */
  follow(node: string): () => void;
}

interface Line {
  readonly node: string;
  readonly text: string;
  readonly level: string;
}

const maxLines = 500;

export function createLogPanel(panel: HTMLElement, live: Live): LogPanel {
  const filter = element('input', { type: 'search', placeholder: 'filter', 'aria-label': 'filter the log' });
  const list = element('ol', { class: 'lines', tabindex: 0, 'aria-label': 'log lines' });
  const empty = element('p', { class: 'muted' }, 'Nothing was logged yet.');
  const head = element('div', { class: 'row' }, element('h2', { id: 'log-title' }, 'Log'), filter);
  panel.append(head, empty, list);

  const isShown = (item: Element) => item.textContent.toLowerCase().includes(filter.value.toLowerCase());

  function add({ node, text, level }: Line): void {
    const item = element('li', {}, element('b', {}, node), ` ${text}`);
    item.dataset.level = level;
    item.hidden = !isShown(item);
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    list.append(item);
    while (list.childElementCount > maxLines) list.firstElementChild?.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    empty.hidden = true;
  }

  filter.addEventListener('input', () => {
    for (const item of list.querySelectorAll('li')) item.hidden = !isShown(item);
  });

  return {
    follow(node) {
      return live.subscribe(`/nodes/${node}/log`, {
        value(data) {
          for (const line of linesOf(data)) add({ node, ...line });
        },
        lost: () => add({ node, text: 'lost', level: 'WARN' }),
        back: () => add({ node, text: 'back', level: 'INFO' }),
        end: (detail) => setText(empty, `${node}: ${detail}`),
      });
    },
  };
}

/** `timeMs LEVEL source message` a line. */
function linesOf(data: unknown): readonly Pick<Line, 'text' | 'level'>[] {
  const lines = typeof data === 'string' ? data.split('\n').filter((line) => line !== '') : [];
  return lines.map((line) => {
    const found = /^(\d+) (\w+) (.*)$/.exec(line);
    if (found === null) return { text: line, level: 'INFO' };
    const [, timeMs, level = 'INFO', rest] = found;
    return { text: `${timeOf(Number(timeMs))} ${level} ${rest}`, level };
  });
}

/** A node that was not told the time counts from its start. */
function timeOf(timeMs: number): string {
  const isClock = timeMs > 1e12;
  return isClock ? new Date(timeMs).toLocaleTimeString() : `${(timeMs / 1000).toFixed(3)} s`;
}
