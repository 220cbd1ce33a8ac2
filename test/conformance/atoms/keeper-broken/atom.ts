/** Version 2 of `keeper`, which cannot start. */
export function on_start(): void {
  unreachable();
}
