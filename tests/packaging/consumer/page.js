// Compares the flights, once streamed as CSV and once from Parquet in a Blob.
import { compare } from "tidegate";

const get = async (file) => {
  const response = await fetch(`/${file}`);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return response;
};
const reference = async () => (await get("flights_reference.csv")).body;
const csv = await compare(await reference(), (await get("flights_current.csv")).body);
const parquet = await compare(await reference(), await (await get("flights_current.zstd.parquet")).blob());
window.reports = JSON.stringify({ csv, parquet });
