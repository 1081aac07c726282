// Where bytes come from: memory, a Blob or File, or a stream. A file is read in pieces, so that it
// is never in memory twice.

/** The bytes of a CSV or Parquet file. */
export type Bytes = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bytes that can be read at any offset. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `start` up to `end`; fewer at the end of the source. */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes that come in order, once. */
export interface ByteSequence {
  /** Their number, where it is known beforehand. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

// Each piece is copied into WebAssembly's memory and dropped; small pieces keep that copy small.
const CHUNK_BYTES = 1 << 20;

export function isBytes(input: unknown): input is Bytes {
  return (
    input instanceof Uint8Array || input instanceof ArrayBuffer || input instanceof Blob || isStream(input)
  );
}

/** Bytes that come in order. */
export type Stream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export function isStream(input: unknown): input is Stream {
  if (input instanceof ReadableStream) return true;
  return typeof input === "object" && input !== null && Symbol.asyncIterator in input;
}

/** Random access to bytes that are not a stream. */
export function byteSource(bytes: Uint8Array | ArrayBuffer | Blob): ByteSource {
  if (bytes instanceof Blob) {
    return {
      size: bytes.size,
      slice: async (start, end) => new Uint8Array(await bytes.slice(start, end).arrayBuffer()),
    };
  }
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return { size: view.byteLength, slice: async (start, end) => view.subarray(start, end) };
}

/** A source from its beginning to its end. */
export function sequence(source: ByteSource): ByteSequence {
  async function* chunks() {
    for (let start = 0; start < source.size; start += CHUNK_BYTES) {
      yield await source.slice(start, Math.min(start + CHUNK_BYTES, source.size));
    }
  }
  return { size: source.size, chunks: chunks() };
}

/** A stream whose beginning is known; whoever has it closes it. */
export interface OpenStream extends ByteSequence {
  /** The first bytes, which come with the others once more. */
  readonly head: Uint8Array;
  /** Lets go of the stream, read to its end or not. */
  close(): Promise<unknown>;
}

/** Opens a stream and reads the first `wanted` bytes, or what there are. */
export async function openStream(stream: Stream, wanted: number): Promise<OpenStream> {
  const pieces = iterate(stream);
  const read: Uint8Array[] = [];
  for (let length = 0; length < wanted;) {
    const { done, value } = await pieces.next();
    if (done) break;
    read.push(value);
    length += value.byteLength;
  }
  async function* chunks() {
    yield* read.splice(0);
    yield* pieces;
  }
  const head = concatenate(read);
  return { head, size: undefined, chunks: chunks(), close: () => pieces.return(undefined) };
}

/** What bytes that gzip compressed hold. */
export function decompressed({ chunks }: ByteSequence): ReadableStream<Uint8Array> {
  const pieces = chunks[Symbol.asyncIterator]();
  const source = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
  return source.pipeThrough(new DecompressionStream("gzip"));
}

/** Everything in memory, for formats that must be read from their end. */
export async function collect({ chunks }: ByteSequence): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks) pieces.push(piece);
  return concatenate(pieces);
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}

async function* iterate(stream: Stream): AsyncGenerator<Uint8Array, undefined> {
  if (!(stream instanceof ReadableStream)) {
    yield* stream;
    return;
  }
  // Not every browser can iterate over a stream.
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
