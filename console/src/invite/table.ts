/** A row of a pasted table or a CSV file. */
export interface Row {
  /** The line that the row starts on, from 1. */
  number: number;
  cells: string[];
  /** Whether a quoted cell never ends. */
  unclosed: boolean;
}

/**
 * Decodes a file: UTF-16, UTF-8 or Windows-1252, which spreadsheets write in Western Europe. In UTF-8, a wrong byte
 * becomes U+FFFD and damages only its own cell.
 */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  const data = new Uint8Array(bytes);
  const [first, second] = data;
  if ((first === 0xff && second === 0xfe) || second === 0) return new TextDecoder("utf-16le").decode(data);
  if ((first === 0xfe && second === 0xff) || first === 0) return new TextDecoder("utf-16be").decode(data);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    const text = new TextDecoder().decode(data);
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    // Windows-1252 hardly ever forms a valid sequence by chance.
    const isUtf8 = count(/[^\0-\x7F\uFFFD]/g) >= count(/\uFFFD/g);
    return isUtf8 ? text : new TextDecoder("windows-1252").decode(data);
  }
}

/** Whether a text has characters that were lost or misread when the file was written or opened. */
export function isDamaged(text: string): boolean {
  return /[\uFFFD\0\x80-\x9F]/.test(text);
}

/** The rows that are not empty. An unclosed quote ends with its line, so that it does not swallow the rows after it. */
export function readRows(pasted: string): Row[] {
  const text = pasted.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n");
  // Excel's own first line.
  const declared = /^sep=(.)\n/i.exec(text);
  const separator = declared?.[1] ?? separatorOf(text);
  const rows: Row[] = [];
  let start = declared?.[0].length ?? 0;
  let number = declared ? 2 : 1;
  while (start < text.length) {
    const { cells, unclosed, end } = readRow(text, start, separator);
    if (cells.some((cell) => cell.trim())) rows.push({ number, cells, unclosed });
    number += text.slice(start, end + 1).split("\n").length - 1;
    start = end + 1;
  }
  return rows;
}

const SEPARATORS = ["\t", ";", ",", "|"];

/** The separator found in most lines. Those in quotes and in the names of `Martin, Léa <lea@example.org>` do not count. */
function separatorOf(text: string): string {
  const lines = text
    .split("\n", 200)
    .map((line) => line.replaceAll(/"[^"]*"/g, "").replaceAll(/[^;\t|<>]*<[^<>]*>/g, "@"));
  const uses = (separator: string) => lines.filter((line) => line.includes(separator)).length;
  const [best = ";"] = SEPARATORS.toSorted((a, b) => uses(b) - uses(a));
  return uses(best) > 0 ? best : ";";
}

/** Reads the row at `start`; `end` is the position of its line break. */
function readRow(text: string, start: number, separator: string) {
  const until = separator === "|" ? "\\|" : separator;
  const quoted = new RegExp(` *"((?:[^"]|"")*)" *(?=${until}|\\n|$)`, "y");
  // The quotes of `"Martin, Léa" <lea@example.org>` are part of the cell, and so is the comma in them.
  const plain = new RegExp(`(?: *"[^"\\n]*" *<[^<>\\n]*>)?[^${until}\\n]*`, "y");
  const cells: string[] = [];
  let unclosed = false;
  let end = start;
  for (;;) {
    quoted.lastIndex = plain.lastIndex = end;
    const value = quoted.exec(text)?.[1];
    if (value !== undefined && !swallows(value, separator)) {
      cells.push(value.replaceAll('""', '"'));
      end = quoted.lastIndex;
    } else {
      const cell = plain.exec(text)?.[0] ?? "";
      unclosed ||= /^ *"[^"]*$/.test(cell);
      cells.push(cell);
      end = plain.lastIndex;
    }
    if (text[end] !== separator) return { cells, unclosed, end };
    end += 1;
  }
}

/** Whether a quoted text spans several rows: its quote was probably never closed, and another one ended it. */
function swallows(value: string, separator: string): boolean {
  return ["\n", "@", separator].every((each) => value.includes(each));
}
