import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the stack: `http://127.0.0.1:PORT`. */
    base: string;
  }
}

/** Starts `cargo local` on a free port for all tests. Set `COULISSES_URL` to use one that is already running. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.COULISSES_URL;
  if (running) {
    project.provide("base", running);
    return async () => undefined;
  }
  const stack = spawn("cargo", ["local", "--port", "0"], {
    cwd: "..",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_, reject) => {
    stack.once("error", reject);
    stack.once("exit", (code) => reject(new Error(`cargo local ended with ${code}`)));
  });
  ended.catch(() => undefined);
  project.provide("base", await Promise.race([ready(stack.stdout), ended]));
  return async () => {
    const gone = new Promise((resolve) => stack.once("exit", resolve));
    stack.kill("SIGINT");
    await gone;
  };
}

async function ready(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [word, base] = line.split(" ");
    if (word === "ready" && base) return base;
  }
  throw new Error("cargo local ended before it was ready");
}
