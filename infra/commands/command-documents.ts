import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { assembleDocument, type DocumentName, documentNames } from '../../ssm-documents/assemble.ts';
import { assertDocument } from './document-rules.ts';

export interface CommandDocumentsProps {
  readonly clusterName: string;
}

/** The Systems Manager documents of ssm-documents/, each named `<cluster>-<folder>`. */
export class CommandDocuments extends Construct {
  /** Physical names by folder name. */
  readonly physicalNames: Readonly<Record<DocumentName, string>>;

  get names(): string[] {
    return Object.values(this.physicalNames);
  }

  constructor(scope: Construct, id: string, { clusterName }: CommandDocumentsProps) {
    super(scope, id);
    const physicalName = (name: string) => `${clusterName}-${name}`;
    for (const name of documentNames) {
      const content = assembleDocument(name);
      assertDocument(name, content);
      new CfnDocument(this, pascalCase(name), {
        name: physicalName(name),
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType: '/AWS::EC2::Instance',
        updateMethod: 'NewVersion', // a named document can only be changed in place
        content,
      });
    }
    this.physicalNames = Object.fromEntries(documentNames.map((name) => [name, physicalName(name)])) as Record<
      DocumentName,
      string
    >;
  }
}

/** install-runtime -> InstallRuntime */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
