import { createServer } from "node:net";
import { createSocket } from "node:dgram";
import type { PortBinding } from "../task/task.ts";

/** The first that something on this machine already listens on: cheaper to ask than to let an engine fail. */
export async function takenPort(ports: readonly PortBinding[]): Promise<PortBinding | undefined> {
  const free = await Promise.all(ports.map((port) => (port.protocol === "tcp" ? isTcpFree(port) : isUdpFree(port))));
  return ports.find((_, index) => free[index] === false);
}

function isTcpFree({ host: port, address }: PortBinding): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isUdpFree({ host: port, address }: PortBinding): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
