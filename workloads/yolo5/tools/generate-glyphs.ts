/**
 * Writes src/annotate/glyphs.json: outlines of Roboto Medium (Apache-2.0) for printable ASCII and Latin-1, so that labels
 * look the same everywhere. The container image has no fonts.
 *
 * usage: node workloads/yolo5/tools/generate-glyphs.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import opentype from 'opentype.js';
import type { Font } from '../src/annotate/text.ts';

const fontFile = fileURLToPath(import.meta.resolve('roboto-fontface/fonts/roboto/Roboto-Medium.woff'));
const outputFile = new URL('../src/annotate/glyphs.json', import.meta.url);

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const characters = [...range(0x20, 0x7e), ...range(0xa1, 0xff)].map((code) => String.fromCodePoint(code));

const bytes = await readFile(fontFile);
const roboto = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const font: Font = {
  source: 'Roboto Medium by Google, Apache-2.0',
  unitsPerEm: roboto.unitsPerEm,
  ascender: roboto.ascender,
  descender: roboto.descender,
  glyphs: Object.fromEntries(
    characters.map((character) => {
      const glyph = roboto.charToGlyph(character);
      const outline = glyph.getPath(0, 0, roboto.unitsPerEm).toPathData(0);
      return [character, { advance: Math.round(glyph.advanceWidth ?? 0), outline }];
    }),
  ),
};
await writeFile(outputFile, `${JSON.stringify(font, undefined, 2)}\n`);
