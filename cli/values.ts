import { InvalidArgumentError } from '@commander-js/extra-typings';

/** Parsers of options' values, for commander's `argParser`. What they throw becomes `--option VALUE: <message>`. */

/** Both ends are allowed. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isSafeInteger(number) && number >= minimum && number <= maximum) return number;
    const range = maximum === Number.MAX_SAFE_INTEGER ? `${minimum} up` : `${minimum} to ${maximum}`;
    throw new InvalidArgumentError(`must be a whole number from ${range}`);
  };
}

/** Above 0, at most `maximum`. */
export function positiveNumber(maximum: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (number > 0 && number <= maximum) return number;
    throw new InvalidArgumentError(`must be a number above 0, at most ${maximum}`);
  };
}

/** e.g. i-0123456789abcdef0 */
export function instanceId(value: string): string {
  if (/^i-[0-9a-f]{8,17}$/.test(value)) return value;
  throw new InvalidArgumentError('must be an EC2 instance id such as i-0123456789abcdef0');
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** '15m' -> 900 seconds */
export function duration(value: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(value) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (unitSeconds[unit] ?? 1);
  throw new InvalidArgumentError('must be a number with s, m, h or d, such as 15m');
}
