const NAMES = ["elec2-reference.csv", "elec2-current.csv"] as const;

/** The example that comes with the page; it is fetched from where the page itself came from. */
export async function loadExample(): Promise<File[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const response = await fetch(new URL(`./examples/${name}`, document.baseURI));
      if (!response.ok) throw new Error(`${name} was answered with status ${response.status}`);
      return new File([await response.blob()], name, { type: "text/csv" });
    }),
  );
}
