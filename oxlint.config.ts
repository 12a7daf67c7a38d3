import { defineConfig, type DummyRuleMap, type OxlintOverride } from "oxlint";
import { forbiddenImports, type Layer, LAYERS } from "./scripts/layers.ts";

/** Folders nest at most this deep inside a layer's. */
const DEEPEST = 2;

/** The world, which reaches a pure folder only through its arguments. */
const WORLD = [
  { name: "Date", message: "Time comes in as `now`: a core never asks for it." },
  { name: "performance", message: "Time comes in as `now`: a core never asks for it." },
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map((name) => ({
    name,
    message: "A wish to be woken is an effect; the host has the timers.",
  })),
  ...["process", "console", "globalThis", "fetch", "crypto", "Buffer", "WebSocket"].map((name) => ({
    name,
    message: "A pure folder touches nothing outside: hand it in, or hand out an effect.",
  })),
];

function layerRules(layer: Layer, depth: number): OxlintOverride {
  const group = forbiddenImports(layer, depth);
  const uses = [...layer.uses, ...(layer.pure ? ["typebox"] : [])].join(", ") || "nothing";
  const message = `${layer.folder}/ may import ${uses} besides its own files: ${layer.reason}.`;
  const rules: DummyRuleMap = {};
  if (layer.pure) {
    // One group for both: a later group that lets an import through would overrule an earlier one.
    group.unshift("**", "!typebox", "!typebox/**", "!./**", "!../**");
    rules["no-restricted-globals"] = ["error", ...WORLD];
    rules["no-restricted-properties"] = [
      "error",
      { object: "Math", property: "random", message: "Chance comes in as `random`, so that a simulation can seed it." },
    ];
  }
  rules["no-restricted-imports"] = ["error", { patterns: [{ group, message }] }];
  return { files: [`src/${layer.folder}/${"*/".repeat(depth)}*.ts`], rules };
}

/** A layer inside another one's folder comes after it, since the last override that fits a file decides. */
function layering(): OxlintOverride[] {
  const outerFirst = LAYERS.toSorted((a, b) => a.folder.split("/").length - b.folder.split("/").length);
  return outerFirst.flatMap((layer) => Array.from({ length: DEEPEST + 1 }, (_, depth) => layerRules(layer, depth)));
}

/** The dashboard stands outside of src/, as any other client does. */
const DASHBOARD = {
  group: [
    ...["**/src/**", "node:*"],
    ...["client", "api", "node", "task", "utils"].map((layer) => `!**/src/${layer}/**`),
    ...["**/src/api/http/**", "**/src/client/node-*"],
  ],
  message:
    "web/ may import client/, api/ (but not what serves it) and node/, task/, utils/: it is a client in a browser.",
};

function off(...rules: readonly string[]): DummyRuleMap {
  return Object.fromEntries(rules.map((rule) => [rule, "off"] as const));
}

const UNTYPED = ["argument", "assignment", "call", "member-access", "return"].map(
  (what) => `typescript/no-unsafe-${what}`,
);

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  env: { builtin: true, node: true },
  ignorePatterns: ["dist", "coverage"],
  rules: {
    // Types tell the truth.
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unsafe-argument": "error",
    "typescript/no-unsafe-assignment": "error",
    "typescript/no-unsafe-call": "error",
    "typescript/no-unsafe-member-access": "error",
    "typescript/no-unsafe-return": "error",
    "typescript/no-unnecessary-condition": "error",
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/switch-exhaustiveness-check": [
      "error",
      { allowDefaultCaseForExhaustiveSwitch: true, considerDefaultExhaustiveForUnions: true },
    ],
    "typescript/strict-boolean-expressions": "error",
    "typescript/restrict-template-expressions": "error",
    "typescript/restrict-plus-operands": "error",
    "typescript/prefer-readonly": "error",
    "typescript/prefer-nullish-coalescing": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/no-deprecated": "error",
    // No promise is left floating, no error swallowed.
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    "no-empty": "error",
    // A file is one concern and fits two screens.
    "max-lines": ["error", 400],
    "max-params": ["error", 3],
    "max-depth": ["error", 4],
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "import/no-default-export": "error",
    "import/no-cycle": "error",
    "oxc/no-barrel-file": "error",
    // One way to write a thing.
    eqeqeq: "error",
    "no-var": "error",
    "prefer-const": "error",
    "prefer-template": "error",
    "object-shorthand": "error",
    "no-nested-ternary": "error",
    "no-param-reassign": "error",
    "no-warning-comments": "error",
    "unicorn/prefer-node-protocol": "error",
    "typescript/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "vitest/no-focused-tests": "error",
    "vitest/no-disabled-tests": "error",
    "vitest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "assert*", "fc.assert", "until*"] }],
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    // Of the categories above, what does not suit this code.
    "no-await-in-loop": "off", // one after the other is often meant
    "no-control-regex": "off", // terminals are made of them
    "no-underscore-dangle": "off", // what is not used begins with one
    "no-unmodified-loop-condition": "off", // does not see what a callback changes
    "import/no-named-as-default-member": "off",
    "oxc/no-async-endpoint-handlers": "off", // takes Fastify for Express
    "oxc/no-map-spread": "off", // values are never changed in place
    "typescript/consistent-return": "off", // the compiler's noImplicitReturns knows better
    "typescript/no-unnecessary-type-parameters": "off",
    "typescript/no-unsafe-type-assertion": "off", // how a checked value gets its branded type
    "unicorn/consistent-function-scoping": "off", // a small function beside its use reads best
    "unicorn/no-array-reverse": "off",
    "unicorn/no-array-sort": "off", // sorts a copy made for it
    "unicorn/no-useless-spread": "off", // words that belong together in a list of arguments
    "unicorn/prefer-set-has": "off",
    "vitest/no-conditional-expect": "off",
    "vitest/no-conditional-tests": "off", // suites run for what an implementation can do
    "vitest/no-standalone-expect": "off",
    "vitest/require-to-throw-message": "off",
  },
  overrides: [
    { files: ["src/**"], rules: { "no-console": "error" } },
    ...layering(),
    {
      files: ["web/src/**"],
      rules: {
        // A style sheet is imported for what it does to the page.
        "import/no-unassigned-import": ["error", { allow: ["**/*.css"] }],
        "no-restricted-imports": ["error", { patterns: [DASHBOARD] }],
      },
    },
    {
      // Tests play the world, and what they look at comes from it untyped.
      files: ["**/*.test.ts", "**/*.suite.ts", "test/**"],
      rules: off(
        "no-restricted-imports",
        "no-restricted-globals",
        "no-restricted-properties",
        "max-lines",
        "typescript/no-unnecessary-condition",
        "typescript/require-array-sort-compare",
        ...UNTYPED,
      ),
    },
    { files: ["examples/*.js"], rules: off(...UNTYPED) },
    { files: ["*.config.ts", "examples/*.js"], rules: off("import/no-default-export") },
  ],
});
