// The statistics in Node, which cannot fetch a file: URL.

import { readFile } from "node:fs/promises";
import { statisticsModule } from "./wasm.js";

statisticsModule.source = () => readFile(new URL("../tidegate-stats.wasm", import.meta.url));

export * from "./index.js";
