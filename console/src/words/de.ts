/** `de` before a name, elided before a vowel: "de Karim", "d’Alice". */
export const de = (name: string) => (/^[aeiouàâäéèêëîïôöùûü]/i.test(name) ? `d’${name}` : `de ${name}`);
