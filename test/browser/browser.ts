/**
 * A real Chromium on the dashboard of a real manager. A visit keeps account of what must not happen: messages on the
 * console, violations of the content security policy, requests that leave the manager.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { ensurePrograms } from "../support/packages.ts";

export interface VisitOptions {
  readonly colours?: "light" | "dark";
  /** CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly isPhone?: boolean;
}

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2, levels A and AA, and what the field takes for good practice besides. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What runs in the page is text: it is no part of this program, and has another world around it. */
const REPORT_VIOLATIONS = `document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  console.error("the content security policy forbids " + violatedDirective + ": " + blockedURI);
});`;

/** Of every connection, when a container of this machine starts or ends. The page has to bear it. */
const NETWORK_CHANGED = /ERR_NETWORK_CHANGED/;

const MOST_TRIES = 3;
const LOADED_MS = 20_000;

/** Debian's Chromium, without anything that speaks to the world by itself. Rejects when it cannot be installed. */
export async function startBrowser(): Promise<Browser> {
  await ensurePrograms({ chromium: "chromium" });
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}

export class Visit {
  readonly page: Page;
  /** What must not happen, and did. */
  readonly faults: string[] = [];
  readonly requests: string[] = [];
  readonly #context: BrowserContext;
  readonly #url: string;
  #expected: readonly RegExp[] = [NETWORK_CHANGED];

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    context.on("request", (request) => this.requests.push(request.url()));
    context.on("weberror", (error) => this.#fault(`error: ${error.error().message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.#fault(`console: ${message.text()} (${message.location().url})`);
      }
    });
  }

  /** A window of its own, with nothing kept from another one. `url` is the manager's. */
  static async begin(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
    const { colours = "light", isPhone = false, size = isPhone ? PHONE : WIDE } = options;
    const context = await browser.newContext({
      viewport: size,
      colorScheme: colours,
      reducedMotion: "reduce",
      hasTouch: isPhone,
      isMobile: isPhone,
      deviceScaleFactor: 1,
    });
    await context.addInitScript({ content: REPORT_VIOLATIONS });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    return new Visit(context, page, url);
  }

  /** From now on the console may say such things: the browser complains of every answer that is no success. */
  expectFaults(...patterns: readonly RegExp[]): void {
    this.#expected = [NETWORK_CHANGED, ...patterns];
  }

  /** Goes to a page of the dashboard, and waits until what it shows is live. */
  async open(path: string): Promise<void> {
    const shell = this.page.locator(".shell");
    for (let tries = 1; ; tries += 1) {
      await this.page.goto(`${this.#url}/ui${path}`);
      try {
        await shell.waitFor({ timeout: LOADED_MS });
        break;
      } catch (error) {
        // The script itself may have been cut off (NETWORK_CHANGED): whoever looks loads the page again.
        if (tries === MOST_TRIES) throw error;
      }
    }
    await this.untilLive();
  }

  async untilLive(): Promise<void> {
    await this.page.locator(".connection.live").waitFor({ state: "attached" });
  }

  /** Requests that left the manager. What the page made itself (`blob:`) leaves nothing. */
  get strayRequests(): readonly string[] {
    return this.requests.filter((request) => !request.startsWith(`${this.#url}/`) && !request.startsWith("blob:"));
  }

  /** What axe finds on the page as it is now: the rule, what it asks for, and where it is broken. */
  async accessibilityFaults(): Promise<readonly string[]> {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(RULES)} })`);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}\n${html}\n${failureSummary}`),
    );
  }

  async end(): Promise<void> {
    await this.#context.close();
  }

  #fault(what: string): void {
    if (!this.#expected.some((pattern) => pattern.test(what))) this.faults.push(what);
  }
}
