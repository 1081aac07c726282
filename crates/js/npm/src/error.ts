/** What went wrong, in one sentence that says where and what to do. */
export class TidegateError extends Error {
  override readonly name = "TidegateError";

  /** The kind of the error, to branch on: it does not change when the sentence is reworded. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Runs `work`; what it throws comes out as a `TidegateError` whose message begins with `place`, where
 * there is one to name.
 */
export function locate<T>(place: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw located(place, error);
  }
}

/** `error` as a `TidegateError`, unless it is one already: with the core's own code, or else `code`. */
export function located(place: string | undefined, error: unknown, code = "Internal"): TidegateError {
  if (error instanceof TidegateError) return error;
  const fault = error instanceof Error ? error : new Error(String(error));
  const own = "code" in fault && typeof fault.code === "string" ? fault.code : code;
  const why =
    error instanceof WebAssembly.RuntimeError
      ? `the computation stopped (${error.message}); the data may not fit into the 4 GB that WebAssembly can address`
      : fault.message;
  return new TidegateError(own, !place ? why : `${place}: ${why}`, { cause: error });
}
