/** 1 picture, 1,234 pictures */
export const counted = (count: number, noun: string) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

export const dateOf = (instant: string) =>
  new Date(instant).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A verdict's text in a sentence: no line break between a figure and its unit, and no arrow, which few fonts have. */
export const typeset = (text: string) => text.replaceAll(' %', '\u00a0%').replaceAll(' ->', '\u00a0to');
