/** What the server knows about one kind of object in one version of its group. */
export interface ResourceType {
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Versions of one kind share their objects. */
  readonly storage: string;
  /** Answered on POST and never stored, such as access reviews. */
  readonly virtual: boolean;
  /** Made up on GET and never stored, such as metrics. */
  readonly computed: boolean;
  readonly printerColumns?: readonly PrinterColumn[];
}

export type Subresource = 'status' | 'scale' | 'log' | 'eviction' | 'binding' | 'token' | 'finalize' | 'approval';

/** additionalPrinterColumns of a CustomResourceDefinition. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}
