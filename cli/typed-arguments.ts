/** What follows the verb on the command line. */
export function typedArguments(): readonly string[] {
  return process.argv.slice(3);
}
