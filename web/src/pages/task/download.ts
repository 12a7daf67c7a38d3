/** Saves what a stream gives as a file, once it has ended. */
export async function download(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  // What comes from the network is never shared memory.
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>);
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replaceAll(/[^\w.-]+/g, "-");
  link.click();
  URL.revokeObjectURL(url);
}
