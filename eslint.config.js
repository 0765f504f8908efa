import tseslint from "typescript-eslint";

const CLOCK_AND_CHANCE = [
  { object: "Date", property: "now", message: "the clock comes in as an argument" },
  { object: "Math", property: "random", message: "chance comes in as a seeded Random" },
];

export default tseslint.config(
  { ignores: ["dist/", "out/", "node_modules/"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "max-params": ["error", 3],
      "max-lines-per-function": ["error", { max: 40, skipComments: true, skipBlankLines: true }],
      "no-restricted-properties": ["error", ...CLOCK_AND_CHANCE],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-control-regex": "error",
    },
  },
  { files: ["tests/**", "src/cli.ts", "src/texts/**"], rules: { "max-lines-per-function": "off" } },
);
