import { afterAll } from "vitest";
import { removeFolders } from "./cli/process.js";

afterAll(removeFolders);
