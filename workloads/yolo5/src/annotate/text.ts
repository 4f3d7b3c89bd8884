import glyphs from './glyphs.json' with { type: 'json' };

/** Glyph outlines in font units, with the baseline at 0 and y pointing down. */
export interface Font {
  /** Origin and license of the outlines. */
  readonly source: string;
  readonly unitsPerEm: number;
  readonly ascender: number;
  /** Negative: below the baseline. */
  readonly descender: number;
  readonly glyphs: Readonly<Record<string, { readonly advance: number; readonly outline: string }>>;
}

const font: Font = glyphs;
const glyphOf = (character: string) => font.glyphs[character] ?? font.glyphs['?']!;

/** Width of a line of text, in the unit of `size`. */
export function textWidth(text: string, size: number): number {
  const units = [...text].reduce((sum, character) => sum + glyphOf(character).advance, 0);
  return (units * size) / font.unitsPerEm;
}

/** A line of text as SVG paths, so that drawing it needs no installed font. */
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
