/** Dark and light: what the system says, unless the switch says otherwise; the choice is kept in this browser. */

const choices = ['system', 'light', 'dark'] as const;
type Choice = (typeof choices)[number];
const key = 'radon-theme';

/** `changed` is called after the colours are others. */
export function setUpTheme(button: HTMLElement, changed: () => void): void {
  let choice = readChoice();

  function show(): void {
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    button.textContent = `Theme: ${choice}`;
  }

  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length] ?? 'system';
    localStorage.setItem(key, choice);
    show();
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  show();
}

function readChoice(): Choice {
  const kept = localStorage.getItem(key);
  return choices.find((choice) => choice === kept) ?? 'system';
}
