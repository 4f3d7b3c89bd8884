/** A Dockerfile cannot be parsed, or contains what the report cannot reproduce; the message quotes the instruction. */
export class UnknownInstructionError extends Error {
  override readonly name = 'UnknownInstructionError';
}

/** `COPY --from=build /packages/ node_modules/` has the keyword COPY and the operands after it. */
export interface Instruction {
  readonly keyword: string;
  /** With the build arguments filled in. */
  readonly operands: string;
}

/** For people. */
export const textOf = ({ keyword, operands }: Instruction) => `${keyword} ${operands}`;

export interface Stage {
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** The operands of COPY and ADD. */
export interface FileCopy {
  readonly flags: ReadonlyMap<string, string>;
  readonly sources: readonly string[];
  readonly target: string;
}

/**
 * @param buildArgs override the defaults of ARG.
 * @returns the stages in their order
 * @throws UnknownInstructionError when there is none
 */
export function parseDockerfile(text: string, buildArgs: Readonly<Record<string, string>> = {}): readonly Stage[] {
  const values = new Map<string, string>();
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const { keyword, operands: template } of instructionsOf(text)) {
    const operands = template.replace(/\$\{(\w+)\}/g, (all, name) => buildArgs[name] ?? values.get(name) ?? all);
    if (keyword === 'FROM') {
      const [base, as, name] = operands.split(/\s+/);
      stages.push({ base: base!, name: as?.toUpperCase() === 'AS' ? name : undefined, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push({ keyword, operands });
    else if (keyword === 'ARG') values.set(...split(operands, '='));
    else throw new UnknownInstructionError(`${textOf({ keyword, operands })}: before the first FROM`);
  }
  if (stages.length === 0) throw new UnknownInstructionError('no FROM');
  return stages;
}

/**
 * A stage together with the stages on which it is based: all instructions that make up its image.
 * @throws UnknownInstructionError when there is no such stage
 */
export function flattenStage(stages: readonly Stage[], target: string): Stage {
  const stage = stages.find(({ name }) => name === target);
  if (stage === undefined) throw new UnknownInstructionError(`FROM ... AS ${target}: there is no such stage`);
  if (!stages.some(({ name }) => name === stage.base)) return stage;
  const parent = flattenStage(stages, stage.base);
  return { ...stage, base: parent.base, instructions: [...parent.instructions, ...stage.instructions] };
}

/** Without comments, and with continued lines joined. */
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
