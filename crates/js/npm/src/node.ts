// The package in Node, which cannot fetch a file: URL.

import { readFile } from "node:fs/promises";
import { coreModule } from "./wasm.js";

coreModule.source = () => readFile(new URL("./tidegate.wasm", import.meta.url));

export * from "./index.js";
