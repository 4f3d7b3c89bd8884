import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

/** The documents by folder name; the physical name is `<cluster>-<name>`. */
export const documentNames: readonly string[] = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'document.json')))
  .sort();

export type DocumentName = string;

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
  /** The value for the cluster: infra writes it, the files here have none. */
  readonly default?: string;
}

/** A folder of ssm-documents/ cannot become a document: the message says which and why. */
export class DocumentAssemblyError extends Error {
  override readonly name = 'DocumentAssemblyError';
}

/**
 * Puts a document together: common.sh (its shebang must be the first line, because the agent starts scripts by `sh`), the
 * pinned versions that the script uses, the files that it writes to the node, then script.sh.
 * @throws DocumentAssemblyError if the text holds `{{`, which Systems Manager takes for a parameter
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
  const text = `${common}\n${script}`;
  const pins = renderVersions(JSON.parse(read('versions.json')) as VersionTree, text);
  const files = renderFiles(nodeFiles(name));
  return [common.trimEnd(), pins, files, script].filter((part) => part !== '').join('\n\n');
}

/** A file that a script writes to the node, with `${name}` where a value is filled in. */
export interface NodeFile {
  /** Path on the node, e.g. /etc/containerd/config.toml */
  readonly path: string;
  readonly content: string;
}

/** A document's own files (`<document>/files/`) and those that all documents share (`files/`). */
export function nodeFiles(name: DocumentName): readonly NodeFile[] {
  return [join(folder, name, 'files'), join(folder, 'files')].flatMap((root) =>
    globSync('**/*', { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => ({ path: file.slice(root.length), content: readFileSync(file, 'utf8') })),
  );
}

const delimiter = 'END_OF_FILE';

/** The bash function `file_content PATH`, which common.sh's render_file calls: the quoted heredocs are the files as they are. */
function renderFiles(files: readonly NodeFile[]): string {
  if (files.length === 0) return '';
  const cases = files.map(({ path, content }) => {
    if (content.split('\n').includes(delimiter)) throw new DocumentAssemblyError(`${path} has a line ${delimiter}`);
    return `  ${path})\n    cat <<'${delimiter}'\n${content.trimEnd()}\n${delimiter}\n    ;;`;
  });
  return ['file_content() {', '  case $1 in', ...cases, '  esac', '}'].join('\n');
}

type VersionTree = { readonly [key: string]: string | VersionTree };

/** {"runc": {"version": "1.4.0"}} becomes `readonly runc_version='1.4.0'`; pins that the text does not use are left out. */
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
