// better-auth's organization plugin behind Node's own HTTP server, as its documentation sets it up, on SQLite.
//
//   node server.mjs PORT DATABASE PROCESSES LIMIT
//
// What makes it faster without changing what it does is on: sessions are read from a signed cookie, the database has a
// write-ahead log. Related rows are not read by joins, as is its default: the list then takes the product of members and
// invitations, and seconds. What would distort the comparison is off: the limit of requests, telemetry, mail, and the
// costly hash of passwords, which only prepares.

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
  secret: "a secret of this measurement, which protects nothing",
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
      // Mail is not sent.
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
  server.keepAliveTimeout = 0; // Whoever prepares takes breaks.
  server.listen(Number(port), "127.0.0.1");
}
