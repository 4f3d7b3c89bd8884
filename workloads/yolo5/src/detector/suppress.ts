import { maxObjects } from '@stepkube/shared/contracts/messages.ts';
import type { Candidate } from './decode-output.ts';

/** YOLOv5's own defaults, except for its 1,000 detections; `overlap` is an intersection over union. */
export const suppression = { overlap: 0.45, maxCandidates: 30_000, maxDetections: maxObjects } as const;

/**
 * Non-maximum suppression: of boxes of the same class that overlap by more than the limit, only the one with the highest
 * confidence is kept. @returns highest confidence first
 */
export function suppress(candidates: readonly Candidate[]): Candidate[] {
  const byConfidence = candidates
    .toSorted((one, other) => other.confidence - one.confidence)
    .slice(0, suppression.maxCandidates);
  const kept: Candidate[] = [];
  const keptByClass = new Map<number, Candidate[]>();
  for (const candidate of byConfidence) {
    const rivals = keptByClass.get(candidate.classIndex) ?? [];
    if (rivals.some((rival) => overlapOf(rival, candidate) > suppression.overlap)) continue;
    rivals.push(candidate);
    keptByClass.set(candidate.classIndex, rivals);
    kept.push(candidate);
    if (kept.length === suppression.maxDetections) break;
  }
  return kept;
}

type Corners = Pick<Candidate, 'x1' | 'y1' | 'x2' | 'y2'>;

/** Intersection over union, 0 to 1. */
export function overlapOf(one: Corners, other: Corners): number {
  const width = Math.min(one.x2, other.x2) - Math.max(one.x1, other.x1);
  const height = Math.min(one.y2, other.y2) - Math.max(one.y1, other.y1);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(one) + areaOf(other) - shared);
}

const areaOf = ({ x1, y1, x2, y2 }: Corners) => (x2 - x1) * (y2 - y1);
