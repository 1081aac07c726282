// A real Redis, on a free port and with nothing on disk.

import { execFileSync, spawn } from "node:child_process";
import { freePort } from "./free-port.mjs";

/** Starts it; `undefined` where `redis-server` is not installed. */
export async function startRedis() {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const port = await freePort();
  const options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(String);
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    let log = "";
    server.stdout.on("data", (chunk) => (log += chunk).includes("Ready to accept connections") && resolve());
    server.on("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${log}`)));
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill() };
}
