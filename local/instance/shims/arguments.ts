/** Parses a shim's arguments. Options that the twin does not support are refused rather than ignored. */
import { ShimError } from './shim.ts';

export interface ParsedArguments {
  /** Values of the options by name without dashes; a flag's value is ''. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

export interface ArgumentRules {
  readonly tool: string;
  /** Options that take a value, e.g. ['output', 'o']. */
  readonly valued?: readonly string[];
  readonly flags?: readonly string[];
  /** Exit code of a usage error; the default is 2. */
  readonly usageExitCode?: number;
}

/** @throws ShimError for an option that is in neither list */
export function parseArguments(argv: readonly string[], rules: ArgumentRules): ParsedArguments {
  const options = new Map<string, string[]>();
  const operands: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index]!;
    if (!argument.startsWith('-') || argument === '-') {
      operands.push(argument);
      continue;
    }
    const [name, inline] = splitOption(argument);
    let value = inline ?? '';
    if (rules.valued?.includes(name)) {
      if (inline === undefined) {
        index += 1;
        value = argv[index] ?? '';
      }
    } else if (!rules.flags?.includes(name)) {
      throw new ShimError(`${rules.tool}: unknown option '${argument}' (in the twin)`, rules.usageExitCode ?? 2);
    }
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return { options, operands };
}

function splitOption(argument: string): [name: string, value: string | undefined] {
  const bare = argument.replace(/^--?/, '');
  const equals = bare.indexOf('=');
  return equals < 0 ? [bare, undefined] : [bare.slice(0, equals), bare.slice(equals + 1)];
}

/** The last value of an option; undefined when it is not given. */
export function option(parsed: ParsedArguments, name: string): string | undefined {
  return parsed.options.get(name)?.at(-1);
}
