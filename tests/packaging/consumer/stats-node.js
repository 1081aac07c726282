// Prints what the statistics say in Node.
import { tests } from "./stats.js";

process.stdout.write(tests);
