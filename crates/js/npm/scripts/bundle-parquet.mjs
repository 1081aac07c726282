// Makes dist/parquet-decoder.js hold all that it imports, and writes down whose work that is.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { strictHyparquet } from "./strict-hyparquet.mjs";

/** Bundles the Parquet decoder in dist/ and writes THIRD_PARTY_LICENSES, of the package in `root`. */
export async function bundleParquet(root) {
  const decoder = join(root, "dist", "parquet-decoder.js");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [decoder],
    outfile: decoder,
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    platform: "browser", // which Node can run too: nothing in it is Node's own
    target: "es2022",
    charset: "utf8",
    banner: { js: "// Bundled from the packages named in THIRD_PARTY_LICENSES." },
    plugins: [strictHyparquet(root)],
    metafile: true,
    logLevel: "warning",
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const files = Object.keys(inputs).filter((file) => file.startsWith("node_modules/"));
  await writeFile(join(root, "THIRD_PARTY_LICENSES"), await licences(root, files));
}

async function licences(root, files) {
  const packageOf = (file) => file.split("/")[1];
  const sections = [...new Set(files.map(packageOf))].sort().map((name) =>
    section(
      root,
      name,
      files.filter((file) => packageOf(file) === name),
    ),
  );
  const introduction =
    "dist/parquet-decoder.js holds code of these packages, changed in that hyparquet checks what a page says\n" +
    "of itself. Where their files name others, these notices follow; the Apache License 2.0, where one\n" +
    "speaks of it, is in LICENSE.\n";
  return [introduction, ...(await Promise.all(sections))].join(`\n${"-".repeat(100)}\n\n`);
}

/** A package's licence, which must be MIT's, and the notices in those of its files that are bundled. */
async function section(root, name, files) {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const text = await readFile(join(folder, "LICENSE"), "utf8");
  if (license !== "MIT" || !text.includes("Permission is hereby granted, free of charge")) {
    throw new Error(`${name} is not under the MIT licence: whether it may be bundled is for a person to say`);
  }
  const sources = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  return [`${name} ${version}`, text, ...new Set(sources.flatMap(notices))]
    .map((part) => `${part.trim()}\n`)
    .join("\n");
}

/** The paragraphs on copyright and licence in the comment that a source begins with. */
function notices(source) {
  const [comment] = /^(\/\*[^]*?\*\/|(\/\/.*\n)*)/.exec(source);
  return comment
    .replace(/^ ?[/*]+/gm, "")
    .split(/\n\s*\n/)
    .filter((paragraph) => /copyright|licen[sc]e|warrant/i.test(paragraph))
    .map((paragraph) => paragraph.replace(/^ +/gm, "").trim());
}
