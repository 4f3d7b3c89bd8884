const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number: '500m' is 0.5, '128Mi' is 134217728. @throws RangeError */
export function quantity(value: string | number): number {
  if (typeof value === 'number') return value;
  const [, number, suffix] = /^([\d.]+(?:e\d+)?)([numkMGT]?i?)$/.exec(value) ?? [];
  if (number === undefined) throw new RangeError(`"${value}" is not a quantity such as 500m or 128Mi`);
  return Number(number) * (suffixes[suffix ?? ''] ?? 1);
}
