/** The canonical form of an address, in lower case with an IDNA domain: an approximation of the server's (docs/security.md#e-mail-addresses). */
function canonical(address: string): string {
  const [local = "", domain = ""] = address.trim().split(/@(?=[^@]*$)/);
  try {
    return `${local}@${new URL(`http://${domain}`).hostname}`.toLowerCase();
  } catch {
    return address.trim().toLowerCase();
  }
}

/** Whether two spellings mean the same address. */
export function sameAddress(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}
