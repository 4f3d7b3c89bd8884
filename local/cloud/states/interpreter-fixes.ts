/**
 * aws-local-stepfunctions where it differs from Step Functions: its source is corrected when Node loads it. The library has no other
 * way in, and each correction says what would be wrong without it.
 */
import { registerHooks } from 'node:module';

interface Fix {
  readonly from: string;
  readonly to: string;
}

const fixes: readonly Fix[] = [
  {
    // Intrinsic functions keep the backslashes of their arguments: without them, JSON in a cause is none any more.
    from: 'result = result.replaceAll("\\\\", "");',
    to: '',
  },
  {
    // Only the escapes of a template's own text are taken away: \' \{ \} \\
    from: 'return templateStr.replace(/\\{\\}/g, () => placeholderValues[i++]);',
    to: "return templateStr.replace(/\\\\(['{}\\\\])|\\{\\}/g, (_match, escaped) => escaped ?? placeholderValues[i++]);",
  },
  {
    // The cause of a timeout is empty.
    from: 'super("States.Timeout");',
    to: 'super("");',
  },
  {
    // The twin's clock can be ahead of the machine's.
    from: 'StartTime: (/* @__PURE__ */ new Date()).toISOString()',
    to: 'StartTime: options.runOptions.context.Execution.StartTime',
  },
  // States.TaskFailed stands for no timeout, whoever noticed it.
  ...['retrierError', 'catcherError'].map((name) => {
    const test = `${name} === TASK_STATE_WILDCARD_ERROR && this.stateDefinition.Type === "Task" && `;
    return { from: `${test}!(error instanceof StatesTimeoutError)`, to: `${test}error.name !== "States.Timeout"` };
  }),
];

const libraryFile = /\/aws-local-stepfunctions\/build\/main\.node\.esm\.js$/;

/** What the corrected library exports: one that was loaded before has it not. */
export const fixedMark = 'isFixed';

/** Call before the library is imported. @throws Error when its source is not the one that the fixes are for */
export function fixInterpreter(): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!libraryFile.test(url)) return loaded;
      return { ...loaded, source: fixed(String(loaded.source)) };
    },
  });
}

function fixed(source: string): string {
  const corrected = fixes.reduce((text, { from, to }) => {
    if (text.split(from).length !== 2)
      throw new Error(`aws-local-stepfunctions has changed: interpreter-fixes.ts looks for ${from}`);
    return text.replace(from, () => to);
  }, source);
  return `${corrected}\nexport const ${fixedMark} = true;\n`;
}
