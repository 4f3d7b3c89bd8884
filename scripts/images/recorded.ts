/**
 * Sizes and origin of what the images take from elsewhere and what cannot be measured without a network. The pins themselves
 * are in workloads/Dockerfile; an entry here names the beginning of the checksum to which it belongs, so that a changed pin
 * without a new entry is an error.
 */

export interface RecordedBase {
  /** Beginning of the base image's digest. */
  readonly digest: string;
  readonly nodeVersion: string;
  /** Sum of its layers for linux/amd64, as they are stored in the registry. */
  readonly compressedBytes: number;
  readonly source: string;
}

export interface RecordedDownload {
  /** Beginning of the file's SHA-256. */
  readonly sha256: string;
  readonly name: string;
  readonly version: string;
  /** As an SPDX identifier. */
  readonly license: string;
  readonly bytes: number;
  readonly source: string;
}

/** Its unpacked size is not published. The layers: 28,232,655 + 3,323 + 50,502,756 + 1,712,981 + 450 bytes. */
export const recordedBase: RecordedBase = {
  digest: 'sha256:a9f5f7c91a43',
  nodeVersion: '24.19.0',
  compressedBytes: 80_452_165,
  source:
    'github.com/docker-library/repo-info, repos/node/remote/24-bookworm-slim.md, of this digest (manifest sha256:e5a8dee7bc1e, 2026-08-25)',
};

export const recordedDownloads: readonly RecordedDownload[] = [
  {
    sha256: '04f0e55c26f5',
    name: 'yolov5n',
    version: 'v7.0',
    license: 'GPL-3.0-only',
    bytes: 3_981_910,
    source: 'three public projects that pin this URL and SHA-256 with its size (read 2026-11-25)',
  },
];

const megabyte = 1_000_000;

/** The maximum size of an image in bytes: compressed, as the registry counts it. */
export function targetBytesOf(service: string): number {
  return (service === 'yolo5' ? 250 : 120) * megabyte;
}
