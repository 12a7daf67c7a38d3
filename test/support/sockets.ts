/** TCP on the loopback. */
import { connect, createServer, type Server } from "node:net";

/** A TCP port of the loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All that a TCP server says to whoever connects. */
export async function answerOf(host: string, port: number): Promise<string> {
  const socket = connect({ host, port, timeout: 2000 });
  socket.on("timeout", () => socket.destroy(new Error(`no answer from ${host}:${String(port)}`)));
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Listens on a free port, which it resolves to. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
