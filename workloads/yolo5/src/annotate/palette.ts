/**
 * Colours that stay apart from each other and dark enough for white text; the same label has the same colour in every
 * picture.
 */
const colours = [
  '#e6194b',
  '#2a8f3b',
  '#4363d8',
  '#d9600f',
  '#911eb4',
  '#0086a8',
  '#f032e6',
  '#5f9600',
  '#9a6324',
  '#008080',
  '#a07d00',
  '#5b5fc7',
];

export function colourOf(label: string): string {
  let hash = 0;
  for (const character of label) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) | 0;
  return colours[Math.abs(hash) % colours.length]!;
}
