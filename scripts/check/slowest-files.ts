/** How long one test file took: imports, hooks and tests. */
export interface FileTime {
  readonly file: string;
  readonly seconds: number;
}

/** @param times a JSON list of FileTime. @returns one line for each of the slowest files, the slowest first. */
export function slowestFiles(times: string, count: number): readonly string[] {
  return (JSON.parse(times) as FileTime[])
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, count)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
}
