// Writes the folder that is published: `npm run assemble -- <folder>`.
// What belongs in it is what npm itself would pack, so that the two can never differ.
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const licence = join(root, "..", "..", "..", "LICENSE");

const target = process.argv[2];
if (!target) {
  console.error("Say where to: npm run assemble -- <folder>");
  process.exit(2);
}
const folder = resolve(process.env.INIT_CWD ?? ".", target);

const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
  cwd: root,
  encoding: "utf8",
  shell: process.platform === "win32",
  stdio: ["ignore", "pipe", "ignore"],
});
const [{ files }] = JSON.parse(listing);

await rm(folder, { recursive: true, force: true });
for (const { path } of files) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await copyFile(join(root, path), join(folder, path));
}
await copyFile(licence, join(folder, "LICENSE"));

const { scripts, devDependencies, ...published } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);
await writeFile(join(folder, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
console.log(`${folder}: ${files.length + 1} files`);
