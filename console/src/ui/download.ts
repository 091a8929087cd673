/** Saves a file on this device. */
export function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has the file by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** A name as part of the name of a file: "Équipe – Salon Bio" becomes "equipe-salon-bio". */
export function fileName(...parts: string[]): string {
  const plain = parts.join("-").normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}
