import { candidatesFor } from '../completion/candidates.ts';
import { loadVerbs } from '../load-verbs.ts';
import { createProgram } from '../program.ts';
import { createVerb } from '../verb.ts';

/** Called by the shell's completion: prints what may stand in place of the last word, one `value<TAB>description` a line. */
export function command() {
  return createVerb('complete', { summary: '', description: 'Lists what may follow, for the completion of a shell.' })
    .argument('[words...]')
    .action(async (words) => {
      const program = createProgram(await loadVerbs(words.length > 1 ? words[0] : undefined));
      for (const { value, description } of candidatesFor(program, words)) console.log(`${value}\t${description}`);
    });
}
