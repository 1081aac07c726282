// What a Parquet page says of itself, checked before hyparquet believes it: a size that is missing sends
// its reader round without end, and a count that is too high fills the memory, from which no caller can
// take it back. The build inserts the calls, see scripts/strict-hyparquet.mjs.

/** The header of a page, as hyparquet names its fields. Each may be missing or any number in a damaged file. */
export interface PageHeader {
  type?: string;
  compressed_page_size?: number;
  uncompressed_page_size?: number;
  data_page_header?: { num_values?: number };
  dictionary_page_header?: { num_values?: number };
  data_page_header_v2?: {
    num_values?: number;
    num_nulls?: number;
    num_rows?: number;
    definition_levels_byte_length?: number;
    repetition_levels_byte_length?: number;
  };
}

/** Throws unless a page fits into the `bytesLeft` of its column's chunk, and its values into the `valuesLeft`. */
export function checkPage(header: PageHeader, bytesLeft: number, valuesLeft: number): void {
  const { compressed_page_size: bytes, uncompressed_page_size: pageBytes } = header;
  const { dictionary_page_header: dictionary, data_page_header_v2: v2 } = header;
  if (!isCount(bytes, bytesLeft) || !isCount(pageBytes, Infinity)) throw damaged();
  switch (header.type) {
    case "DATA_PAGE":
      if (!isCount(header.data_page_header?.num_values, valuesLeft)) throw damaged();
      break;
    case "DATA_PAGE_V2":
      if (
        !isCount(v2?.num_values, valuesLeft) ||
        !isCount(v2.num_nulls, v2.num_values) ||
        !isCount(v2.num_rows, v2.num_values) ||
        !isCount(v2.repetition_levels_byte_length, bytes) ||
        !isCount(v2.definition_levels_byte_length, bytes - v2.repetition_levels_byte_length)
      ) {
        throw damaged();
      }
      break;
    case "DICTIONARY_PAGE":
      // No value of a dictionary takes less than a byte.
      if (!isCount(dictionary?.num_values, pageBytes)) throw damaged();
  }
}

/** Throws unless the blocks of a delta encoding that holds more than its first value make headway. */
export function checkDeltaBlocks(blockValues: number, blockParts: number, count: number): void {
  if (count > 1 && !(blockParts > 0 && blockValues >= blockParts)) throw damaged();
}

/** Throws unless a string can begin with `length` bytes of the `previous` one. */
export function checkPrefix(length: number, previous: Uint8Array | undefined): void {
  if (length > (previous?.length ?? 0)) throw damaged();
}

function isCount(value: number | undefined, most: number): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= most;
}

function damaged(): Error {
  return new Error("a page says of itself what cannot be");
}
