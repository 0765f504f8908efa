import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engines/engine.js";
import { rowsOf } from "../engines/warehouse.js";
import { built, customers, daysAgo, exported, type Cells } from "./churn-warehouse.js";

const product = (source: string, product_key: string, told: Cells): Cells => ({
  source,
  product_key,
  ...told,
});

/** A line of an order of a source's customer, 10 a piece. */
const line = (source: string, product_key: string, ...[day, quantity]: readonly [number, number]): Cells => ({
  source,
  order_key: `${product_key} ${day}`,
  line_key: "1",
  customer_key: "c1",
  order_date: daysAgo(day),
  product_key,
  quantity,
  line_amount: 10 * quantity,
});

/** One customer of a shop and its ERP, which name P1 alike and P9 not; P7 no export names. */
const firm = (): Promise<Engine> =>
  exported({
    customers: customers("c1").flatMap((cells) =>
      ["erp", "web"].map((source) => ({ ...cells, source, email: "c1@buyer.example" })),
    ),
    products: [
      product("erp", "P1", { product_name: "Beans", is_discontinued: true, stock_quantity: 0 }),
      product("web", "P1", {
        product_name: "Beans",
        category: "Coffee",
        is_discontinued: false,
        stock_quantity: 3,
      }),
      product("erp", "P9", { product_name: "Cake" }),
      product("web", "P9", { product_name: "Tea" }),
      product("web", "P8", { product_name: "Tea" }),
    ],
    order_lines: [
      line("erp", "P1", 90, 2),
      line("web", "P1", 60, 3),
      line("web", "P1", 30, -1),
      line("erp", "P9", 50, 1),
      line("web", "P9", 40, 1),
      line("web", "P8", 35, 1),
      line("erp", "P7", 20, 1),
      line("web", "P7", 10, 1),
    ],
  });

describe("products of several sources", () => {
  test("are one where key and name are the same, and are told by what either knows", async () => {
    const engine = await firm();
    await built(engine, "features.basket_products");
    const rows = await rowsOf(
      engine,
      `select product_label, category, is_discontinued, is_out_of_stock, line_amount
        from features.basket_products order by product_number`,
    );
    const unknown = { category: null, is_discontinued: false, is_out_of_stock: false };
    expect(rows).toEqual([
      { ...unknown, product_label: "Beans", category: "Coffee", line_amount: 50 },
      { ...unknown, product_label: "P7", line_amount: 10 },
      { ...unknown, product_label: "Cake", line_amount: 10 },
      { ...unknown, product_label: "P7", line_amount: 10 },
      { ...unknown, product_label: "Tea (P8)", line_amount: 10 },
      { ...unknown, product_label: "Tea (P9)", line_amount: 10 },
    ]);
  });

  test("are bought and given back as one", async () => {
    const engine = await firm();
    await built(engine, "features.next_best_holdings");
    const rows = await rowsOf(
      engine,
      `select product_label, purchase_count, is_returned, returns.quantity as returned
        from features.next_best_holdings as holdings
        inner join features.basket_products as products on holdings.product_number = products.product_number
        left join features.next_best_returns as returns on holdings.product_number = returns.product_number
        where place = 0 and product_label = 'Beans'`,
    );
    expect(rows).toEqual([{ product_label: "Beans", purchase_count: 2, is_returned: false, returned: 1 }]);
  });
});
