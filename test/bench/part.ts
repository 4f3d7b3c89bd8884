import type { Model } from '#local/assembly/model.ts';

/** Options of every part of the benchmark. */
export interface BenchOptions {
  readonly model: Model;
  /** Threads of the model and of the image decoder. */
  readonly threads: number;
  /** Repetitions of each time measurement. */
  readonly runs: number;
  /** Number of images and events in the memory measurements. */
  readonly pictures: number;
  /** Size of the largest images. */
  readonly maxMegapixels: number;
  readonly seed: number;
  /** Reports progress to the user. */
  readonly progress: (text: string) => void;
}

/** A measurement compared with a baseline of the same run, so that the machine's speed cancels out. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly baseline: string;
  readonly ratio: number;
  /** The highest acceptable ratio; undefined when the target does not apply to this run. */
  readonly target?: number | undefined;
}

export interface Part {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Finding[]>;
}
