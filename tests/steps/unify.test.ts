import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engines/engine.js";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "../../src/entities.js";
import { openLog } from "../../src/log.js";
import { barePlan, type Plan } from "../../src/pipeline.js";
import { readRelations } from "../../src/relation.js";
import { quoteText } from "../../src/sql.js";
import { buildRelation, relationNamed } from "../../src/steps/build.js";
import { IDENTITIES, settle, type PreviousRun } from "../../src/steps/settle.js";
import { unify } from "../../src/steps/unify.js";
import { emptyEntitySql, openWarehouse, rowsOf, temporaryFolder } from "../engines/warehouse.js";

/** A customer or a contact as a system holds it; a document's customer has a key and nothing else. */
interface TestRecord {
  readonly source: string;
  readonly kind: "customer" | "contact" | "document";
  readonly key: string;
  readonly cells?: Readonly<Record<string, string>>;
}

const customer = (source: string, key: string, cells: Record<string, string> = {}): TestRecord => ({
  source,
  kind: "customer",
  key,
  cells,
});
const contact = (source: string, key: string, cells: Record<string, string> = {}): TestRecord => ({
  source,
  kind: "contact",
  key,
  cells,
});

const SOURCES = ["erp", "crm", "billing"];
const RELATIONS = readRelations();
const silent = { begin: () => {}, end: () => {}, warn: () => {} };

function planWith(identity: Partial<Plan["identity"]> = {}): Plan {
  const plan = barePlan({ name: "test", directory: "", files: {} }, { asOfDate: "2025-12-31" });
  const mapping = { source: "x", description: "", files: {} };
  return {
    ...plan,
    sources: SOURCES.map((name) => ({ name, directory: "", mapping })),
    identity: { ...plan.identity, ...identity },
  };
}

/** A staged entity with these rows, and with its columns where there are none. */
function entitySql(
  entity: EntityName,
  rows: readonly { source: string; cells: Readonly<Record<string, string>> }[],
): string {
  const columns = Object.entries(ENTITIES[entity].columns);
  const rowSql = (source: string, cells: Readonly<Record<string, string>>) => {
    const values = columns.map(([name, type]) => {
      const cell = cells[name];
      const text = cell === undefined ? `empty_${type}()` : quoteText(cell);
      return `${type === "date" ? `cast(${text} as date)` : text} as ${name}`;
    });
    return `select cast(1 as smallint) as file_id, ${quoteText(source)} as source, ${values.join(", ")}`;
  };
  return [emptyEntitySql(entity), ...rows.map(({ source, cells }) => rowSql(source, cells))].join(
    " union all ",
  );
}

interface Unified {
  /** The records of each customer as `source kind key`, sorted. */
  readonly customers: readonly (readonly string[])[];
  /** The customer of each record. */
  readonly ids: ReadonlyMap<string, number>;
  readonly matchedBy: ReadonlyMap<string, string>;
}

interface Run {
  readonly identity?: Partial<Plan["identity"]>;
  readonly previous?: PreviousRun;
}

async function unified(engine: Engine, records: readonly TestRecord[], run: Run = {}): Promise<Unified> {
  for (const entity of ENTITY_NAMES) {
    const of = (kind: TestRecord["kind"], keyColumn: string) =>
      records
        .filter((record) => record.kind === kind)
        .map(({ source, key, cells }) => ({ source, cells: { [keyColumn]: key, ...cells } }));
    const rows =
      entity === "customers"
        ? of("customer", "customer_key")
        : entity === "contacts"
          ? of("contact", "contact_key")
          : entity === "orders"
            ? of("document", "customer_key")
            : [];
    await engine.create(`staged.${entity}`, entitySql(entity, rows));
  }
  await settle(engine, planWith(run.identity), run.previous);
  await unify({ engine, relations: RELATIONS, log: openLog(silent) });
  const lineage = await rowsOf(
    engine,
    "select * from unified.lineage order by source, record_kind, record_key",
  );
  const nameOf = (row: Record<string, unknown>) =>
    `${String(row["source"])} ${String(row["record_kind"])} ${String(row["record_key"])}`;
  const ids = new Map(lineage.map((row) => [nameOf(row), Number(row["customer_id"])]));
  const byId = new Map<number, string[]>();
  for (const [name, id] of ids) byId.set(id, [...(byId.get(id) ?? []), name]);
  return {
    ids,
    customers: [...byId.values()].map((names) => names.sort()).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
    matchedBy: new Map(lineage.map((row) => [nameOf(row), String(row["matched_by"])])),
  };
}

/** Keeps what a run leaves for the next. */
async function leave(engine: Engine): Promise<PreviousRun> {
  const directory = temporaryFolder();
  mkdirSync(join(directory, "state"));
  await buildRelation(
    { engine, relations: RELATIONS, log: openLog(silent) },
    relationNamed(RELATIONS, IDENTITIES),
  );
  await engine.save(
    "select source, record_kind, record_key, customer_id from unified.identities",
    join(directory, "state", "lineage.parquet"),
  );
  return { directory, asOfDate: "2025-11-30" };
}

/** Who is tied to whom by a forest of parents. */
function componentsOf(count: number, pairs: readonly (readonly [number, number])[]): number[][] {
  const parents = Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => (parents[i] === i ? i : find(parents[i]!));
  for (const [a, b] of pairs) parents[find(a)] = find(b);
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) groups.set(find(i), [...(groups.get(find(i)) ?? []), i]);
  return [...groups.values()];
}

describe("records that share a key are one customer", () => {
  const LIMIT = 4;

  test("over any number of steps, as a union-find says", async () => {
    const engine = await openWarehouse();
    const recordOf = fc.record({
      source: fc.constantFrom(...SOURCES),
      kind: fc.constantFrom("customer", "contact"),
      email: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined, freq: 2 }),
      phone: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined, freq: 2 }),
      taxId: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined, freq: 2 }),
      company: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined, freq: 1 }),
      link: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined, freq: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(recordOf, { minLength: 1, maxLength: 25 }), async (drawn) => {
        const records = drawn.map(({ source, kind, email, phone, taxId, company, link }, i): TestRecord => {
          const employer = company === undefined ? undefined : drawn[company];
          const target = link === undefined ? undefined : drawn[link];
          const cells = {
            ...(email === undefined ? {} : { email: `ann${email}@firm.example` }),
            ...(phone === undefined
              ? {}
              : { phone: i % 2 === 0 ? `030 123456${10 + phone}` : `+49 30/123456${10 + phone}` }),
          };
          if (kind === "contact") {
            const isEmployed = employer?.kind === "customer" && employer.source === source;
            return contact(source, `k${i}`, {
              ...cells,
              ...(isEmployed ? { customer_key: `k${company}` } : {}),
            });
          }
          return customer(source, `k${i}`, {
            ...cells,
            ...(taxId === undefined ? {} : { tax_id: `DE10${taxId + 10}` }),
            ...(target === undefined ? {} : { linked_source: target.source, linked_key: `k${link}` }),
          });
        });
        const nameOf = (i: number) => `${records[i]!.source} ${records[i]!.kind} ${records[i]!.key}`;
        const pairs: [number, number][] = [];
        for (const [key, normal] of [
          ["email", (text: string) => text],
          ["phone", (text: string) => text.replace(/\D/g, "").replace(/^(0|49)/, "")],
          ["tax_id", (text: string) => text],
        ] as const) {
          const byValue = new Map<string, number[]>();
          records.forEach(({ cells }, i) => {
            const text = cells?.[key];
            if (text !== undefined) byValue.set(normal(text), [...(byValue.get(normal(text)) ?? []), i]);
          });
          for (const sharers of byValue.values())
            if (sharers.length <= LIMIT) for (const other of sharers) pairs.push([sharers[0]!, other]);
        }
        records.forEach(({ kind, cells }, i) => {
          if (kind === "contact" && cells?.["customer_key"] !== undefined)
            pairs.push([i, Number(cells["customer_key"].slice(1))]);
          if (cells?.["linked_key"] !== undefined) pairs.push([i, Number(cells["linked_key"].slice(1))]);
        });
        const expected = componentsOf(records.length, pairs)
          .map((group) => group.map(nameOf).sort())
          .sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
        const { customers } = await unified(engine, records, {
          identity: { max_records_per_key: LIMIT, calling_code: "49" },
        });
        expect(customers).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  test("along a chain of eighty", async () => {
    const engine = await openWarehouse();
    const records = Array.from({ length: 80 }, (_, i) =>
      customer("crm", `k${(i * 37) % 80}`, {
        email: `link${Math.floor(i / 2)}@firm.example`,
        ...(i === 0 || i === 79 ? {} : { tax_id: `TAX${1000 + Math.floor((i + 1) / 2)}` }),
      }),
    );
    expect((await unified(engine, records)).customers).toHaveLength(1);
  });

  test("whatever the order of the rows", async () => {
    const engine = await openWarehouse();
    const records = Array.from({ length: 30 }, (_, i) =>
      customer(SOURCES[i % 3]!, `k${i}`, { email: `a${Math.floor(i / 4)}@firm.example` }),
    );
    const first = await unified(engine, records);
    const second = await unified(engine, records.toReversed());
    expect([...second.ids]).toEqual([...first.ids]);
  });
});

describe("a value nobody owns ties nobody together", () => {
  const two = (cells: Record<string, string>) => [customer("erp", "1", cells), customer("crm", "2", cells)];

  test.each([
    ["an e-mail of a department", { email: "info@firm.example" }, false],
    ["an e-mail of a person", { email: "ann@firm.example" }, true],
    ["an e-mail that the pipeline names", { email: "nobody@firm.example" }, false],
    ["no e-mail at all", { email: "unknown" }, false],
    ["a phone number", { phone: "030 12345678" }, true],
    ["a phone number of one digit", { phone: "000-0000-000" }, false],
    ["a phone number too short", { phone: "110" }, false],
    ["a phone number that the pipeline names", { phone: "030 99988877" }, false],
    ["a tax id", { tax_id: "DE123456789" }, true],
    ["a tax id too short", { tax_id: "NONE" }, false],
  ])("%s", async (_, cells, isTied) => {
    const engine = await openWarehouse();
    const { customers } = await unified(engine, two(cells as Record<string, string>), {
      identity: { calling_code: "49", generic_values: ["info", "nobody@firm.example", "493099988877"] },
    });
    expect(customers).toHaveLength(isTied ? 1 : 2);
  });

  test("a value that more records share than the limit is nobody's, at the limit it is somebody's", async () => {
    const engine = await openWarehouse();
    const sharers = (count: number) =>
      Array.from({ length: count }, (_, i) => customer("crm", `k${i}`, { email: "ann@firm.example" }));
    const identity = { max_records_per_key: 5 };
    expect((await unified(engine, sharers(5), { identity })).customers).toHaveLength(1);
    expect((await unified(engine, sharers(6), { identity })).customers).toHaveLength(6);
  });
});

describe("contacts, links and documents", () => {
  test("a contact belongs to its company, in its own system only", async () => {
    const engine = await openWarehouse();
    const { customers, matchedBy } = await unified(engine, [
      customer("crm", "C1"),
      customer("erp", "C1"),
      contact("crm", "P1", { customer_key: "C1" }),
      contact("crm", "P2", { customer_key: "C1" }),
      contact("crm", "P3"),
      contact("crm", "P4", { customer_key: "unknown" }),
    ]);
    expect(customers).toEqual([
      ["crm contact P1", "crm contact P2", "crm customer C1"],
      ["crm contact P3"],
      ["crm contact P4"],
      ["erp customer C1"],
    ]);
    expect(matchedBy.get("crm contact P1")).toBe("link");
    expect(matchedBy.get("crm contact P3")).toBe("");
  });

  test("a contact and a customer may have the same key and be different", async () => {
    const engine = await openWarehouse();
    const { customers } = await unified(engine, [customer("crm", "1"), contact("crm", "1")]);
    expect(customers).toEqual([["crm contact 1"], ["crm customer 1"]]);
  });

  test("a record may name its record in another system, a contact there too", async () => {
    const engine = await openWarehouse();
    const { customers, matchedBy } = await unified(engine, [
      customer("billing", "B1", { linked_source: "crm", linked_key: "P1" }),
      customer("crm", "C1", { linked_source: "erp", linked_key: "E1" }),
      contact("crm", "P1", { customer_key: "C1" }),
      customer("erp", "E1"),
      customer("billing", "B2", { linked_source: "crm", linked_key: "no such" }),
    ]);
    expect(customers).toEqual([
      ["billing customer B1", "crm contact P1", "crm customer C1", "erp customer E1"],
      ["billing customer B2"],
    ]);
    expect(matchedBy.get("billing customer B1")).toBe("link");
  });

  test("a link to a key that a customer and a contact both have ties it to one of them", async () => {
    const engine = await openWarehouse();
    const { customers } = await unified(engine, [
      customer("billing", "B1", { linked_source: "crm", linked_key: "1" }),
      customer("crm", "1"),
      contact("crm", "1"),
    ]);
    expect(customers).toHaveLength(2);
  });

  test("more records than the limit may link to one", async () => {
    const engine = await openWarehouse();
    const contacts = Array.from({ length: 30 }, (_, i) => contact("crm", `P${i}`, { customer_key: "C1" }));
    expect((await unified(engine, [customer("crm", "C1"), ...contacts])).customers).toHaveLength(1);
  });

  test("a customer that only documents name is a customer", async () => {
    const engine = await openWarehouse();
    const document = (key: string): TestRecord => ({
      source: "erp",
      kind: "document",
      key,
      cells: { order_date: "2025-01-01" },
    });
    const { customers } = await unified(engine, [
      customer("erp", "E1"),
      document("E1"),
      document("E2"),
      document("E2"),
    ]);
    expect(customers).toEqual([["erp customer E1"], ["erp customer E2"]]);
  });

  test("details come from the first system of the pipeline that has them", async () => {
    const engine = await openWarehouse();
    await unified(engine, [
      customer("billing", "B1", { email: "ann@firm.example", customer_name: "Firm (billing)", city: "Bonn" }),
      customer("crm", "C1", { email: "ann@firm.example", customer_name: "Firm", customer_kind: "company" }),
      customer("erp", "E1", { tax_id: "DE123456789" }),
      customer("crm", "C2", { tax_id: "DE123456789", customer_name: "Second" }),
      contact("crm", "P1", { contact_name: "Ann Lee" }),
    ]);
    const rows = await rowsOf(
      engine,
      "select customer_key, customer_source, customer_name, customer_kind, record_count from unified.customers order by customer_key",
    );
    expect(rows).toEqual([
      {
        customer_key: "C1",
        customer_source: "crm",
        customer_name: "Firm",
        customer_kind: "company",
        record_count: 2,
      },
      {
        customer_key: "E1",
        customer_source: "erp",
        customer_name: "Second",
        customer_kind: null,
        record_count: 2,
      },
      {
        customer_key: "P1",
        customer_source: "crm",
        customer_name: "Ann Lee",
        customer_kind: "person",
        record_count: 1,
      },
    ]);
  });

  test("no records at all are no customers", async () => {
    const engine = await openWarehouse();
    expect((await unified(engine, [])).customers).toEqual([]);
    expect(await rowsOf(engine, "select customer_id from unified.customers")).toEqual([]);
  });
});

describe("ids stay from run to run", () => {
  const ann = customer("crm", "M", { email: "ann@firm.example" });
  const bob = customer("crm", "P", { email: "bob@firm.example" });
  const idOf = ({ ids }: Unified, { source, kind, key }: TestRecord) => ids.get(`${source} ${kind} ${key}`);

  test("when nothing changes, and when records are added before and behind", async () => {
    const engine = await openWarehouse();
    const first = await unified(engine, [ann, bob]);
    const previous = await leave(engine);
    expect([...(await unified(engine, [ann, bob], { previous })).ids]).toEqual([...first.ids]);
    const added = await unified(
      engine,
      [customer("billing", "A"), customer("crm", "A"), ann, bob, customer("erp", "Z")],
      { previous },
    );
    expect([idOf(added, ann), idOf(added, bob)]).toEqual([idOf(first, ann), idOf(first, bob)]);
    const fresh = [...added.ids.values()].filter((id) => id !== idOf(first, ann) && id !== idOf(first, bob));
    expect(fresh.sort()).toEqual([3, 4, 5]);
  });

  test("when a record joins a customer, the customer keeps its id", async () => {
    const engine = await openWarehouse();
    const first = await unified(engine, [ann, bob]);
    const previous = await leave(engine);
    const joined = customer("billing", "A", { email: "bob@firm.example" });
    const second = await unified(engine, [joined, ann, bob], { previous });
    expect(idOf(second, joined)).toBe(idOf(first, bob));
    expect(idOf(second, ann)).toBe(idOf(first, ann));
  });

  test("when two customers become one, it has the lower id", async () => {
    const engine = await openWarehouse();
    const first = await unified(engine, [ann, bob]);
    const previous = await leave(engine);
    const bridge = contact("crm", "X", { email: "ann@firm.example", phone: "+49 30 12345678" });
    const moved = { ...bob, cells: { ...bob.cells, phone: "+49 30 12345678" } };
    const second = await unified(engine, [ann, moved, bridge], { previous });
    expect(second.customers).toHaveLength(1);
    expect(idOf(second, ann)).toBe(Math.min(idOf(first, ann)!, idOf(first, bob)!));
  });

  test("when a customer becomes two, the first record keeps the id and the other gets a new one", async () => {
    const engine = await openWarehouse();
    const same = { ...bob, cells: { email: "ann@firm.example" } };
    const first = await unified(engine, [ann, same]);
    expect(first.customers).toHaveLength(1);
    const previous = await leave(engine);
    const second = await unified(engine, [ann, bob], { previous });
    expect(idOf(second, ann)).toBe(idOf(first, ann));
    expect(idOf(second, bob)).toBe(2);
  });

  test("an id that was given up is not given to another customer later", async () => {
    const engine = await openWarehouse();
    const first = await unified(engine, [ann, bob]);
    const gone = idOf(first, bob);
    const second = await unified(engine, [ann], { previous: await leave(engine) });
    expect([...second.ids.values()]).toEqual([idOf(first, ann)]);
    const stranger = customer("crm", "S", { email: "stranger@firm.example" });
    const third = await unified(engine, [ann, stranger], { previous: await leave(engine) });
    expect(idOf(third, stranger)).not.toBe(gone);
  });

  test("over random runs: ids are one each, and a customer that did not change keeps its own", async () => {
    const engine = await openWarehouse();
    const state = fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 6 })), {
      minLength: 1,
      maxLength: 15,
    });
    const recordsOf = (drawn: readonly (readonly [number, number])[]) =>
      [...new Map(drawn).entries()].map(([key, mail]) =>
        customer("crm", `k${key}`, { email: `a${mail}@firm.example` }),
      );
    await fc.assert(
      fc.asyncProperty(state, state, async (before, after) => {
        const first = await unified(engine, recordsOf(before));
        const second = await unified(engine, recordsOf(after), { previous: await leave(engine) });
        const unchanged = first.customers.filter((names) =>
          second.customers.some((others) => others.join() === names.join()),
        );
        for (const names of unchanged) expect(second.ids.get(names[0]!)).toBe(first.ids.get(names[0]!));
        const fresh = [...second.ids].filter(([name]) => !first.ids.has(name));
        const known = new Set([...second.ids].filter(([name]) => first.ids.has(name)).map(([, id]) => id));
        for (const [, id] of fresh) if (!known.has(id)) expect([...first.ids.values()]).not.toContain(id);
      }),
      { numRuns: 10, seed: 12 },
    );
  });
});
