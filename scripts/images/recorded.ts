/**
 * What the images take from elsewhere and cannot be measured here: recorded once, beside where it was read.
 * Whoever changes the digest or the download in a Dockerfile is told to record its size here.
 */

export interface RecordedBase {
  /** As in the Dockerfiles' NODE_IMAGE. */
  readonly reference: string;
  readonly nodeVersion: string;
  /** Sum of its layers for linux/amd64, as they lie in the registry. */
  readonly compressedBytes: number;
  readonly source: string;
}

export interface RecordedDownload {
  readonly url: string;
  readonly sha256: string;
  readonly name: string;
  readonly version: string;
  /** As an SPDX identifier. */
  readonly licence: string;
  readonly bytes: number;
  readonly source: string;
}

/** Its unpacked size is not published. The layers: 28,232,655 + 3,323 + 50,502,756 + 1,712,981 + 450 bytes. */
export const recordedBase: RecordedBase = {
  reference: 'node:24-bookworm-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df',
  nodeVersion: '24.19.0',
  compressedBytes: 80_452_165,
  source:
    'github.com/docker-library/repo-info, repos/node/remote/24-bookworm-slim.md, of this digest (manifest sha256:e5a8dee7bc1e, 2026-08-25)',
};

export const recordedDownloads: readonly RecordedDownload[] = [
  {
    url: 'https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5n.onnx',
    sha256: '04f0e55c26f58d17145b36045780fe1250d5bd2187543e11568e5141d05b3262',
    name: 'yolov5n',
    version: 'v7.0',
    licence: 'GPL-3.0-only',
    bytes: 3_981_910,
    source: 'three public projects that pin this URL and SHA-256 with its size (read 2026-11-25)',
  },
];

const megabyte = 1_000_000;

/** What an image may take in a registry, in bytes: compressed, as its registry counts it. */
export function targetBytesOf(service: string): number {
  return (service === 'yolo5' ? 250 : 120) * megabyte;
}
