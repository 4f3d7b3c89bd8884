import type { Model } from '#local/assembly/model.ts';

/** What every part of the benchmark is given. */
export interface BenchOptions {
  readonly model: Model;
  /** Threads of the model and of the decoder. */
  readonly threads: number;
  /** Repetitions of each measurement of time. */
  readonly runs: number;
  /** Pictures of the memory part. */
  readonly pictures: number;
  /** Size of its largest pictures. */
  readonly largestMegapixels: number;
  readonly seed: number;
  /** Tells what goes on, while it takes long. */
  readonly progress: (text: string) => void;
}

/** A number against a baseline of the same run; the machine's speed is in both. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly baseline: string;
  readonly ratio: number;
  /** The highest ratio that is good enough; none when the run is not one that the target is about. */
  readonly target?: number | undefined;
}

export interface Part {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Finding[]>;
}
