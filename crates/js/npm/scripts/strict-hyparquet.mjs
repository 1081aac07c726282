// An esbuild plugin that has hyparquet call src/parquet-checks.ts where it would believe a damaged file.
// Each place must be found as often as is said here: a version of hyparquet that reads differently stops
// the build, and wants to be looked at.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

const PLACES = {
  "column.js": [
    {
      find: "const header = parquetHeader(reader)\n",
      // A column that is not nested has no more values than rows.
      append:
        "checkPage(header, reader.view.byteLength - reader.offset, isFlat ? selectEnd - rowCount : Infinity)\n",
    },
  ],
  "encoding.js": [
    // A run has no more values than are left, but for the padding of the last.
    {
      find: "const count = header >>> 1\n",
      replace: "const count = Math.min(header >>> 1, output.length - seen)\n",
    },
    {
      find: "let count = header >> 1 << 3 ",
      replace: "let count = Math.min((header >>> 1) * 8, output.length - seen) ",
    },
  ],
  "delta.js": [
    {
      find: "const miniblockPerBlock = readVarInt(reader)\n",
      append: "checkDeltaBlocks(blockSize, miniblockPerBlock, count)\n",
      times: 2,
    },
    {
      find: "const suffix = new Uint8Array(",
      replace: "checkPrefix(prefixData[i], output[i - 1])\nconst suffix = new Uint8Array(",
    },
  ],
};

/** The plugin, for the package in `root` whose sources are compiled into dist/. */
export function strictHyparquet(root) {
  const checks = JSON.stringify(join(root, "dist", "parquet-checks.js"));
  return {
    name: "strict-hyparquet",
    setup(build) {
      build.onLoad(
        { filter: /[\\/]hyparquet[\\/]src[\\/](column|encoding|delta)\.js$/ },
        async ({ path }) => {
          const source = await readFile(path, "utf8");
          const places = PLACES[basename(path)];
          const changed = places.reduce((text, place) => changeAt(place, text, path), source);
          const names = "{ checkDeltaBlocks, checkPage, checkPrefix }";
          return { contents: `import ${names} from ${checks}\n${changed}`, loader: "js" };
        },
      );
    },
  };
}

function changeAt({ find, append = "", replace = find + append, times = 1 }, text, path) {
  const parts = text.split(find);
  if (parts.length !== times + 1) {
    throw new Error(`${path} has ${JSON.stringify(find)} ${parts.length - 1} times, not ${times}`);
  }
  return parts.join(replace);
}
