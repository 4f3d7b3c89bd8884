/** The package ships no declarations that its `exports` lead to. */
declare module 'asl-validator' {
  interface ValidationResult {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  }
  export default function validate(definition: unknown): ValidationResult;
}
