import glyphs from './glyphs.json' with { type: 'json' };

/** Outlines of a font in its own units, baseline at 0, y downwards. */
export interface Font {
  /** Where the outlines come from, and their licence. */
  readonly source: string;
  readonly unitsPerEm: number;
  readonly ascender: number;
  /** Below the baseline: negative. */
  readonly descender: number;
  readonly glyphs: Readonly<Record<string, { readonly advance: number; readonly outline: string }>>;
}

const font: Font = glyphs;
const glyphOf = (character: string) => font.glyphs[character] ?? font.glyphs['?']!;

/** Width of a line of text, in units of its size. */
export function textWidth(text: string, size: number): number {
  const units = [...text].reduce((sum, character) => sum + glyphOf(character).advance, 0);
  return (units * size) / font.unitsPerEm;
}

/** A line of text as an SVG path: it needs no font where it is drawn. */
export function textPath(text: string, options: { x: number; baseline: number; size: number; fill: string }): string {
  const scale = options.size / font.unitsPerEm;
  let x = 0;
  const outlines = [...text].map((character) => {
    const { advance, outline } = glyphOf(character);
    const placed = `<path transform="translate(${x})" d="${outline}"/>`;
    x += advance;
    return placed;
  });
  return `<g fill="${options.fill}" transform="translate(${options.x} ${options.baseline}) scale(${scale})">${outlines.join('')}</g>`;
}
