import { existsSync, readFileSync } from "node:fs";

/** The folder that holds package.json, `sql/` and `pipelines/`, for the compiled and the plain source alike. */
export const packageRoot: URL = findRoot(new URL("./", import.meta.url));

function findRoot(directory: URL): URL {
  return existsSync(new URL("package.json", directory)) ? directory : findRoot(new URL("../", directory));
}

/** The version of crm-analyze, from its package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
