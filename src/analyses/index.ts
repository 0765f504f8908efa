import type { AnyAnalysis } from "../analysis.js";
import { baskets } from "./baskets.js";
import { churn } from "./churn.js";
import { rfm } from "./rfm.js";
import { segments } from "./segments.js";
import { value } from "./value.js";

/** Every analysis, in the order of the report. */
export const ANALYSES: readonly AnyAnalysis[] = [rfm, segments, value, churn, baskets];
