import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { constants, Script } from "node:vm";

/**
 * The bundle with what V8 made of it when the program was built: compiling it anew takes longer than a small
 * file takes to be answered. Another version of V8 takes no notice of what this one made, and compiles.
 */
export class CompiledBundle {
  #folder;
  #outside;
  #modules = new Map();
  #scripts = new Map();

  /** @param folder the URL of the folder that holds the chunks, with a slash at its end */
  constructor(folder) {
    this.#folder = folder;
    this.#outside = createRequire(folder);
  }

  /** What a chunk exports, as `require` gives it: `./cli.cjs`. */
  load(name) {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const path = fileURLToPath(new URL(name, this.#folder));
    this.#run(path)(module.exports, (id) => this.#require(id), module, path);
    return module.exports;
  }

  /**
   * Keeps what V8 has compiled so far of the chunks loaded, each beside its chunk. V8 tells a chunk by its length
   * alone, so the build empties the folder before it writes new ones.
   */
  keep() {
    for (const [path, script] of this.#scripts) writeFileSync(`${path}.v8`, script.createCachedData());
  }

  #require(id) {
    return id.startsWith("./") ? this.load(id) : this.#outside(id);
  }

  #run(path) {
    const kept = existsSync(`${path}.v8`) ? { cachedData: readFileSync(`${path}.v8`) } : {};
    const text = `(function (exports, require, module, __filename) {${readFileSync(path, "utf8")}\n})`;
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const script = new Script(text, { filename: path, importModuleDynamically, ...kept });
    this.#scripts.set(path, script);
    return script.runInThisContext();
  }
}
