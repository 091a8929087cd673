/** Styles of a page for an element: sizes in rem follow the page around, and here the element. */
export function scoped(text: string): string {
  return text
    .replaceAll(/@media\s*(\((?:width\s*<|max-width:|not\s)[^{]*\))\s*\{/g, "@container coulisses $1{")
    .replaceAll(":root", ":host")
    .replaceAll(
      /(@container[^{]*)|(-?\d*\.?\d+)rem/g,
      (all, query: string | undefined, size: string | undefined) =>
        query === undefined ? `calc(${size} * var(--rem))` : all,
    );
}
