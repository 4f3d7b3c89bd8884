/** A Dockerfile cannot be read, or does what the report cannot follow; the message quotes the instruction. */
export class UnknownInstructionError extends Error {
  override readonly name = 'UnknownInstructionError';
}

/** `COPY --from=build /packages/ node_modules/` has the keyword COPY and the operands after it. */
export interface Instruction {
  readonly keyword: string;
  readonly operands: string;
}

/** For people. */
export const textOf = ({ keyword, operands }: Instruction) => `${keyword} ${operands}`;

export interface Stage {
  /** With its build arguments filled in by their defaults. */
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** What COPY and ADD say. */
export interface FileCopy {
  readonly flags: ReadonlyMap<string, string>;
  readonly sources: readonly string[];
  readonly target: string;
}

/** @returns the stages, the final one last. @throws UnknownInstructionError when there is none */
export function parseDockerfile(text: string): readonly Stage[] {
  const defaults = new Map<string, string>();
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    const { keyword, operands } = instruction;
    if (keyword === 'FROM') {
      const [reference, as, name] = operands.split(/\s+/);
      const base = reference!.replace(/\$\{(\w+)\}/g, (all, argument) => defaults.get(argument) ?? all);
      stages.push({ base, name: as?.toUpperCase() === 'AS' ? name : undefined, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push(instruction);
    else if (keyword === 'ARG') defaults.set(...split(operands, '='));
    else throw new UnknownInstructionError(`${textOf(instruction)}: before the first FROM`);
  }
  if (stages.length === 0) throw new UnknownInstructionError('no FROM');
  return stages;
}

/** One for each instruction: without comments, and in one line. */
function instructionsOf(text: string): readonly Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword, operands] = split(line.trim(), ' ');
      return { keyword: keyword.toUpperCase(), operands: operands.trim() };
    });
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws UnknownInstructionError for the JSON form, and without a source */
export function parseFileCopy(instruction: Instruction): FileCopy {
  const { operands } = instruction;
  const words = operands.split(/\s+/);
  const flags = new Map(words.filter((word) => word.startsWith('--')).map((word) => split(word.slice(2), '=')));
  const paths = words.filter((word) => !word.startsWith('--'));
  if (operands.includes('[') || paths.length < 2)
    throw new UnknownInstructionError(`${textOf(instruction)}: needs sources and a target, separated by spaces`);
  return { flags, sources: paths.slice(0, -1), target: paths.at(-1)! };
}
