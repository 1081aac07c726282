// The least host of the probe: one and the same module runs here, in a page and in Envoy, so that what
// differs is the engine. It knows the calls by which the probe reads a path and answers.

/** Starts the module. Gives a function from a path to the probe's `{ status, body }`. */
export async function startProbe(bytes) {
  let path = "";
  let response = null;
  const text = new TextDecoder();
  const memory = () => instance.exports.memory.buffer;
  const readText = (at, length) => text.decode(new Uint8Array(memory(), at, length));
  const known = {
    proxy_log: (level, at, length) => {
      console.error(`probe: ${readText(at, length)}`);
      return 0;
    },
    proxy_get_header_map_value: (map, key, keyLength, valueAt, lengthAt) => {
      if (readText(key, keyLength) !== ":path") throw new Error("the probe reads no header but :path");
      const value = new TextEncoder().encode(path);
      const at = instance.exports.malloc(value.length);
      new Uint8Array(memory(), at, value.length).set(value);
      const view = new DataView(memory());
      view.setUint32(valueAt, at, true);
      view.setUint32(lengthAt, value.length, true);
      return 0;
    },
    proxy_send_local_response: (status, details, detailsLength, body, bodyLength) => {
      response = { status, body: readText(body, bodyLength) };
      return 0;
    },
  };
  const module = await WebAssembly.compile(bytes);
  const env = {};
  for (const { name } of WebAssembly.Module.imports(module)) {
    env[name] = known[name] ?? (() => {
      throw new Error(`the probe calls ${name}, which this host has not`);
    });
  }
  const instance = await WebAssembly.instantiate(module, { env });
  const root = 1;
  let context = root;
  instance.exports._initialize();
  instance.exports.proxy_on_context_create(root, 0);
  return (asked) => {
    path = asked;
    response = null;
    context += 1;
    instance.exports.proxy_on_context_create(context, root);
    instance.exports.proxy_on_request_headers(context, 0, 1);
    instance.exports.proxy_on_delete(context);
    return response;
  };
}

/** What the parity tests of these names compare, by name. */
export async function goldens(bytes, tests) {
  const ask = await startProbe(bytes);
  return Object.fromEntries(
    tests.map((test) => {
      try {
        const { status, body } = ask(`/goldens/${test}`);
        if (status === 200) return [test, body];
        throw new Error(`the probe has no such test (${status})`);
      } catch (error) {
        throw new Error(`${test} fails here: ${error.message}`, { cause: error });
      }
    }),
  );
}
