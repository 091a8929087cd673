// Sends each request of a file once, some at a time, and prints the measurements as JSON.
//
//   node generate.mjs FILE      {"base", "concurrency", "status", "contains", "requests": [{"method", "path", "headers", "body"}]}

import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { concurrency, requests } = plan;

// Each connection has requests of its own, because autocannon prepares one request more than it sends.
const shares = Array.from({ length: concurrency }, () => []);
requests.forEach((request, index) => shares[index % concurrency].push(request));

const times = [];
let ended = 0;
let bytes = 0;
let wrong = 0;
let example = null;

function check(status, body) {
  const right = plan.status ? status === plan.status : status >= 200 && status < 300;
  if (right && body.includes(plan.contains)) return;
  wrong += 1;
  example ??= `${status} ${body.slice(0, 300)}`;
}

const started = performance.now();
const run = autocannon({
  url: plan.base,
  connections: concurrency,
  amount: requests.length,
  timeout: 30,
  setupClient: (client) =>
    client.setRequests(shares.shift().map((request) => ({ ...request, onResponse: check }))),
});
run.on("response", (_client, _status, size, time) => {
  times.push(time);
  bytes += size;
  ended = performance.now();
});
const result = await run;

times.sort((a, b) => a - b);
const percentile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
console.log(
  JSON.stringify({
    answers: times.length,
    seconds: (ended - started) / 1000,
    p50: percentile(0.5),
    p99: percentile(0.99),
    bytes: times.length ? bytes / times.length : 0,
    errors: wrong + result.errors + result.timeouts,
    example,
  }),
);
