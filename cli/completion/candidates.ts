import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/**
 * What may stand in place of the last word of a command line, taken from the declarations of the verbs.
 * @param words what follows the program's name; the last one is being typed and may be empty
 * @returns nothing where file names (or free text) are due
 */
export function candidatesFor(program: CommandUnknownOpts, words: readonly string[]): readonly Candidate[] {
  const [first, ...rest] = splitAtEquals(words);
  const all = rest.length === 0 ? verbsAndOptions(program) : argumentsOf(verbOf(program, first), rest);
  const typed = (rest.length === 0 ? first : rest.at(-1)) ?? '';
  return all.filter(({ value }) => value.startsWith(typed));
}

/** bash gives `--output=js` as three words, zsh as one. */
function splitAtEquals(words: readonly string[]): readonly string[] {
  return words
    .flatMap((word) => {
      const [, option, value] = /^(--[^=]+)=(.*)$/.exec(word) ?? [];
      return option === undefined ? [word] : [option, value!];
    })
    .flatMap((word, index, all) => (word === '=' ? (index === all.length - 1 ? [''] : []) : [word]));
}

function verbsAndOptions(program: CommandUnknownOpts): readonly Candidate[] {
  const verbs = visibleVerbs(program).map((verb) => ({ value: verb.name(), description: verb.summary() }));
  return [...verbs, { value: '--help', description: '' }];
}

function argumentsOf(verb: CommandUnknownOpts | undefined, words: readonly string[]): readonly Candidate[] {
  if (verb === undefined || words.slice(0, -1).includes('--')) return [];
  const typed = words.at(-1)!;
  const options = verb.createHelp().visibleOptions(verb);
  const before = options.find(({ long }) => long === words.at(-2));
  if (before !== undefined && takesValue(before)) return plain(before.argChoices ?? []);
  if (typed.startsWith('-')) return unusedOptions(options, words.slice(0, -1));
  return plain(verb.registeredArguments[0]?.argChoices ?? []);
}

function unusedOptions(options: readonly Option[], used: readonly string[]): readonly Candidate[] {
  return options
    .filter(({ long, variadic, defaultValue }) => !used.includes(long!) || variadic || Array.isArray(defaultValue))
    .map(({ long, description }) => ({ value: long!, description }));
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}

function verbOf(program: CommandUnknownOpts, name: string | undefined): CommandUnknownOpts | undefined {
  return program.commands.find((command) => command.name() === name);
}

function visibleVerbs(program: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return program.createHelp().visibleCommands(program);
}
