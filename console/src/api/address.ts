/** An address as it decides identity, near enough for a page: the domain by IDNA, all in lower case (`security.md`). */
function canonical(address: string): string {
  const [local = "", domain = ""] = address.trim().split(/@(?=[^@]*$)/);
  try {
    return `${local}@${new URL(`http://${domain}`).hostname}`.toLowerCase();
  } catch {
    return address.trim().toLowerCase();
  }
}

/** Whether two spellings are one address. */
export function sameAddress(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}
