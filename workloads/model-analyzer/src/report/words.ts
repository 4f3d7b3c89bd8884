/** 1 picture, 1,234 pictures */
export const counted = (count: number, noun: string) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

export const dateOf = (instant: string) =>
  new Date(instant).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** Prepares a verdict for display: no line break between a figure and its unit, and 'to' for the arrow, which many fonts lack. */
export const typeset = (text: string) => text.replaceAll(' %', '\u00a0%').replaceAll(' ->', '\u00a0to');
