import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";
import { host } from "./host";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the stack: `http://127.0.0.1:PORT`. */
    base: string;
    /** The origin of a page that embeds a team, from where the stack accepts requests. */
    host: string;
  }
}

/** Starts `cargo local` on a free port for all tests. Set `COULISSES_URL` to use one that is already running. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.COULISSES_URL;
  if (running) {
    // Started with `--cors-origins http://127.0.0.1:9190`.
    const { server, origin } = await host(9190);
    project.provide("base", running);
    project.provide("host", origin);
    return async () => void server.close();
  }
  const { server, origin } = await host();
  project.provide("host", origin);
  const stack = spawn("cargo", ["local", "--port", "0", "--cors-origins", origin], {
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
    server.close();
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
