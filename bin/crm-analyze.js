#!/usr/bin/env node
import { CompiledBundle } from "./compiled.js";

const { main } = new CompiledBundle(new URL("../dist/bundle/", import.meta.url)).load("./cli.cjs");
process.exitCode = await main(process.argv.slice(2));
