import { tell } from "../tell.js";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { latestRun } from "../runs.js";

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Prints where the last report is, and opens it when asked. @returns 0 */
export async function reportCommand({
  output,
  isOpen,
}: {
  output: string | undefined;
  isOpen: boolean;
}): Promise<number> {
  const path = join(await latestRun(output), "report.html");
  process.stdout.write(`${path}\n`);
  if (!isOpen) return 0;
  const [program, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program!, [...args, path], { detached: true, stdio: "ignore" });
  child.on("error", () => tell(`${program}: cannot open it here; open the path above in a browser`));
  child.unref();
  return 0;
}
