import type { AnalysisContext } from "../analysis.js";
import type { CallTerms } from "../models/call-list.js";
import type { Candidates, CandidateSettings } from "../models/churn-candidates.js";
import type { LikelyLeak } from "../models/leak-check.js";
import type { ChurnConfig } from "./churn-config.js";
import { EVIDENCE_READS, type Evidence } from "./churn-evidence.js";
import type { ChurnFeature } from "./churn-features.js";
import type { Shortfall } from "./churn-shortfalls.js";
import type { Trial } from "./churn-trial.js";

/** The relations that churn reads. */
export const CHURN_READS = [
  ...EVIDENCE_READS,
  "facts.currencies",
  "features.alert_signals",
  "features.churn",
  "features.churn_comparison",
  "features.churn_outcomes",
  "features.churn_types",
  "features.churn_warnings",
  "features.churn_windows",
  "unified.customers",
] as const;
/** What churn may read and write. */
export type ChurnContext = AnalysisContext<(typeof CHURN_READS)[number]>;

/** What was learnt of who leaves. */
export interface Learnt {
  readonly trial: Trial;
  /** Fitted to all that is known, for tonight. */
  readonly candidates: Candidates;
  readonly settings: CandidateSettings;
  readonly features: readonly ChurnFeature[];
  readonly leaks: readonly LikelyLeak[];
  /** Share of the customers of the latest snapshot who left. */
  readonly baseRate: number;
  /** What makes the list: expected loss, the rule in use, or, where no money is known, the probability alone. */
  readonly ships: "model" | "rule" | "probability";
}

/** All that the section tells. */
export interface ChurnFindings {
  readonly config: ChurnConfig;
  readonly evidence: Evidence;
  /** Why nothing could be learnt; empty when it could. */
  readonly shortfalls: readonly Shortfall[];
  readonly learnt: Learnt | undefined;
  readonly terms: CallTerms;
}
