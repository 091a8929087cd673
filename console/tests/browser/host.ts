import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The back-office of another origin, with a style of its own that must not reach the element. */
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Back-office</title><style>html { font-size: 10px } button { display: none }</style></head>
<body>
<main><h1>Back-office</h1><coulisses-team></coulisses-team></main>
<script type="module">
  import "/coulisses-team.js";
  const team = document.querySelector("coulisses-team");
  const query = new URLSearchParams(location.search);
  for (const name of ["scope", "api", "lang", "accent"]) team.setAttribute(name, query.get(name) ?? "");
  team.addEventListener("coulisses-sign-in", () => document.title = "Signed out");
  team.getToken = ({ renew }) => window.tokenOf(renew);
</script>
</body>
</html>`;

/** Serves the page and the element on a port, or on any free one. */
export async function host(port = 0): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    if (request.url === "/coulisses-team.js") {
      response.setHeader("content-type", "text/javascript");
      return response.end(readFileSync("../clients/coulisses-team/dist/coulisses-team.js"));
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    return response.end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
