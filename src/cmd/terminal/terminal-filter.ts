/**
 * Output of a task, made safe for a terminal: colours (if they are wanted), tabs and line breaks pass, whatever could clear the screen, set the
 * title or make the terminal answer in the user's name does not. Chunks may be cut anywhere, inside a character or an escape sequence too.
 */
export class TerminalFilter {
  readonly #decoder = new TextDecoder();
  readonly #colored: boolean;
  /** The beginning of an escape sequence whose end has not come yet. */
  #pending = "";

  constructor(colored: boolean) {
    this.#colored = colored;
  }

  push(chunk: Uint8Array): string {
    const text = this.#pending + this.#decoder.decode(chunk, { stream: true });
    const start = UNFINISHED.exec(text)?.index ?? text.length;
    const end = text.length - start > MAX_SEQUENCE ? text.length : start;
    this.#pending = text.slice(end);
    return harmless(text.slice(0, end), this.#colored);
  }

  /** What is left when nothing more comes. */
  end(): string {
    return harmless(this.#pending + this.#decoder.decode(), this.#colored);
  }
}

function harmless(text: string, colored: boolean): string {
  return text.replace(SEQUENCE, (sequence) => (colored && COLOUR.test(sequence) ? sequence : "")).replace(CONTROL, "");
}

/** An unfinished sequence longer than this is none. */
const MAX_SEQUENCE = 4096;

/** A control sequence (CSI … final byte), a control string (OSC, DCS, … up to its terminator), or any other escape. */
const SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
const UNFINISHED =
  /(?:(?:\u001b\[|\u009b)[0-?]*[ -/]*|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*\u001b?|\u001b[ -/]*)$/;
/** Select Graphic Rendition. */
const COLOUR = /^\u001b\[[\d;:]*m$/;
/** Every control character but tab, line feed, carriage return, and the escape of a colour that was let through. */
const CONTROL = /(?!\u001b\[[\d;:]*m)[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
