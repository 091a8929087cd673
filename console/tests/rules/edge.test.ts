import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

/** The code of the template's CloudFront function, with values for its parameters. */
function functionCode(): string {
  const template = readFileSync("../infra/template.yaml", "utf8");
  const [block, ...others] = template.matchAll(/^ {6}FunctionCode: !Sub \|\n((?: {8}.*\n|\n)+)/gm);
  expect(others).toEqual([]);
  const parameters = new Map([
    ["Issuer", "https://login.example.org/acme"],
    ["ConsoleClientId", "console"],
    ["ConsoleScope", "openid email profile"],
    ["ProductName", "Coulisses"],
    ["PlatformUrl", "https://events.example.org/"],
  ]);
  const code = String(block?.[1]).replaceAll(/\$\{(.*?)\}/g, (placeholder, name) => {
    const value = parameters.get(name);
    expect(value, `a value for ${placeholder}`).toBeDefined();
    return String(value);
  });
  expect(code).toContain("function handler(");
  return code;
}

/** Runs the function on a request, in a context without any API of Node or the browser. */
function handle(uri: string) {
  const request = {
    method: "GET",
    uri,
    querystring: { code: { value: "c" } },
    headers: { host: { value: "console.example.org" } },
    cookies: {},
  };
  const event = { version: "1.0", context: { eventType: "viewer-request" }, request };
  const call = `JSON.stringify(handler(${JSON.stringify(event)}))`;
  return { request, result: JSON.parse(runInNewContext(`${functionCode()}\n${call}`)) };
}

test.each([
  "/",
  "/signed-in",
  "/signed-out",
  "/invitation",
  "/scopes/acme",
  "/scopes/acme:tech:summit-2027",
  "/scopes/acme%3Atech/history",
  "/v1.2/scopes/acme",
  "/assets",
])("%s is a path of the app and gets its page, with nothing else of the request changed", (path) => {
  const { request, result } = handle(path);
  expect(result).toEqual({ ...request, uri: "/index.html" });
});

test.each(["/index.html", "/favicon.svg", "/assets/index-4f2a.js", "/assets/unknown"])(
  "%s is a file and is not rewritten",
  (path) => {
    const { request, result } = handle(path);
    expect(result).toEqual(request);
  },
);

test("the configuration of the deployment is returned and never cached", () => {
  const { result } = handle("/config.json");
  expect(result).toMatchObject({
    statusCode: 200,
    headers: {
      "content-type": { value: "application/json" },
      "cache-control": { value: "no-store" },
    },
  });
  expect(JSON.parse(result.body)).toEqual({
    authority: "https://login.example.org/acme",
    clientId: "console",
    platformUrl: "https://events.example.org/",
    product: "Coulisses",
    scope: "openid email profile",
  });
});
