import type { Detection, RejectionReason } from '@stepkube/shared/contracts/messages.ts';

/** The bot's texts. */
export const wording = {
  start: 'Hello! Send me a photo and I will show you what I see in it.',
  help: [
    'Send a photo, or a picture as a file (JPEG, PNG, WebP, GIF, TIFF or AVIF, up to 20 MB).',
    'I answer with the same picture, a box around every object I know, and a list; an album is answered picture by picture.',
    'What you write under a picture is not read.',
    '/usage shows what you have used, /privacy what I keep and for how long, /forget deletes it.',
  ].join('\n'),
  text: 'I only understand pictures. Send me a photo; /help says more.',
  otherFile: 'This file is not a picture I can look at. Send a photo or a JPEG, PNG, WebP, GIF, TIFF or AVIF file.',
  animation:
    'Telegram has turned this GIF into a film, and I only look at pictures. Send one moment of it as a photo (a screenshot).',
  tooManyTexts: 'That is a lot of messages at once. I answer again in a minute; pictures are still welcome.',
  unavailable: 'I could not download this file. Please send it again.',
  tooManyBytes: 'This file is above 20 MB, which is more than I can download. Please send a smaller one.',
  late: 'Sorry, this takes longer than usual. Your picture is not lost: I answer as soon as I have looked at it.',
  failed:
    'Sorry, I could not look at this picture; the fault is mine, not yours. Please send it again in a few minutes.',
  interrupted:
    'I was interrupted while I was sending you the answer to this picture. If you do not see it above, please send the picture again.',
  nothing: 'I see no objects that I know in this picture.',
} as const;

const rejections: Readonly<Record<RejectionReason, string>> = {
  empty: 'This file is empty. Please send the picture again.',
  'not-a-picture': 'This file is not a picture I can read. Send a JPEG, PNG, WebP, GIF, TIFF or AVIF file.',
  damaged: 'This picture is damaged: I can only read a part of it. Please send it again.',
  'too-large':
    'This picture is too large for me: more than 40 megapixels (half of that as AVIF), or more than 16,384 pixels on a side. Please send a smaller one.',
  missing: 'This picture was deleted before I could look at it. Please send it again.',
};

export const tooManyText = (picturesPerMinute: number, retryAfterSeconds: number) =>
  `That was more than ${picturesPerMinute} pictures in a minute. This one and those after it I have to leave out: please send them again in ${retryAfterSeconds} s.`;

const heic =
  'This is a HEIC file, which I cannot read. Send it as a photo instead of as a file: then Telegram makes a JPEG of it.';

export const rejectionText = ({
  reason,
  format,
}: {
  readonly reason: RejectionReason;
  readonly format?: 'heic' | undefined;
}) => (format === 'heic' ? heic : rejections[reason]);

/** Telegram's limit for a caption, in characters. */
const maxCaptionLength = 1024;

/** '3 persons, 1 bus' and a line per object; a long list is cut to the length of a caption. */
export function captionOf(detections: readonly Detection[]): string {
  if (detections.length === 0) return wording.nothing;
  const lines = detections.map(({ label, confidence }) => `${label} ${Math.round(confidence * 100)} %`);
  let caption = `${summaryOf(detections)}\n`;
  for (const [index, line] of lines.entries()) {
    const rest = `\nand ${lines.length - index} more`;
    if (caption.length + 1 + line.length + rest.length > maxCaptionLength) {
      caption += rest;
      break;
    }
    caption += `\n${line}`;
  }
  return caption.slice(0, maxCaptionLength);
}

/** Counts by label, ordered by each label's highest confidence. */
function summaryOf(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { label } of detections) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => `${count} ${count === 1 ? label : pluralOf(label)}`).join(', ');
}

/** COCO's labels with an irregular plural. */
const irregularPlurals: Readonly<Record<string, string>> = {
  sheep: 'sheep',
  skis: 'skis',
  scissors: 'scissors',
  broccoli: 'broccoli',
  mouse: 'mice',
  knife: 'knives',
};

function pluralOf(label: string): string {
  return irregularPlurals[label] ?? (/(?:s|x|ch|sh)$/.test(label) ? `${label}es` : `${label}s`);
}
