/** A text for comparison: without marks, in lower case, letters and digits only, one space between words. */
export function folded(text: string): string {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** Whether a text contains every word of a search. */
export function matcher(search: string): (text: string) => boolean {
  const words = folded(search).split(" ");
  return (text) => {
    const plain = folded(text);
    return words.every((word) => plain.includes(word));
  };
}
