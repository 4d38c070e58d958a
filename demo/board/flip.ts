/** Lets cards glide to where a change put them (first, last, invert, play), so that the eye can follow others' moves. */

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export function gliding(board: HTMLElement, change: () => void): void {
  if (calm.matches) {
    change();
    return;
  }
  const cards = () => board.querySelectorAll<HTMLElement>('.card[data-id]');
  const before = new Map([...cards()].map(card => [card.dataset['id'], card.getBoundingClientRect()]));
  change();
  if (before.size === 0) return;
  for (const card of cards()) {
    const was = before.get(card.dataset['id']);
    const is = card.getBoundingClientRect();
    if (!was) {
      card.animate([{opacity: 0, scale: 0.97}, {}], {duration: 180, easing: 'ease-out'});
      continue;
    }
    const x = was.x - is.x;
    const y = was.y - is.y;
    if (Math.hypot(x, y) < 2) continue;
    card.animate([{translate: `${x}px ${y}px`}, {translate: '0 0'}], {
      duration: 220,
      easing: 'cubic-bezier(0.2, 0.8, 0.3, 1)',
    });
  }
}
