/** A bar with its figures: how much of something is taken. */
import { element, setAttribute, setText } from './element.ts';

export interface Meter {
  readonly element: HTMLElement;
  /** Hidden until something is known, and where there is nothing to take from. */
  update(used: number | undefined, total: number | undefined): void;
}

/** From this share on a bar that `warns` does. */
const tight = 0.9;

export function createMeter(label: string, format: (value: number) => string, warns = true): Meter {
  const figures = element('span', { class: 'figures' });
  const bar = element('meter', { min: 0, 'aria-label': label });
  const whole = element(
    'div',
    { class: 'meter', hidden: true },
    element('span', { class: 'label' }, label),
    bar,
    figures,
  );
  return {
    element: whole,
    update(used = 0, total = 0) {
      whole.hidden = total === 0;
      setAttribute(bar, 'max', Math.max(1, total));
      setAttribute(bar, 'high', warns && tight * total);
      setAttribute(bar, 'value', used);
      setText(figures, `${format(used)} of ${format(total)}`);
    },
  };
}
