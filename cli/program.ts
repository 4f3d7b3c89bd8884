import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { UsageError } from './errors.ts';
import { fail } from './fail.ts';
import { verbGroups } from './verb.ts';

const description = `A self-managed Kubernetes cluster on AWS with an object-detection service on it, and its local twin.`;

const closing = `
Exit codes: 0 done, 1 failed, 2 wrong usage or an invalid cluster.config.ts, 128 + N ended by signal N (130: Ctrl-C).
./stepkube <verb> --help says more of a verb. With --debug (or STEPKUBE_DEBUG=1) an error shows its stack.`;

/** `./stepkube` with these verbs. */
export function createProgram(verbs: readonly CommandUnknownOpts[]): CommandUnknownOpts {
  const program = new Command('./stepkube')
    .usage('<verb> [options]')
    .description(description)
    .helpOption('-h, --help', 'show this text')
    .helpCommand(false)
    .addHelpText('after', closing)
    .configureHelp({ subcommandTerm: (verb) => verb.name() })
    // run() prints errors.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const groups: readonly string[] = verbGroups;
  const order = (verb: CommandUnknownOpts) => groups.indexOf(verb.helpGroup());
  for (const verb of verbs.toSorted((one, other) => order(one) - order(other))) {
    verb.copyInheritedSettings(program);
    program.addCommand(verb, { hidden: verb.helpGroup() === '' });
  }
  return program;
}

/** Runs a command line to its end; what went wrong is printed and becomes the exit code. */
export async function run(program: CommandUnknownOpts, args: readonly string[]): Promise<void> {
  if (args.length === 0) return program.outputHelp();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error);
    if (error.exitCode === 0) return; // help
    const verb = program.commands.find((command) => command.name() === args[0]);
    fail(new UsageError(usageMessage(error.message, verb), { cause: error }));
  }
}

/** Runs the process's own command line as one verb: for the scripts that `./stepkube check` and the like start. */
export function runVerb(verb: CommandUnknownOpts): Promise<void> {
  return run(createProgram([verb]), [verb.name(), ...process.argv.slice(2)]);
}

/** commander's message in the words of this command line: `--port x: must be a whole number from 0 to 65535`. */
function usageMessage(message: string, verb: CommandUnknownOpts | undefined): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  const [, option, optionValue, optionRule] =
    /^option '[^']*?(--[a-z-]+)[^']*' argument '(.*)' is invalid\. (.*)$/.exec(text) ?? [];
  if (option !== undefined) return `${option} ${optionValue}: ${ruleOf(optionRule!)}`;
  const [, value, argument, rule] =
    /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/.exec(text) ?? [];
  if (argument !== undefined) return `${argument} ${value}: ${ruleOf(rule!)}`;
  return `${text}; ./stepkube ${verb === undefined ? '' : `${verb.name()} `}--help lists what there is`;
}

function ruleOf(text: string): string {
  return text.replace(/^Allowed choices are (.*)\.$/, 'must be one of $1');
}
