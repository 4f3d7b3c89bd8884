import { StringDecoder } from 'node:string_decoder';

/** Keeps the first characters of an output stream and marks the text as truncated when there are more, as the agent does. */
export class OutputBuffer {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #isTruncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#append(this.#decoder.write(chunk));
  }

  /** Adds a line that the agent itself writes. */
  addLine(line: string): void {
    this.#append(`${this.#text === '' || this.#text.endsWith('\n') ? '' : '\n'}${line}\n`);
  }

  text(): string {
    return this.#isTruncated ? `${this.#text}\n---Output truncated---` : this.#text;
  }

  #append(text: string): void {
    const room = this.#limit - this.#text.length;
    if (text.length > room) this.#isTruncated = true;
    this.#text += text.slice(0, Math.max(0, room));
  }
}
