import type { CommandDocument } from '../../ssm-documents/assemble.ts';

/** A document breaks a rule of Systems Manager or of this project: says which document, and which rule. */
export class InvalidDocumentError extends Error {
  override readonly name = 'InvalidDocumentError';
}

/** Systems Manager refuses larger documents. */
const maximumBytes = 64 * 1024;

/** Checks an assembled document before CloudFormation would refuse it, or an injection would go through it. */
export function assertDocument(name: string, document: CommandDocument): void {
  const refuse = (reason: string): never => {
    throw new InvalidDocumentError(`ssm-documents/${name}: ${reason}`);
  };
  if (document.schemaVersion !== '2.2') refuse(`schemaVersion is '${document.schemaVersion}', allowed is '2.2'`);
  const [step, ...others] = document.mainSteps;
  if (step === undefined || others.length > 0) refuse(`mainSteps has ${document.mainSteps.length} steps, allowed is 1`);
  if (step.action !== 'aws:runShellScript') refuse(`action is '${step.action}', allowed is 'aws:runShellScript'`);
  if (step.inputs.runCommand.length === 0) refuse('runCommand is empty');

  for (const [parameter, { allowedPattern, interpolationType }] of Object.entries(document.parameters ?? {})) {
    // Without ENV_VAR the value would be pasted into the script's text.
    if (interpolationType !== 'ENV_VAR') refuse(`${parameter}.interpolationType is missing, allowed is 'ENV_VAR'`);
    if (!/^\^.*\$$/.test(allowedPattern ?? '')) refuse(`${parameter}.allowedPattern must begin with ^ and end with $`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > maximumBytes) refuse(`it has ${bytes} bytes, allowed are ${maximumBytes}`);
}
