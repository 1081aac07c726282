// What a tick of the gateway's leader costs in WebAssembly, and how much it reads and writes of shared data: the filter itself, in a
// host that keeps shared data in memory and has no streams but posts of events.
//
// Usage: node tick.mjs WASM_FILE...
import { readFile } from "node:fs/promises";

const TICKS = 61;
/** Labelled predictions, or units, that come before each tick. */
const A_TICK = 20;
const FIRST_NANOS = 1_790_000_040n * 1_000_000_000n;
const [OK, NOT_FOUND, CAS_MISMATCH] = [0, 1, 8];
const [REQUEST_BODY, PLUGIN_CONFIG] = [0, 7];

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node tick.mjs WASM_FILE...");
  process.exit(2);
}

const config = {
  admin: { token: "secret" },
  experiments: [
    { name: "known", unit: { header: "x-user" }, variants: [{ name: "a", weight: 0.5 }, { name: "b", weight: 0.5 }] },
  ],
  models: [{ match: { path_prefix: "/v2" }, protocol: "open_inference" }],
};

const bytesOf = (text) => new TextEncoder().encode(text);

/** The ABI's form of a header map. */
function encodePairs(pairs) {
  const texts = pairs.flat().map(bytesOf);
  const bytes = new Uint8Array(4 + texts.reduce((sum, text) => sum + 5 + text.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, pairs.length, true);
  texts.forEach((text, index) => view.setUint32(4 + 4 * index, text.length, true));
  let at = 4 + 4 * texts.length;
  for (const text of texts) {
    bytes.set(text, at);
    at += text.length + 1;
  }
  return bytes;
}

/** A filter that is configured, and its only context leads. */
async function gateway(file) {
  const shared = new Map();
  const buffers = new Map([[PLUGIN_CONFIG, bytesOf(JSON.stringify(config))]]);
  let [now, writes, status, context] = [FIRST_NANOS, 0, 0, 1];
  let moved = { read: 0, written: 0 };
  let wasm;
  const view = () => new DataView(wasm.memory.buffer);
  const read = (at, length) => new Uint8Array(wasm.memory.buffer, at, length).slice();
  const text = (at, length) => new TextDecoder().decode(read(at, length));
  const give = (bytes, data, size) => {
    const at = wasm.malloc(Math.max(bytes.length, 1));
    new Uint8Array(wasm.memory.buffer).set(bytes, at);
    view().setUint32(data, at, true);
    view().setUint32(size, bytes.length, true);
    return OK;
  };
  const pairs = [[":method", "POST"], [":path", "/.tidegate/v1/events"], ["authorization", "Bearer secret"]];
  const calls = {
    proxy_get_current_time_nanoseconds: (at) => (view().setBigUint64(at, now, true), OK),
    proxy_get_buffer_bytes: (buffer, start, most, data, size) => {
      const bytes = buffers.get(buffer);
      return bytes ? give(bytes.subarray(start, start + most), data, size) : NOT_FOUND;
    },
    proxy_define_metric: (_kind, _name, _size, id) => (view().setUint32(id, 1, true), OK),
    proxy_get_header_map_pairs: (_map, data, size) => give(encodePairs(pairs), data, size),
    proxy_get_property: () => NOT_FOUND,
    proxy_get_shared_data: (key, keySize, data, size, version) => {
      const held = shared.get(text(key, keySize));
      if (!held) return NOT_FOUND;
      moved.read += held.bytes.length;
      view().setUint32(version, held.version, true);
      return give(held.bytes, data, size);
    },
    proxy_set_shared_data: (key, keySize, data, size, version) => {
      const name = text(key, keySize);
      const held = shared.get(name);
      if (version !== 0 && held && held.version !== version) return CAS_MISMATCH;
      moved.written += size;
      writes += 1;
      shared.set(name, { bytes: read(data, size), version: writes });
      return OK;
    },
    proxy_send_local_response: (code) => ((status = code), OK),
  };
  // What else it calls is done, as far as it can tell.
  const env = new Proxy(calls, { get: (own, name) => own[name] ?? (() => OK) });
  const module = await WebAssembly.compile(await readFile(file));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = env[name];
  }
  wasm = (await WebAssembly.instantiate(module, imports)).exports;
  wasm._initialize?.();
  wasm.proxy_on_context_create(1, 0);
  if (!wasm.proxy_on_configure(1, buffers.get(PLUGIN_CONFIG).length)) throw new Error("the config is refused");
  return {
    post(events) {
      const body = bytesOf(events);
      context += 1;
      wasm.proxy_on_context_create(context, 1);
      wasm.proxy_on_request_headers(context, pairs.length, 0);
      buffers.set(REQUEST_BODY, body);
      wasm.proxy_on_request_body(context, body.length, 1);
      wasm.proxy_on_log(context);
      wasm.proxy_on_delete(context);
      if (status !== 200) throw new Error(`events are answered by ${status}`);
    },
    /** Milliseconds. */
    tick() {
      now += 1_000_000_000n;
      const start = performance.now();
      wasm.proxy_on_tick(1);
      return performance.now() - start;
    },
    /** Bytes of shared data since the last time that it was asked. */
    moved() {
      const before = moved;
      moved = { read: 0, written: 0 };
      return before;
    },
  };
}

const labelled = (versions) => (index) => {
  const id = `0b6f1f6c-${index}`;
  return [
    {
      type: "inference", model_name: `m${(index % versions) >> 3}`, model_version: `${index % 8}`, prediction_id: id,
      predictions: [(index % 3) % 2 ? "x" : "y"], confidences: [0.5 + (index % 500) / 1000],
    },
    { type: "label", prediction_id: id, label: "y" },
  ];
};

const unit = (index) => [
  { type: "inference", model_name: "m", predictions: ["a"], unit: `u${index}`, variants: { known: "ab"[index % 2] } },
  ...(index % 3 === 0 ? [{ type: "conversion", experiment: "known", unit: `u${index}`, value: 1.5 }] : []),
];

const rows = [];
for (const [what, count, events] of [
  ["8 labelled versions", 8_000, labelled(8)],
  ["64 labelled versions", 64_000, labelled(64)],
  ["50,000 units", 50_000, unit],
]) {
  const body = (from, to) => {
    const indices = Array.from({ length: to - from }, (_, offset) => from + offset);
    return indices.flatMap(events).map((event) => `${JSON.stringify(event)}\n`).join("");
  };
  // Those of several filters take turns.
  const gateways = [];
  for (const file of files) gateways.push(await gateway(file));
  for (let from = 0; from < count; from += 2_000) {
    for (const each of gateways) {
      each.post(body(from, Math.min(from + 2_000, count)));
      each.tick();
    }
  }
  const times = gateways.map((each) => (each.moved(), []));
  for (let round = 0; round < TICKS; round++) {
    const from = count + round * A_TICK;
    gateways.forEach((each, place) => {
      each.post(body(from, from + A_TICK));
      times[place].push(each.tick());
    });
  }
  gateways.forEach((each, place) => {
    const sorted = times[place].toSorted((one, other) => one - other);
    const { read, written } = each.moved();
    rows.push({
      what,
      ...(files.length > 1 && { filter: files[place] }),
      "median, ms": sorted[TICKS >> 1].toFixed(1),
      "longest, ms": sorted.at(-1).toFixed(1),
      "read, KB": (read / TICKS / 1000).toFixed(0),
      "written, KB": (written / TICKS / 1000).toFixed(0),
    });
  });
}
console.log(`a tick of the leader in wasm, with ${A_TICK} more of them each`);
console.table(rows);
