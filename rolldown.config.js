import { defineConfig } from "rolldown";

/** The program as `bin/` starts it: a chunk a command, of which only DuckDB's native binding stays outside. */
export default defineConfig({
  input: "dist/src/cli.js",
  platform: "node",
  external: ["@duckdb/node-bindings"],
  logLevel: "silent",
  output: {
    dir: "dist/bundle",
    cleanDir: true,
    // Node reads these with fewer steps than modules, and can be handed what it compiled before.
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    minify: true,
  },
});
