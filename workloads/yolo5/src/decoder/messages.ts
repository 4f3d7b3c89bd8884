import type { Detection } from '@stepkube/shared/contracts/messages.ts';
import type { UnreadableReason } from '../image/unreadable-image-error.ts';

/** What the service asks the decoding process, one request at a time. */
export type DecoderRequest =
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly side: number }
  /** Of the image that was decoded last. */
  | { readonly kind: 'annotate'; readonly detections: readonly Detection[] };

/** What it answers. */
export type DecoderResponse =
  /** Once, when it can take requests. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'decoded';
      readonly width: number;
      readonly height: number;
      readonly pixels: Uint8Array;
      readonly isDouble: boolean;
    }
  | { readonly kind: 'annotated'; readonly jpeg: Uint8Array }
  | {
      readonly kind: 'refused';
      readonly reason: UnreadableReason;
      readonly message: string;
      readonly format?: 'heic' | undefined;
      /** The process ends itself after this answer, because nothing else ends its work. */
      readonly isLast?: boolean;
    };
