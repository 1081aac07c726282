// Everything of others that reads Parquet. The build bundles this one module with all that it imports,
// so that the package needs no other at run time and a page that reads no Parquet does not load it.

export { parquetMetadataAsync, parquetScan, parquetSchema } from "hyparquet";
export { compressors } from "hyparquet-compressors";
