/** A value of the command line is not allowed: the message names the option, the value and what is allowed. */
export class InvalidArgumentError extends Error {
  override readonly name = 'InvalidArgumentError';
}

/** @throws InvalidArgumentError */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new InvalidArgumentError(`${option} ${value}: must be one of ${allowed.join(', ')}`);
  return found;
}

/** Both ends are allowed. @throws InvalidArgumentError */
export function wholeNumber(option: string, value: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
  throw new InvalidArgumentError(`${option} ${value}: must be a whole number from ${range}`);
}
