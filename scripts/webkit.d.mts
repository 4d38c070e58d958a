/** A handle of a tab; WebDriver's. */
type Tab = string;
export interface WebKit {
  tabs(): Promise<Tab[]>;
  newTab(): Promise<Tab>;
  goto(tab: Tab, url: string): Promise<void>;
  url(tab: Tab): Promise<string>;
  evaluate(tab: Tab, expression: string, limit?: number): Promise<unknown>;
  closeTab(tab: Tab): Promise<void>;
  end(): Promise<void>;
}
export function startWebKit(): Promise<WebKit>;
