import { filesOf } from './files.ts';
import { packageFolderOf } from './inventory.ts';
import type { LayerSize } from './measure.ts';
import type { StagedImage } from './stage-image.ts';

export interface ImageReport {
  readonly service: string;
  readonly layers: readonly LayerSize[];
  readonly targetBytes: number;
  readonly componentCount: number;
  /** Path of its SBOM. */
  readonly sbomFile: string;
  /** The largest parts of an image that is too large, otherwise empty. */
  readonly largest: readonly Part[];
}

/** A package or a single file. */
export interface Part {
  readonly path: string;
  readonly bytes: number;
}

export function compressedBytesOf(layers: readonly LayerSize[]): number {
  return layers.reduce((sum, { compressedBytes }) => sum + compressedBytes, 0);
}

/** Whether the image is below its maximum size. */
export function fits({ layers, targetBytes }: Pick<ImageReport, 'layers' | 'targetBytes'>): boolean {
  return compressedBytesOf(layers) < targetBytes;
}

/** The ten largest parts, unpacked. */
export async function largestParts(image: Pick<StagedImage, 'layers'>): Promise<readonly Part[]> {
  const parts = new Map<string, number>();
  for (const { path, bytes } of await filesOf(image)) {
    const part = packageFolderOf(path) ?? path;
    parts.set(part, (parts.get(part) ?? 0) + bytes);
  }
  return [...parts]
    .map(([path, bytes]) => ({ path, bytes }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, 10);
}

const titleWidth = 66;

/** The table that `npm run images` prints. */
export function tableOf(reports: readonly ImageReport[]): string {
  const sources = new Set(reports.flatMap(({ layers }) => layers.flatMap(({ recordedFrom }) => recordedFrom ?? [])));
  const marks = new Map([...sources].map((source, index) => [source, `[${index + 1}]`]));
  return [
    ...reports.flatMap((report) => [...imageLines(report, marks), '']),
    'MB are 1,000,000 bytes. Compressed is what a registry stores, and what the targets are about.',
    'Measured here: what COPY and WORKDIR add, packed by tar and gzip. Not measured but recorded:',
    ...[...marks].map(([source, mark]) => `  ${mark} ${source}`),
  ].join('\n');
}

function imageLines(report: ImageReport, marks: ReadonlyMap<string, string>): readonly string[] {
  const { service, layers, targetBytes, componentCount, sbomFile, largest } = report;
  const verdict = fits(report) ? 'ok' : 'TOO LARGE';
  const allKnown = layers.every(({ bytes }) => bytes !== undefined);
  const unpackedBytes = layers.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return [
    `${service.padEnd(titleWidth + 6)}   unpacked   compressed`,
    ...layers.map((layer) =>
      line(shorten(layer.title), marks.get(layer.recordedFrom ?? '') ?? '', layer.bytes, layer.compressedBytes),
    ),
    line(allKnown ? 'total' : 'total (unpacked: without the base)', '', unpackedBytes, compressedBytesOf(layers)),
    `  under ${targetBytes / 1e6} MB: ${verdict}; ${componentCount} components in ${sbomFile}`,
    ...(largest.length === 0 ? [] : ['  its largest parts:']),
    ...largest.map(({ path, bytes }) => line(`  ${shorten(path)}`, '', bytes, undefined)),
  ];
}

function line(title: string, mark: string, bytes: number | undefined, compressedBytes: number | undefined): string {
  return `  ${title.padEnd(titleWidth)} ${mark.padEnd(3)} ${megabytes(bytes)} ${megabytes(compressedBytes).padStart(12)}`.trimEnd();
}

function megabytes(bytes: number | undefined): string {
  if (bytes === undefined) return '-'.padStart(10);
  return (bytes < 10_000 ? '<0.01 MB' : `${(bytes / 1e6).toFixed(2)} MB`).padStart(10);
}

function shorten(text: string): string {
  return text.length <= titleWidth ? text : `${text.slice(0, titleWidth - 1)}…`;
}
