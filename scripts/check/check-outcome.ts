/** How one check ended. A skipped check says what it lacked: nothing is left out in silence. */
export interface CheckOutcome {
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Short, beside the check's name: how much was checked, or why nothing was. */
  readonly detail?: string;
  /** All of the tool's output, shown when the check failed. */
  readonly output?: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckOutcome>;
}
