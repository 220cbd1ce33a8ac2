/** Where a `.atom` file is dropped or chosen for a node, with the progress of its push. */
import { element, setAttribute, setText } from './element.ts';
import { formatBytes } from './format.ts';
import { type PushProgress, pushFile } from './push.ts';

/** Files dropped anywhere on `card` go to the node. */
export function createPushControl(node: string, card: HTMLElement): HTMLElement {
  const input = element('input', { type: 'file', accept: '.atom', 'aria-label': `push to ${node}` });
  const hint = element('span', { class: 'hint' }, 'Drop a .atom file here, or choose one');
  const bar = element('progress', { max: 1, value: 0, hidden: true, 'aria-label': `push to ${node}` });
  const said = element('output', { class: 'said' });
  const control = element('div', { class: 'push' }, element('label', {}, input, hint), bar, said);
  let isBusy = false;

  function show({ sent, total }: PushProgress): void {
    setAttribute(bar, 'max', Math.max(1, total));
    setAttribute(bar, 'value', sent);
    setText(said, `${formatBytes(sent)} of ${formatBytes(total)}`);
  }

  function end(text: string, outcome: 'done' | 'failed'): void {
    bar.hidden = true;
    said.dataset.outcome = outcome;
    setText(said, text);
  }

  async function push(file: File): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    bar.hidden = false;
    delete said.dataset.outcome;
    const started = performance.now();
    try {
      const name = await pushFile(node, file, show);
      end(`${name} pushed in ${((performance.now() - started) / 1000).toFixed(2)} s`, 'done');
    } catch (error) {
      end(`${file.name}: ${error instanceof Error ? error.message : String(error)}`, 'failed');
    } finally {
      isBusy = false;
      input.value = '';
    }
  }

  function pushFirst(files: FileList | null | undefined): void {
    const [file] = files ?? [];
    if (file !== undefined) void push(file);
  }

  input.addEventListener('change', () => pushFirst(input.files));
  acceptDrops(card, pushFirst);
  return control;
}

function acceptDrops(card: HTMLElement, dropped: (files: FileList | undefined) => void): void {
  card.addEventListener('dragover', (event) => {
    event.preventDefault();
    card.classList.add('aimed');
  });
  card.addEventListener('dragleave', (event) => {
    if (!card.contains(event.relatedTarget as Node | null)) card.classList.remove('aimed');
  });
  card.addEventListener('drop', (event) => {
    event.preventDefault();
    card.classList.remove('aimed');
    dropped(event.dataTransfer?.files);
  });
}
