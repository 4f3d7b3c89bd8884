/**
 * Formats that are told apart by a file's first bytes. Nothing else may reach an image library: what is not on this list can be a
 * small file that needs any amount of memory or time, such as an SVG.
 */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif' | 'heic';

const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];
const avifBrands = ['avif', 'avis'];
/** Brands of the container alone: they do not say how the pixels are compressed. */
const heifBrands = ['mif1', 'msf1', 'mif2'];
const maxBrandsBytes = 256;

/**
 * The format that a file's first bytes state; undefined when it is none of these. `heif` stands for AVIF and for a HEIF container
 * that does not name its compression; `heic` is HEIF with HEVC pixels, which is told apart because it cannot be decoded.
 */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxBrandsBytes));
  const ascii = (from: number, to: number) => head.toString('latin1', from, to);
  if (ascii(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'gif';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp';
  // 42 is TIFF, 43 BigTIFF, in both byte orders.
  if (/^(?:II[*+]\0|MM\0[*+])/.test(ascii(0, 4))) return 'tiff';
  if (ascii(4, 8) === 'ftyp') return heifFormatOf(head);
  return undefined;
}

/** ISO base media: box size, `ftyp`, major brand, version, compatible brands. MP4 and MOV files have other brands. */
function heifFormatOf(head: Buffer): ImageFormat | undefined {
  if (head.length < 16) return undefined;
  const brands = [head.toString('latin1', 8, 12)];
  const end = Math.min(head.readUInt32BE(0), head.length);
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
  const hasOneOf = (names: readonly string[]) => brands.some((brand) => names.includes(brand));
  if (hasOneOf(avifBrands)) return 'heif';
  if (hasOneOf(heicBrands)) return 'heic';
  return hasOneOf(heifBrands) ? 'heif' : undefined;
}
