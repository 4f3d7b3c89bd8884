/** Distinguishable colors that are dark enough for white text. */
const colors = [
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

/** The color of a label, the same in every image. */
export function colorOf(label: string): string {
  let hash = 0;
  for (const character of label) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) | 0;
  return colors[Math.abs(hash) % colors.length]!;
}
