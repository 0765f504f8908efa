import type { AnyAnalysis } from "../analysis.js";
import { rfm } from "./rfm.js";

/** Every analysis, in the order of the report. */
export const ANALYSES: readonly AnyAnalysis[] = [rfm];
