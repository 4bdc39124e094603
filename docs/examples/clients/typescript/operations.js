// Writes operations.ts, which compiles when the generated clients have the operations of their documents, each and
// no other, an amount is a string, and a refusal is nothing else.
//
//     node operations.js DIRECTORY_OF_THE_CONTRACTS
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const METHODS = ["get", "put", "post", "delete", "patch"];

function operations(document) {
  const { paths, webhooks = {} } = JSON.parse(readFileSync(join(process.argv[2], document), "utf8"));
  const items = [...Object.values(paths), ...Object.values(webhooks)];
  return items.flatMap((item) => METHODS.filter((method) => item[method]).map((method) => item[method].operationId));
}

const all = (document, name, of) =>
  `export const ${name}: Record<keyof ${of}, true> = { ${operations(document).map((id) => `${id}: true`).join(", ")} };\n`;

writeFileSync(
  "operations.ts",
  'import type { components, operations as Wsa } from "./wsa.js";\n' +
    'import type { operations as Ops } from "./wsa_ops.js";\n' +
    all("clients.json", "wsa", "Wsa") +
    all("ops.json", "ops", "Ops") +
    'export const amount: components["schemas"]["Price"]["total"] = "518.85";\n' +
    'export const paid: components["schemas"]["Payment"]["amount"] = "518.85";\n' +
    'declare const refusal: components["schemas"]["Refusal"];\n' +
    "// @ts-expect-error a refusal is nothing else\n" +
    'export const accepted: components["schemas"]["Accepted"] = refusal;\n' +
    "// @ts-expect-error a refusal is nothing else\n" +
    'export const done: components["schemas"]["PayOrderDone"] = refusal;\n',
);
