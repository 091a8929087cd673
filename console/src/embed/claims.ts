/** The name and address in a token that is a JWT; nothing for any other. They are shown, never trusted. */
export function claimsOf(token: string): { email: string; name: string | undefined } {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
      (character) => character.codePointAt(0) ?? 0,
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { email?: string; name?: string };
    return { email: claims.email ?? "", name: claims.name };
  } catch {
    return { email: "", name: undefined };
  }
}
