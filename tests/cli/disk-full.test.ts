import { spawnSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ordersCsv, shopOrders } from "./orders.js";
import { writePipeline } from "./pipeline.js";
import {
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  type TemporaryFolder,
} from "./process.js";

/** Whether a tiny file system can be mounted here: for root, outside most containers. */
const CAN_MOUNT = (() => {
  const folder = makeFolder();
  const mounted = mount(folder.path);
  if (mounted) spawnSync("umount", [folder.path]);
  folder.remove();
  return mounted;
})();
const WHY_NOT = CAN_MOUNT ? "" : " (skipped: needs root and mount)";

function mount(path: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]).status === 0;
}

/** A folder whose `disk` holds one megabyte. */
function folderWithDisk(): TemporaryFolder {
  const folder = folderOfTest();
  mkdirSync(folder.at("disk"));
  expect(mount(folder.at("disk"))).toBe(true);
  onTestFinished(() => void spawnSync("umount", [folder.at("disk")]));
  return folder;
}

/** Takes all but some bytes of the disk. */
function fill(disk: string, left: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize - left));
}

test.skipIf(!CAN_MOUNT)(
  `a disk that fills up under rfm --out: exit 5, earlier results stay${WHY_NOT}`,
  async () => {
    const folder = folderWithDisk();
    folder.write("orders.csv", ordersCsv(shopOrders(8)));
    expectSuccess(await crmAnalyze(folder, "rfm", "orders.csv", "--out", "disk/results"));
    fill(folder.at("disk"), 24_000);
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--out", "disk/results");
    expectFailure(finished, 5);
    expect(finished.stderr).toMatch(/no space/i);
    expect(finished.stderr, "the cure").toMatch(/--out|free/);
    expect(folder.contents()).toEqual(before);
  },
);

test.skipIf(!CAN_MOUNT)(
  `a disk that fills up under run: exit 5, earlier results stay${WHY_NOT}`,
  async () => {
    const folder = folderWithDisk();
    writePipeline(folder);
    expectSuccess(await crmAnalyze(folder, "run", "shop.yml", "--out", "disk/out"));
    fill(folder.at("disk"), 24_000);
    const before = folder.contents();
    const finished = await crmAnalyze(
      folder,
      "run",
      "shop.yml",
      "--out",
      "disk/out",
      "--as-of",
      "2025-06-29",
    );
    expectFailure(finished, 5);
    expect(finished.stderr).toMatch(/no space/i);
    expect(finished.stderr, "the cure").toMatch(/--out|free/);
    expect(folder.contents()).toEqual(before);
  },
);
