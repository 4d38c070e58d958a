/** Tells a screen reader what just happened, through the one live region of the page. */
export function announce(message: string): void {
  const region = document.querySelector('#announcer');
  if (region) region.textContent = message;
}
