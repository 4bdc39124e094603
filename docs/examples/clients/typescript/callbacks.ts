// Whether a callback comes from the installation that has the secret. As a program it reads a JSON of `secret`,
// `headers` and `body`, and prints true or false.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** headers: names in small letters, as Node has them; body: the bytes as they came. */
export function isOurs(secret: string, headers: Record<string, string | undefined>, body: Uint8Array): boolean {
  const { "webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signatures } = headers;
  if (!id || !stamp || !signatures || !(Math.abs(Date.now() / 1000 - Number(stamp)) <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest("base64"));
  // Two signatures while the secret is rotated.
  return signatures.split(" ").some((given) => {
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
  console.log(JSON.stringify(isOurs(secret, headers, Buffer.from(body))));
}
