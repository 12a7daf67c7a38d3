/** A key for a request that may be sent twice and shall be done once. `crypto.randomUUID` is there for pages over TLS alone. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(16).padStart(8, "0")).join("");
}
