import { StringDecoder } from 'node:string_decoder';

/** Keeps the first characters of an output stream and marks the text as truncated when there are more, as the agent does. */
export class OutputBuffer {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  #kept = '';
  #isTruncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#append(this.#decoder.write(chunk));
  }

  /** Adds a line that the agent itself writes. */
  addLine(line: string): void {
    this.#append(`${this.#kept === '' || this.#kept.endsWith('\n') ? '' : '\n'}${line}\n`);
  }

  text(): string {
    return this.#isTruncated ? `${this.#kept}\n---Output truncated---` : this.#kept;
  }

  #append(text: string): void {
    const room = this.#limit - this.#kept.length;
    if (text.length > room) this.#isTruncated = true;
    this.#kept += text.slice(0, Math.max(0, room));
  }
}
