// Checks with a name, run one after the other, and what came of them.

let passed = 0;
let failed = 0;

/** Runs `work` and says whether it threw; what it returns is the check's own. */
export async function check(name, work) {
  try {
    const result = await work();
    passed += 1;
    console.log(`ok      ${name}`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
    return undefined;
  }
}

/** Prints the count; false if a check failed, or none ran. */
export function summary() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}
