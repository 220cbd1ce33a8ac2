type Fields = Readonly<Record<string, unknown>>;

/** Fields over fields: objects are merged, everything else is replaced. */
export function mergeFields(base: unknown, over: Fields): Record<string, unknown> {
  const merged: Record<string, unknown> = isFields(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over))
    merged[key] = isFields(value) ? mergeFields(merged[key], value) : value;
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
