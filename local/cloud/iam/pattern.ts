/** IAM patterns: `*` stands for any characters, `?` for one. */
export function matchesPattern(pattern: string, value: string, { ignoreCase = false } = {}): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, ignoreCase ? 'is' : 's').test(value);
}
