import { expect, test } from "vitest";
import { apiUrl } from "./api-url.ts";

test.each([
  { where: "on loopback, this machine alone", listenHost: "127.0.0.1", advertised: "10.0.0.7", host: "127.0.0.1" },
  { where: "everywhere, by what is advertised", listenHost: "0.0.0.0", advertised: "10.0.0.7", host: "10.0.0.7" },
  {
    where: "on one address, by what is advertised",
    listenHost: "10.0.0.7",
    advertised: "w1.example",
    host: "w1.example",
  },
  { where: "on one address, by it alone", listenHost: "10.0.0.7", advertised: "127.0.0.1", host: "10.0.0.7" },
  { where: "everywhere, by nothing that is advertised", listenHost: "::", advertised: "127.0.0.1", host: "127.0.0.1" },
  { where: "everywhere, by an address of IPv6", listenHost: "::", advertised: "fd00::7", host: "[fd00::7]" },
])("an API is reached $where", ({ listenHost, advertised, host }) => {
  expect(apiUrl("http://127.0.0.1:8081", { listenHost, advertised })).toBe(`http://${host}:8081`);
});

test("says what it speaks", () => {
  const place = { listenHost: "0.0.0.0", advertised: "worker1.example" };
  expect(apiUrl("https://127.0.0.1:8443", place)).toBe("https://worker1.example:8443");
});
