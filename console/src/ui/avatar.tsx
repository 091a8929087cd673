/** The initials of a person, as decoration beside their name. */
export function Avatar({ of: { name, email }, large = false }: Props) {
  return (
    <span className="avatar" data-large={large} aria-hidden="true">
      {initials(name ?? email)}
    </span>
  );
}

interface Props {
  of: { name: string | null; email: string };
  large?: boolean;
}

/** The first letters of the first and last word. */
function initials(text: string): string {
  const words = text
    .replace(/@.*/, "")
    .split(/[\s.]+/u)
    .filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? "")[0] ?? "",
  );
  return letters.join("").toUpperCase();
}
