import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The documents by folder name; the physical name is `<cluster>-<name>`. */
export const documentNames = [
  'install-runtime',
  'init-control-plane',
  'install-network',
  'issue-join-credentials',
  'join-node',
  'collect-diagnostics',
] as const;

export type DocumentName = (typeof documentNames)[number];

/** A Systems Manager command document, schema 2.2, whose one step holds the whole script, a line per element. */
export interface CommandDocument {
  readonly schemaVersion: '2.2';
  readonly description: string;
  readonly parameters: Readonly<Record<string, DocumentParameter>>;
  readonly mainSteps: readonly [
    {
      readonly action: 'aws:runShellScript';
      readonly name: string;
      readonly inputs: { readonly runCommand: readonly string[]; readonly timeoutSeconds: string };
    },
  ];
}

export interface DocumentParameter {
  readonly type: 'String';
  readonly description: string;
  readonly allowedPattern: string;
  readonly interpolationType: 'ENV_VAR';
}

/** A folder of ssm-documents/ that cannot become a document: says which and why. */
export class DocumentAssemblyError extends Error {
  override readonly name = 'DocumentAssemblyError';
}

const folder = import.meta.dirname;

/**
 * Puts a document together: common.sh (its shebang is the first line, since the agent runs scripts by `sh`), the pinned
 * versions that the script uses as read-only variables, then script.sh.
 * @throws DocumentAssemblyError when the text holds `{{`, which Systems Manager would take for a parameter.
 */
export function assembleDocument(name: DocumentName): CommandDocument {
  const document = JSON.parse(read(name, 'document.json')) as CommandDocument;
  const [step] = document.mainSteps;
  const script = assembleScript(name);
  if (script.includes('{{')) {
    throw new DocumentAssemblyError(`${name}: the script holds '{{', which Systems Manager reserves for parameters`);
  }
  const runCommand = script.trimEnd().split('\n');
  return { ...document, mainSteps: [{ ...step, inputs: { ...step.inputs, runCommand } }] };
}

/** The whole script of a document as one text. */
export function assembleScript(name: DocumentName): string {
  const common = read('common.sh');
  const script = read(name, 'script.sh');
  const pins = renderVersions(JSON.parse(read('versions.json')) as VersionTree, `${common}\n${script}`);
  return [common.trimEnd(), pins, script].filter((part) => part !== '').join('\n\n');
}

type VersionTree = { readonly [key: string]: string | VersionTree };

/** {"runc": {"version": "1.4.0"}} becomes `readonly runc_version='1.4.0'`; a pin that the text does not use is left out. */
function renderVersions(tree: VersionTree, text: string): string {
  return flatten(tree)
    .filter(([variable]) => new RegExp(`\\b${variable}\\b`).test(text))
    .map(([variable, value]) => {
      if (value.includes("'")) throw new DocumentAssemblyError(`versions.json: ${variable} holds a single quote`);
      return `readonly ${variable}='${value}'`;
    })
    .join('\n');
}

function flatten(tree: VersionTree, prefix = ''): [variable: string, value: string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    const variable = `${prefix}${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return typeof value === 'string' ? [[variable, value]] : flatten(value, `${variable}_`);
  });
}

function read(...path: string[]): string {
  return readFileSync(join(folder, ...path), 'utf8');
}
