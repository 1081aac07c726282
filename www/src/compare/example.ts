/** Example files that come with the page; they are fetched from where the page itself came from. */
export async function loadFiles(names: readonly string[]): Promise<File[]> {
  return Promise.all(
    names.map(async (name) => {
      const response = await fetch(new URL(`./examples/${name}`, document.baseURI));
      if (!response.ok) throw new Error(`${name} was answered with status ${response.status}`);
      return new File([await response.blob()], name);
    }),
  );
}

/** A reference and a current table. */
export const loadExample = () => loadFiles(["elec2-reference.csv", "elec2-current.csv"]);
