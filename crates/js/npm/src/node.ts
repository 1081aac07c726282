// The package in Node, which cannot fetch a file: URL.

import { readFile } from "node:fs/promises";
import { setWasmSource } from "./wasm.js";

setWasmSource(() => readFile(new URL("./tidegate.wasm", import.meta.url)));

export * from "./index.js";
