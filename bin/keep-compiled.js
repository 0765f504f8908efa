import { fileURLToPath } from "node:url";
import { CompiledBundle } from "./compiled.js";

// Part of the build: answers small files, so that what V8 compiles for them is there when the program starts.
const orders = fileURLToPath(new URL("../fixtures/readme/orders.csv", import.meta.url));
const lines = fileURLToPath(new URL("../fixtures/tiny/lines.csv", import.meta.url));
const bundle = new CompiledBundle(new URL("../dist/bundle/", import.meta.url));
const { main } = bundle.load("./cli.cjs");
const [out, err] = [process.stdout.write, process.stderr.write];
process.stdout.write = process.stderr.write = () => true;
const codes = [await main(["rfm", orders]), await main(["baskets", lines])];
[process.stdout.write, process.stderr.write] = [out, err];
bundle.keep();
if (codes.some((code) => code !== 0))
  console.error(`small files were not answered: exit codes ${codes.join(", ")}`);
