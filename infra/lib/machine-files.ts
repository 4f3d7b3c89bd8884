import { readdirSync, readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';

const extension = '.asl.json';

/** The state machines by file name, without the extension. */
export const machineNames: readonly string[] = readdirSync(projectPath('state-machines'))
  .filter((file) => file.endsWith(extension))
  .map((file) => file.slice(0, -extension.length));

export function machineFile(name: string): string {
  return projectPath('state-machines', `${name}${extension}`);
}

export function readMachineFile(name: string): string {
  return readFileSync(machineFile(name), 'utf8');
}

/** @returns how long an execution may take, for a machine whose file says it by number. */
export function machineTimeoutSeconds(name: string): number {
  return (JSON.parse(readMachineFile(name)) as { readonly TimeoutSeconds: number }).TimeoutSeconds;
}
