// better-auth's organization plugin on SQLite, behind Node's HTTP server, set up as in its documentation.
//
//   node server.mjs PORT DATABASE PROCESSES LIMIT
//
// Options that make it faster without changing its behaviour are on: sessions in a signed cookie, a write-ahead log.
// Joins stay off, as is the default: with joins, the list reads the product of members and invitations, which takes
// seconds. Rate limits, telemetry, e-mail and password hashing (used only to prepare) are off too, because they would
// distort the comparison.

import cluster from "node:cluster";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { organization } from "better-auth/plugins";
import Database from "better-sqlite3";

const [port, file, processes, limit] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const origin = "http://better-auth.example";

const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
database.pragma("busy_timeout = 10000");

const options = {
  baseURL: base,
  trustedOrigins: [origin],
  secret: "only for this measurement; protects nothing",
  database,
  logger: { level: "error" },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  session: { cookieCache: { enabled: true, maxAge: 3600 } },
  emailAndPassword: {
    enabled: true,
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  plugins: [
    organization({
      invitationLimit: Number(limit),
      membershipLimit: Number(limit),
      // No e-mail is sent.
      sendInvitationEmail: async () => {},
    }),
  ],
};

if (cluster.isPrimary) {
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  let listening = 0;
  cluster.on("listening", () => {
    listening += 1;
    if (listening === Number(processes)) console.log(`ready ${base}`);
  });
  cluster.on("exit", () => process.exit(1));
  for (let number = 0; number < Number(processes); number += 1) cluster.fork();
} else {
  const auth = betterAuth(options);
  const server = createServer(toNodeHandler(auth));
  server.keepAliveTimeout = 0; // Connections are idle while data is prepared.
  server.listen(Number(port), "127.0.0.1");
}
