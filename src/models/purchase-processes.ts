import { bgNbd } from "./bg-nbd.js";
import { mbgCnbdK, mbgNbd } from "./mbg-cnbd.js";
import { paretoNbd } from "./pareto-nbd.js";
import type { PurchaseModelName, PurchaseProcess } from "./purchases.js";

/** Every model of purchases by its name. */
export const PURCHASE_PROCESSES: Readonly<Record<PurchaseModelName, PurchaseProcess>> = {
  "bg-nbd": bgNbd,
  "mbg-nbd": mbgNbd,
  "mbg-cnbd-k": mbgCnbdK,
  "pareto-nbd": paretoNbd,
};
