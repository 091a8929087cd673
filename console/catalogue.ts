import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

interface Text {
  fr: string;
  en: string;
}

/** The file of the catalogue (docs/catalogue.md). */
export interface Catalogue {
  actions: Record<string, Text>;
  entities: { name: string; kind: "content" | "configuration"; label: Text; actions: string[] }[];
  roles: { key: string; name: Text; description: Text; permissions: string[]; levels?: string[] }[];
}

const LEVELS = ["client", "audience", "event", "community"];

/** The file that the API is built with: `COULISSES_CATALOGUE`, or the shipped one. */
const PATH =
  process.env.COULISSES_CATALOGUE ||
  fileURLToPath(new URL("../shared/domain/catalogue.toml", import.meta.url));

/** Reads the catalogue. The build of the API checks it. */
export function readCatalogue(path = PATH): Catalogue {
  return parse(readFileSync(path, "utf8")) as unknown as Catalogue;
}

/** A text without a line break before the signs of French that a space stands before. */
function unbroken(text: string): string {
  return text.replaceAll(/ (?=[:;?!»])|(?<=«) /g, "\u00a0");
}

/** The modules `virtual:catalogue` and, for each language, `virtual:catalogue/fr`. See `src/catalogue.d.ts`. */
export function modulesOf({ actions, entities, roles }: Catalogue): Record<string, Record<string, unknown>> {
  const words = (locale: keyof Text) => {
    const named = (texts: [name: string, text: Text][]) =>
      Object.fromEntries(texts.map(([name, text]) => [name, unbroken(text[locale])]));
    return {
      roles: named(roles.map(({ key, name }) => [key, name])),
      roleHelp: named(roles.map(({ key, description }) => [key, description])),
      entities: named(entities.map(({ name, label }) => [name, label])),
      actions: named(Object.entries(actions)),
    };
  };
  return {
    "virtual:catalogue": {
      actions: Object.keys(actions),
      entities: Object.fromEntries(entities.map(({ name, actions }) => [name, actions])),
      levels: Object.fromEntries(roles.map(({ key, levels = LEVELS }) => [key, levels])),
    },
    "virtual:catalogue/fr": words("fr"),
    "virtual:catalogue/en": words("en"),
  };
}

/** Makes the modules of the catalogue, for Vite and Vitest. */
export function catalogue(): Plugin {
  return {
    name: "coulisses-catalogue",
    resolveId: (id) => (id.startsWith("virtual:catalogue") ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith("\0virtual:catalogue")) return undefined;
      this.addWatchFile(PATH);
      const module = modulesOf(readCatalogue())[id.slice(1)] ?? {};
      const lines = Object.entries(module).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
      );
      return lines.join("\n");
    },
  };
}
