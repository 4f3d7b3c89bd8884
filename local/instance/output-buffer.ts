import { StringDecoder } from 'node:string_decoder';

/** Keeps the first characters of an output stream and says when it left some off, as the agent does. */
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

  /** A line of the agent's own. */
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
